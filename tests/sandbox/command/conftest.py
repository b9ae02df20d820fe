"""Installations for the tests of the command."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.sandbox.command.harness import PYTHON, WAYS, Installation
from tests.support import CHECKOUT, is_root


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
def somebody(tmp_path: Path) -> dict[str, object]:
    """Options that run the command as a user without any right, who can reach ``tmp_path``."""
    if not is_root():
        pytest.skip("needs root, to become somebody else")
    for directory in (tmp_path, *tmp_path.parents[:2]):
        directory.chmod(0o755)
    who = {"user": 65533, "group": 65533, "extra_groups": []}
    script = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); import sandbox_stub.view"
    try:
        subprocess.run([PYTHON, "-I", "-S", "-c", script], check=True, **who)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"other users may not run {PYTHON} or read {CHECKOUT}")
    return who
