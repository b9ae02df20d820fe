"""Fixtures: one root with an installer, for all tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.conftest import fetched, nix_packages
from tests.darwin.fixture import root_possible
from tests.darwin.root import DarwinRoot
from tests.nixinstall.site import Site

__all__ = ["nix_packages", "root_possible"]


@pytest.fixture(scope="module")
def site(nix_packages: list[Path]) -> Iterator[Site]:
    """A root with an installer, and no Nix."""
    with DarwinRoot() as root:
        place = Site(root)
        fetched(lambda: place.prepare(nix_packages))
        yield place
