"""A supervisor for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.supervisor.harness import Launchd


@pytest.fixture
def launchd(everybodys: Path) -> Iterator[Launchd]:
    """A running supervisor over an empty root."""
    running = Launchd(everybodys / "root")
    try:
        yield running
    finally:
        running.stop()
