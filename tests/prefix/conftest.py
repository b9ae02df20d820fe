"""A place for trees that other users reach too."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def everybodys() -> Iterator[Path]:
    """A temporary directory that is not below pytest's own, which no other user may enter."""
    with tempfile.TemporaryDirectory(prefix="dirserv-") as path:
        Path(path).chmod(0o755)
        yield Path(path)
