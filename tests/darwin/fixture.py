"""Pytest fixtures around the Darwin-like root, for a conftest to import."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.darwin.layout import CALLS
from tests.darwin.requirements import obstacle
from tests.darwin.root import DarwinRoot
from tests.evidence import notes


@pytest.fixture(scope="session")
def root_possible() -> None:
    """Skips, saying what is needed, where no Darwin-like root can be made."""
    if reason := obstacle():
        pytest.skip(reason)


@contextlib.contextmanager
def counted_root(test: str) -> Iterator[DarwinRoot]:
    """A new Darwin-like root. Which of our commands ran there, and how often, is noted under the
    name of the test."""
    with DarwinRoot() as root:
        yield root
        notes.note(notes.CALLS, test=test, calls=Counter(root.read(CALLS).split()))


@pytest.fixture
def darwin_root(root_possible: None, request: pytest.FixtureRequest) -> Iterator[DarwinRoot]:
    """A new Darwin-like root for one test."""
    with counted_root(request.node.nodeid) as root:
        yield root
