"""Faults that real clients found in our launchd, each with the least that shows it."""

from __future__ import annotations

import os
import plistlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.callers import SLEEP, Caller
from tests.clients.shell import Row, play
from tests.unit.supervisor.harness import Launchd, alive, end, until

LABEL = "org.example.found"


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Caller]:
    """A root with a supervisor and a client."""
    launchd = Launchd(tmp_path / "root")
    yield Caller(launchd, tmp_path / "commands")
    launchd.stop()


def test_ansible_reloads_what_the_boot_has_loaded(tmp_path: Path) -> None:
    """A load soon after the boot was taken for the one that had caused it: nothing started."""
    daemons = tmp_path / "root/Library/LaunchDaemons"
    daemons.mkdir(parents=True)
    content = {"Label": LABEL, "ProgramArguments": SLEEP, "RunAtLoad": True}
    (daemons / "found.plist").write_bytes(plistlib.dumps(content))
    launchd = Launchd(tmp_path / "root")
    try:
        booted = launchd.pid(LABEL)
        play(Caller(launchd, tmp_path / "commands"),
             Row("launchctl unload /Library/LaunchDaemons/found.plist"),
             Row("launchctl load /Library/LaunchDaemons/found.plist"))
        assert launchd.pid(LABEL) != booted
    finally:
        launchd.stop()


def test_ansible_stops_what_does_not_run(caller: Caller) -> None:
    """Its force_stop reloads the job without KeepAlive and then stops it."""
    play(caller, Row(f"launchctl load {caller.plist(LABEL)}"), Row(f"launchctl stop {LABEL}"),
         Row(f"launchctl stop system/{LABEL}", 3), Row("launchctl stop org.example.none", 3))


def test_pm2s_daemon_outlives_its_job(caller: Caller) -> None:
    """What a job that ends by itself has put into a session of its own stays; its group ends."""
    script = "sleep 1001 & echo $! >$PIDS; setsid sh -c 'echo $$ >>$PIDS; exec sleep 1002' & "
    script += "until [ $(wc -l <$PIDS) = 2 ]; do sleep 0.05; done"
    pids = caller.root / "pids"
    caller.launchd.load(LABEL, script, RunAtLoad=True, EnvironmentVariables={"PIDS": str(pids)})
    until(lambda: pids.exists() and caller.launchd.service(LABEL)["last_exit_status"] == 0)
    member, daemon = map(int, pids.read_text().split())
    until(lambda: not alive(member))
    time.sleep(0.2)
    assert alive(daemon)
    end(daemon)


@pytest.mark.parametrize("domain", ["system", f"gui/{os.getuid()}"])
def test_salt_asks_a_service_for_what_is_disabled(caller: Caller, domain: str) -> None:
    play(
        caller, Row(f"launchctl disable {domain}/{LABEL}"),
        Row(f"launchctl print-disabled {domain}/{LABEL}", 0, lambda result: result.stdout,
            caller("print-disabled", domain).stdout.replace("= {\n", f'= {{\n\t\t"{LABEL}" => '
                                                            "disabled\n", 1)),
    )


def test_cupsd_names_the_kind_of_its_socket(caller: Caller) -> None:
    """S_IFSOCK stands in SockPathMode beside the permissions."""
    (caller.root / "private/var/run").mkdir(parents=True, exist_ok=True)
    path = "/private/var/run/cupsd"
    assert caller.launchd.load(LABEL, "exit 0", Sockets={
        "Listeners": [{"SockPathName": path, "SockPathMode": 49663}]}) == 0
    assert (caller.root / path.lstrip("/")).stat().st_mode & 0o7777 == 0o777
