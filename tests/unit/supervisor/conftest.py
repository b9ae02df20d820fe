"""A supervisor for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.supervisor.harness import Launchd


@pytest.fixture
def launchd(tmp_path: Path) -> Iterator[Launchd]:
    """A running supervisor over an empty root."""
    running = Launchd(tmp_path / "root")
    try:
        yield running
    finally:
        running.stop()
