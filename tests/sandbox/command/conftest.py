"""Installations for the tests of the command."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.command import harness
from tests.sandbox.command.harness import WAYS, Installation


@pytest.fixture
def tmp_path(everybodys: Path) -> Path:
    """One that every user can reach."""
    return everybodys


@pytest.fixture(params=WAYS)
def anyhow(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """An installation that runs commands unconfined, in each of the ways it can."""
    if request.param == "bash" and not shutil.which("bash"):
        pytest.skip("no bash here; it is the shell of a Darling prefix")
    return Installation(tmp_path, request.param)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """An installation without settings."""
    return Installation(tmp_path)


@pytest.fixture
def somebody() -> dict[str, Any]:
    """Options that run the command as a user without any right."""
    return harness.somebody()
