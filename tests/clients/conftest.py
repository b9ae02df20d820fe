"""Fixtures of the client tests: the Darwin-like root, and what has to be fetched for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.clients import nixpkg
from tests.clients.archive import ArchiveUnreachable
from tests.darwin.fixture import darwin_root, root_possible

__all__ = ["darwin_root", "root_possible"]

T = TypeVar("T")


def fetched(fetch: Callable[[], T]) -> T:
    """What `fetch` returns; without an archive the test skips, but under CI=true it fails."""
    try:
        return fetch()
    except ArchiveUnreachable as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"the archive must be reachable in CI: {error}")
        pytest.skip(f"the archive cannot be reached: {error}")


@pytest.fixture(scope="session")
def migration_scripts(root_possible: None) -> dict[str, bytes]:
    """Nix's real migration scripts by name."""
    return fetched(lambda: {name: nixpkg.script(name) for name in nixpkg.SCRIPTS})


@pytest.fixture(scope="session")
def nix_packages(root_possible: None) -> list[Path]:
    """The .deb files of the real nix-daemon that this machine lacks."""
    return fetched(nixpkg.packages)
