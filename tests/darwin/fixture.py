"""Pytest fixtures around the Darwin-like root, for a conftest to import."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.darwin.requirements import obstacle
from tests.darwin.root import DarwinRoot


@pytest.fixture(scope="session")
def root_possible() -> None:
    """Skips, saying what is needed, where no Darwin-like root can be made."""
    if reason := obstacle():
        pytest.skip(reason)


@pytest.fixture
def darwin_root(root_possible: None) -> Iterator[DarwinRoot]:
    """A new Darwin-like root for one test."""
    with DarwinRoot() as root:
        yield root
