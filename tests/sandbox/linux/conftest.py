"""What the tests of enforcement share."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty directory that every user can reach; pytest's own lie in one that is private."""
    made = Path(tempfile.mkdtemp(prefix="sandbox-")).resolve()
    made.chmod(0o777)
    yield made
    shutil.rmtree(made)
