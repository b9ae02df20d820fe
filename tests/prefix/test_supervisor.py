"""The supervisor in a Darling prefix: jobs go through mldr, 842 keeps its hands off them."""

from __future__ import annotations

import plistlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dirserv.paths import Root
from launchd_shim.client import Client
from launchd_shim.supervisor import darling as module
from tests.prefix.support import call, darling, fill
from tests.support import run

OVERRIDES = "private/var/db/launchd.db/com.apple.launchd/overrides.plist"
LABEL = "org.example.job"

#: Plays mldr with vchroot: notes how it was called, and becomes the program as the host has it.
MLDR = """#!/bin/sh
printf '%s|' "$@" "sock=$__mldr_sockpath" "label=$XPC_SERVICE_NAME" "cwd=$PWD" >>{noted}
echo >>{noted}
prefix=$2; shift 2
case $1 in */launchctl) exit 1 ;; esac
exec "$@"
"""


@pytest.fixture
def prefix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Path]:
    upper, lower = darling(tmp_path)
    noted = MLDR.format(noted=tmp_path / "noted")
    fill(lower, {"usr/libexec/darling/mldr": (noted, 0o755)})
    call(capsys, "install", "--prefix", upper, "--libexec", lower)
    fill(upper, {f"Library/LaunchDaemons/{LABEL}.plist": (plistlib.dumps({
        "Label": LABEL, "ProgramArguments": ["/bin/sh", "-c", "echo $0 $1; exec sleep 1000", "x"],
        "RunAtLoad": True, "StandardOutPath": "/private/var/log/out", "UserName": "me",
    }).decode(), 0o644)})
    yield upper
    call(capsys, "uninstall", "--prefix", upper, "--libexec", lower)


def notes(prefix: Path, number: int) -> list[list[str]]:
    """The first calls of mldr, once there are so many."""
    end = time.monotonic() + 20
    while True:
        noted = prefix.parent / "noted"
        lines = noted.read_text().splitlines() if noted.exists() else []
        if len(lines) >= number:
            return [line.rstrip("|").split("|") for line in lines]
        assert time.monotonic() < end, lines
        time.sleep(0.02)


def launchctl(prefix: Path, *words: str) -> tuple[int, str, str]:
    result = run(prefix, "launchctl", *words)
    return result.returncode, result.stdout, result.stderr


def test_a_job_is_taken_from_842_and_goes_through_mldr(prefix: Path) -> None:
    plist = f"/Library/LaunchDaemons/{LABEL}.plist"
    assert launchctl(prefix, "load", plist) == (0, "", "")
    removed, started = notes(prefix, 2)[:2]
    original = "/usr/local/libexec/darling-dirserv/original/launchctl"
    sock = f"sock={prefix}/.darlingserver.sock"
    assert removed[:5] == ["vchroot", str(prefix), original, "remove", LABEL]
    assert sock in removed
    assert started[:6] == ["vchroot", str(prefix), "/bin/sh", "-c",
                           "echo $0 $1; exec sleep 1000", "x"]
    assert {sock, f"label={LABEL}", "cwd=/"} <= set(started)
    overrides = plistlib.loads((prefix / OVERRIDES).read_bytes())
    assert overrides == {LABEL: {"Disabled": True}}
    listed = launchctl(prefix, "list")[1].splitlines()
    assert [line.split("\t")[2] for line in listed] == ["Label", LABEL], "842's own are not ours"
    assert (prefix / "private/var/log/out").read_text() == "x\n"
    assert launchctl(prefix, "kickstart", "-k", f"system/{LABEL}")[0] == 0
    assert [call[2] for call in notes(prefix, 3)[2:]] == ["/bin/sh"], "842 is told once"


def test_842_gets_back_what_it_had(
    prefix: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = {"com.example.off": {"Disabled": True}}
    (prefix / OVERRIDES).write_bytes(plistlib.dumps(theirs))
    module.hold(str(prefix), LABEL)
    module.hold(str(prefix), "com.example.off")
    assert plistlib.loads((prefix / OVERRIDES).read_bytes()) == {
        **theirs, LABEL: {"Disabled": True}}
    module.release(str(prefix))
    assert plistlib.loads((prefix / OVERRIDES).read_bytes()) == theirs
    module.release(str(prefix))
    assert plistlib.loads((prefix / OVERRIDES).read_bytes()) == theirs


def test_an_uninstallation_ends_launchd_and_its_jobs(
    prefix: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert launchctl(prefix, "load", f"/Library/LaunchDaemons/{LABEL}.plist")[0] == 0
    pid = Client(Root(str(prefix)), False).ask("service", domain="system", label=LABEL)[
        "service"]["pid"]
    libexec = prefix.parent / "libexec"
    call(capsys, "uninstall", "--prefix", prefix, "--libexec", libexec)
    assert not Path(f"/proc/{pid}").exists()
    assert not (prefix / OVERRIDES).exists()
    assert not list((prefix / "private/var").rglob("*launchd*"))


def test_any_other_tree_is_not_darlings(root: Path) -> None:
    assert module.libexec(str(root)) is None
