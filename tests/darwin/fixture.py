"""Pytest fixtures around the Darwin-like root, for a conftest to import."""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.darwin.layout import CALLS
from tests.darwin.requirements import obstacle
from tests.darwin.root import DarwinRoot


@pytest.fixture(scope="session")
def root_possible() -> None:
    """Skips, saying what is needed, where no Darwin-like root can be made."""
    if reason := obstacle():
        pytest.skip(reason)


@contextlib.contextmanager
def counted_root(test: str) -> Iterator[DarwinRoot]:
    """A new Darwin-like root. Which of our commands ran there, and how often, is added under the
    name of the test to the file that DIRSERV_CALLS names."""
    with DarwinRoot() as root:
        yield root
        if place := os.environ.get("DIRSERV_CALLS"):
            counts = Counter(root.read(CALLS).split())
            with open(place, "a") as log:
                log.write(json.dumps({"test": test, "calls": counts}) + "\n")


@pytest.fixture
def darwin_root(root_possible: None, request: pytest.FixtureRequest) -> Iterator[DarwinRoot]:
    """A new Darwin-like root for one test."""
    with counted_root(request.node.nodeid) as root:
        yield root
