"""launchctl and wait4path as processes: asuser, bsexec, waiting, bad input, imports."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launchd_shim.launchctl.subcommands import SUBCOMMANDS
from tests.support import CHECKOUT, run
from tests.unit.launchctl.fake import FakeLaunchd

LAUNCHCTL = str(CHECKOUT / "bin/launchctl")
#: A nested launchctl, as a client's script calls it.
NESTED = [sys.executable, "-I", "-S", LAUNCHCTL]
ROOT = {"DIRSERV_EUID": "0"}


def test_asuser_selects_the_domain_of_nested_calls(tmp_path: Path, launchd: FakeLaunchd) -> None:
    result = run(tmp_path, "launchctl", "asuser", "502", *NESTED, "load", "/a.plist", env=ROOT)
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)
    assert launchd.requests[0]["domain"] == "gui/502"


def test_asuser_0_leads_back_to_the_system(tmp_path: Path, launchd: FakeLaunchd) -> None:
    run(tmp_path, "launchctl", "asuser", "502", *NESTED, "asuser", "0", *NESTED, "list", env=ROOT)
    assert launchd.requests == [{"verb": "list", "domain": "system"}]


def test_asuser_is_the_program(tmp_path: Path) -> None:
    result = run(tmp_path, "launchctl", "asuser", "502", "sh", "-c",
                 'cat; echo "$0 $LAUNCHD_SHIM_ASUSER" >&2; exit 37', "-x", stdin="in", env=ROOT)
    assert (result.stdout, result.stderr, result.returncode) == ("in", "-x 502\n", 37)


@pytest.mark.parametrize("umask", ["0022", "0077", "0002"])
def test_asuser_leaves_the_umask_alone(tmp_path: Path, umask: str) -> None:
    command = f'umask {umask}; "$@" asuser 502 sh -c umask; true'
    result = subprocess.run(["/bin/sh", "-c", command, "sh", *NESTED], capture_output=True,
                            text=True, check=False,
                            env={"PATH": "/usr/bin:/bin", "DIRSERV_ROOT": str(tmp_path), **ROOT})
    assert (result.stdout, result.stderr) == (f"{umask}\n", "")


@pytest.mark.parametrize(("words", "euid", "err", "status"), [
    (("asuser", "502", "/no/such"), "0",
     "Could not execute program: 2: No such file or directory\n", 2),
    (("asuser", "502", "/"), "0", "Could not execute program: 13: Permission denied\n", 13),
    (("asuser", "502", "true"), "501",
     "Could not execute program: 1: Operation not permitted\n", 1),
    (("bsexec", "4194305", "true"), "0", "Could not execute program: 3: No such process\n", 3),
    (("asuser", "502"), "0", "Usage: launchctl asuser <uid> <program> [...]\n", 64),
    (("asuser", "ada", "true"), "0", "Usage: launchctl asuser <uid> <program> [...]\n", 64),
    (("bsexec", "", "true"), "0", "Usage: launchctl bsexec <pid> <program> [...]\n", 64),
])
def test_execution_failures(
    tmp_path: Path, words: tuple[str, ...], euid: str, err: str, status: int
) -> None:
    result = run(tmp_path, "launchctl", *words, env={"DIRSERV_EUID": euid})
    assert (result.stdout, result.stderr, result.returncode) == ("", err, status)


def test_asuser_of_oneself_needs_no_root(tmp_path: Path) -> None:
    result = run(tmp_path, "launchctl", "asuser", "501", "true", env={"DIRSERV_EUID": "501"})
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_bsexec_takes_the_domain_of_a_process(tmp_path: Path) -> None:
    result = run(tmp_path, "launchctl", "bsexec", str(os.getpid()), *NESTED, "manageruid",
                 env=ROOT)
    assert (result.stdout, result.returncode) == (f"{os.geteuid()}\n", 0)


BAD = ["", "-", "--", "-\u00e9", "/" * 500, "a" * 100_000, "%zz", "\\", "-1", "'; --", "gui/",
       "system//", "\x1b[31m", "gui/99999999999999999999/x", "٣"]


@pytest.mark.parametrize("name", [name for name, *_ in SUBCOMMANDS])
def test_bad_arguments_never_show_a_traceback(
    tmp_path: Path, launchd: FakeLaunchd, name: str
) -> None:
    script = ("import sys; sys.path.insert(0, sys.argv[1])\n"
              "from dirserv.console import Console; from dirserv.directory import Directory\n"
              "from dirserv.paths import Root; from launchd_shim.launchctl.main import run\n"
              f"for bad in {BAD!r}:\n"
              "  for words in ([bad], [bad, bad], ['system', bad], ['system/x', bad, '1']):\n"
              "    outcome = run(['launchctl', sys.argv[3], *words], Console(),\n"
              "                  Directory(Root(sys.argv[2])))\n"
              "    assert isinstance(outcome.out, str) and 0 <= outcome.status < 256, words\n")
    if name in ("asuser", "bsexec"):
        script = script.replace("['system', bad]", "[]").replace("'system/x', bad, '1'", "'1'")
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(CHECKOUT), str(tmp_path), name],
        capture_output=True, text=True, check=False, env={**ROOT, "PATH": "/usr/bin:/bin"},
        cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert (result.stderr, result.returncode) == ("", 0)


#: What the hot path may not import (design: start-up is the product's speed).
HEAVY = ("dataclasses", "typing", "pathlib", "enum", "logging", "re", "argparse", "json",
         "subprocess", "uuid", "hashlib", "plistlib", "datetime", "socket", "selectors", "os",
         "functools", "collections")


@pytest.mark.parametrize("words", [("list",), ("print", "system"), ("kickstart", "-k", "system/x"),
                                   ("bootstrap", "system", "/a.plist"), ("load", "/a.plist")])
def test_the_hot_path_imports_little(
    tmp_path: Path, launchd: FakeLaunchd, words: tuple[str, ...]
) -> None:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-I", "-S", LAUNCHCTL, *words], check=False,
        capture_output=True, text=True, env={"DIRSERV_ROOT": str(tmp_path), **ROOT})
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()
                if line.startswith("import time:")}
    assert "launchd_shim.client" in imported
    assert imported.isdisjoint(HEAVY)
    assert launchd.requests


def test_wait4path_returns_when_the_path_is_there(tmp_path: Path) -> None:
    (tmp_path / "nix/store").mkdir(parents=True)
    result = run(tmp_path, "wait4path", "/nix/store")
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


def test_wait4path_waits(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(CHECKOUT / "bin/wait4path"), "/nix/store"],
        env={"DIRSERV_ROOT": str(tmp_path)})
    try:
        time.sleep(0.4)
        assert process.poll() is None
        (tmp_path / "nix").mkdir()
        (tmp_path / "nix/store").symlink_to("elsewhere")
        time.sleep(0.3)
        assert process.poll() is None, "a link that leads nowhere is no path yet"
        (tmp_path / "nix/elsewhere").mkdir()
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("words", [(), ("a", "b"), ("",)])
def test_wait4path_usage(tmp_path: Path, words: tuple[str, ...]) -> None:
    result = run(tmp_path, "wait4path", *words)
    assert (result.stdout, result.stderr, result.returncode) == ("", "usage: wait4path PATH\n", 1)
