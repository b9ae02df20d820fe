"""The real nix-instantiate, from Debian, and the expressions that it evaluates."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients import nixpkg
from tests.clients.conftest import fetched
from tests.darwin.layout import CHECKOUT

Result = subprocess.CompletedProcess[str]
Instantiate = Callable[..., Result]

#: A directory that holds nixpkgs' own lib; with it the modules are evaluated by that as well.
NIXPKGS = os.environ.get("DIRSERV_TEST_NIXPKGS")


@pytest.fixture(scope="session")
def instantiate(tmp_path_factory: pytest.TempPathFactory) -> Instantiate:
    """Runs nix-instantiate with arguments; nothing of it reaches the machine."""
    home = tmp_path_factory.mktemp("nix")
    program, libraries = shutil.which("nix-instantiate"), ""
    if program is None:
        for deb in fetched(nixpkg.packages):
            subprocess.run(["dpkg-deb", "-x", str(deb), str(home)], check=True)
        program = str(home / "usr/bin/nix-instantiate")
        libraries = ":".join({str(file.parent) for file in home.rglob("*.so*")})
    env = {"HOME": str(home), "LD_LIBRARY_PATH": libraries, "NIX_CONFIG": "build-users-group =",
           **{f"NIX_{kind}_DIR": f"{home}/{kind}" for kind in ("STATE", "STORE", "LOG", "CONF")}}

    def run(*argv: str) -> Result:
        return subprocess.run([program, "--store", "dummy://", *argv], env=env, cwd=CHECKOUT,
                              capture_output=True, text=True, check=False, timeout=60)

    return run


@pytest.fixture(params=["our lib", "nixpkgs' lib"])
def lib(request: pytest.FixtureRequest) -> list[str]:
    """The arguments that choose who evaluates a module."""
    if request.param == "our lib":
        return []
    if NIXPKGS is None:
        pytest.skip("set DIRSERV_TEST_NIXPKGS to a directory that holds nixpkgs' lib")
    return ["--arg", "nixpkgs", NIXPKGS]


@pytest.fixture
def evaluate(instantiate: Instantiate, lib: list[str], tmp_path: Path) -> Callable[[str], Result]:
    """Evaluates the modules with settings, given as the text of a Nix file."""

    def run(settings: str) -> Result:
        file = tmp_path / "settings.nix"
        file.write_text(settings)
        return instantiate("--eval", "--strict", "--json", "tests/nix/evaluate.nix",
                           "--arg", "settings", str(file), *lib)

    return run


def value(result: Result) -> Any:
    """What an evaluation that has to succeed came to."""
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)
