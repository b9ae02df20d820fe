"""The wheel: what is in it, that it is the same each time, that it works by itself."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dirserv import __version__
from dirserv.command import MODULES
from dirserv.manual.completion import PLACES
from dirserv.manual.pages import COMMANDS, PAGES
from tests.support import CHECKOUT, passwd_entries

BUILT = ("dirserv", "launchd_shim", "sandbox_stub", "man", "bin")
FILES = ("pyproject.toml", "MANIFEST.in", "README.md", "CHANGELOG.md")
EPOCH = "1760000000"
DEVELOPMENT = ("pytest", "hypothesis", "ruff", "mypy", "shtab", "argparse_manpage", "cronsim",
               "setuptools", "build", "tests")
IMPORTED = f"""
import importlib.util, sys
from dirserv.admin.main import parser
parser()
print([name for name in {DEVELOPMENT!r} if name in sys.modules or importlib.util.find_spec(name)])
"""


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> str:
    """Run something that must succeed; returns what it printed."""
    result = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, timeout=300,
                            capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def build(place: Path) -> list[Path]:
    """The source distribution and, made from it, the wheel, of a copy of the checkout."""
    source = place / "source"
    for name in BUILT:
        shutil.copytree(CHECKOUT / name, source / name, symlinks=True,
                        ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copyfile(CHECKOUT / name, source / name)
    run(sys.executable, "-m", "build", "--no-isolation", "-o", place / "dist", source,
        SOURCE_DATE_EPOCH=EPOCH)
    return sorted((place / "dist").iterdir())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One build: the wheel, then the source distribution."""
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def bare(built: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel and nothing else, not even what it depends on."""
    place = tmp_path_factory.mktemp("bare") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", place)
    python = place / "bin/python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps",
        "--no-index", "--disable-pip-version-check", built[0])
    return place


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Path]:
    """A directory for a root; the launchd that a test starts in it ends with the test."""
    root = tmp_path / "root"
    root.mkdir()
    yield root
    lock = root / "private/var/run/launchd.lock"
    if lock.exists():
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if b"launchd_shim.supervisor" in words and os.fsencode(root) in words:
                fd = os.pidfd_open(int(process.name))
                signal.pidfd_send_signal(fd, signal.SIGTERM)
                select.select([fd], [], [], 30)
                os.close(fd)


def test_contents(built: list[Path]) -> None:
    assert [path.name for path in built] == [
        f"darling_dirserv-{__version__}-py3-none-any.whl", f"darling_dirserv-{__version__}.tar.gz"]
    names = set(zipfile.ZipFile(built[0]).namelist())
    share = {name.partition(".data/data/share/")[2] for name in names if ".data/" in name}
    assert share == {page.file for page in PAGES} | {
        place.format(page.name) for page in COMMANDS for place in PLACES.values()}
    packages = {name for name in names if ".d" not in name.partition("/")[0]}
    wanted = {str(path.relative_to(CHECKOUT))
              for package in ("dirserv", "launchd_shim", "sandbox_stub")
              for path in (CHECKOUT / package).rglob("*")
              if path.is_file() and "__pycache__" not in path.parts
              and path.parent != CHECKOUT / "dirserv/manual"}
    assert packages == wanted


def test_two_builds_are_the_same(built: list[Path], tmp_path: Path) -> None:
    assert [file.read_bytes() for file in build(tmp_path)] == [
        file.read_bytes() for file in built]


def test_the_sources_name_nobody(built: list[Path]) -> None:
    with tarfile.open(built[1]) as archive:
        entries = archive.getmembers()
    assert {(entry.uid, entry.gid, entry.uname, entry.gname, entry.mtime) for entry in entries} \
        == {(0, 0, "", "", int(EPOCH))}
    assert {(entry.mode, entry.isdir()) for entry in entries} == {
        (0o755, True), (0o755, False), (0o644, False)}


def test_every_command_without_dependencies(bare: Path, empty: Path) -> None:
    def call(name: str, *arguments: str) -> str:
        return run(bare / "bin" / name, *arguments, DIRSERV_ROOT=str(empty), cwd=Path("/"))

    for name in MODULES:
        assert "sage: " in call(name, "--help"), name
    call("dscl", ".", "-create", "/Groups/nixbld", "PrimaryGroupID", "350")
    call("dseditgroup", "-o", "edit", "-r", "Builders", "nixbld")
    call("sysadminctl", "-addUser", "anna", "-UID", "501")
    assert passwd_entries(empty)["anna"][2] == "501"
    assert call("dscl", ".", "-read", "/Groups/nixbld", "RealName") == "RealName: Builders\n"
    assert call("dsmemberutil", "getid", "-G", "nixbld") == "gid: 350\n"
    assert call("dscacheutil", "-q", "group", "-a", "name", "nixbld").startswith("name: nixbld\n")
    assert call("dserr", "14136") == "-14136: eDSRecordNotFound\n"
    assert call("wait4path", "/private/etc/passwd") == ""
    assert call("launchctl", "list") == "PID\tStatus\tLabel\n"
    assert call("launchd-shim", "--version") == f"launchd-shim {__version__}\n"
    assert call("sandbox-exec", "-p", "(version 1)(allow default)", "/bin/echo", "a  b") == "a  b\n"


def test_with_dependencies(built: list[Path], tmp_path: Path, empty: Path) -> None:
    """pip install, as a user does it: the admin command works, no development tool comes along."""
    place = tmp_path / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", place)
    python = place / "bin/python"
    command = [sys.executable, "-m", "pip", "--python", python, "install", "-q",
               "--disable-pip-version-check", built[0]]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if result.returncode != 0:
        pytest.skip(f"the dependencies cannot be fetched: {result.stderr.strip()[-300:]}")
    assert run(python, "-I", "-c", IMPORTED) == "[]\n"
    admin = place / "bin/darling-dirserv"
    assert run(admin, "--version") == f"darling-dirserv {__version__}\n"
    assert "created" in run(admin, "init", "--root", empty)
    plan = run(admin, "install", "--prefix", empty, "--dry-run")
    assert "would change" in plan
    assert (place / "share/man/man8/darling-dirserv.8").is_file()
