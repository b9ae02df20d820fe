"""Fixtures that every test may use."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import support
from tests.unit.supervisor.harness import Launchd

# The default run tries the same examples every time: only a change of ours makes it fail.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile("fixed")


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root that has just been initialised; copy it, do not change it."""
    root = tmp_path_factory.mktemp("pristine") / "root"
    root.mkdir()
    with support.directory(root).change():
        pass
    return root


@pytest.fixture
def root(pristine: Path, tmp_path: Path) -> Path:
    """A fresh initialised root of this test's own."""
    copy = tmp_path / "root"
    shutil.copytree(pristine, copy, symlinks=True)
    return copy


@pytest.fixture
def everybodys() -> Iterator[Path]:
    """A temporary directory that is not below pytest's own, which no other user may enter."""
    with tempfile.TemporaryDirectory(prefix="dirserv-") as path:
        Path(path).chmod(0o755)
        yield Path(path)


@pytest.fixture
def launchd(everybodys: Path) -> Iterator[Launchd]:
    """A running supervisor over an empty root."""
    running = Launchd(everybodys / "root")
    try:
        yield running
    finally:
        running.stop()
