"""Loading, refusing, disabling, submitting; permissions; the protocol's manners."""

from __future__ import annotations

import os
import plistlib
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from launchd_shim.unixpath import Address
from tests.support import CHECKOUT
from tests.unit.supervisor.harness import Launchd, until

SLEEP = "exec sleep 1000"
STORE = "private/var/db/com.apple.xpc.launchd/disabled.plist"


def test_refusals(launchd: Launchd) -> None:
    assert launchd.load("twice", SLEEP) == 0
    assert launchd.load("twice", SLEEP) == 5
    assert launchd.ask("bootstrap", path=str(launchd.root / "none.plist")) == {"error": 2}
    assert launchd.load("noprogram") == 111
    (launchd.root / "bad.plist").write_text("not a plist")
    assert launchd.ask("bootstrap", path=str(launchd.root / "bad.plist")) == {"error": 109}
    path = launchd.plist("open", SLEEP)
    os.chmod(path, 0o666)
    assert launchd.ask("bootstrap", path=path) == {"error": 122}
    assert launchd.load("aqua", SLEEP, LimitLoadToSessionType="Aqua") == 134
    assert launchd.labels() == ["twice"]


def test_disabling(launchd: Launchd) -> None:
    assert plistlib.loads((launchd.root / STORE).read_bytes()) == {}
    assert launchd.ask("disable", label="off") == {"error": 0}
    assert launchd.load("off", SLEEP) == 119
    assert launchd.ask("disabled")["disabled"] == {"off": True}
    (launchd.root / STORE).write_bytes(plistlib.dumps({"off": False, "by puppet": True}))
    assert launchd.load("off", SLEEP) == 0, "the store is read again when somebody rewrites it"
    assert launchd.load("own", SLEEP, Disabled=True) == 119
    assert launchd.ask("bootstrap", path=launchd.plist("own", SLEEP, Disabled=True),
                       force=True) == {"error": 0}
    assert launchd.ask("enable", label="by puppet") == {"error": 0}
    assert plistlib.loads((launchd.root / STORE).read_bytes()) == {
        "off": False, "by puppet": False}


def test_booting_out_by_path(launchd: Launchd) -> None:
    path = launchd.plist("bypath", SLEEP)
    assert launchd.ask("bootout", path=path) == {"error": 5}
    assert launchd.ask("bootstrap", path=path) == {"error": 0}
    assert launchd.ask("bootout", path=path) == {"error": 0}
    assert launchd.ask("bootout", path=path + ".none") == {"error": 2}


def test_submitted_jobs(launchd: Launchd) -> None:
    log = str(launchd.root / "sub.log")
    assert launchd.ask("submit", label="sub", arguments=["/bin/sh", "-c", "echo hi; sleep 99"],
                       stdout=log, submitter="launchctl[7]") == {"error": 0}
    until(lambda: Path(log).exists() and Path(log).read_text() == "hi\n")
    found = launchd.service("sub")
    assert (found["type"], found["submitter"], found["keepalive"]) == (
        "Submitted", "launchctl[7]", True)
    assert launchd.ask("remove", label="sub") == {"error": 0}
    until(lambda: launchd.labels() == [])
    assert launchd.ask("remove", label="sub") == {"error": 3}


def test_domains_are_apart(launchd: Launchd) -> None:
    path = launchd.plist("both", SLEEP)
    assert launchd.ask("bootstrap", domain="system", path=path) == {"error": 0}
    assert launchd.ask("bootstrap", domain="gui/501", path=path) == {"error": 0}
    jobs = launchd.ask("list", domain="gui/501")["jobs"]
    assert [job["label"] for job in jobs] == ["both"]
    assert launchd.ask("bootout", domain="gui/501", label="both") == {"error": 0}
    assert launchd.labels() == ["both"]
    assert launchd.ask("list", domain="moon") == {"error": 112}
    assert launchd.ask("domain", domain="user/7")["domain"]["uid"] == 7


def test_signals(launchd: Launchd) -> None:
    out, ready = launchd.root / "hup", launchd.root / "ready"
    program = f"trap 'echo x > {out}' HUP; echo > {ready}; while :; do sleep 0.1; done"
    assert launchd.load("hup", program, RunAtLoad=True) == 0
    until(ready.exists)
    assert launchd.ask("kill", label="hup", signal=1) == {"error": 0}
    until(out.exists)
    assert launchd.ask("stop", label="hup") == {"error": 0}
    until(lambda: launchd.service("hup")["pid"] is None)
    assert launchd.ask("kill", label="hup", signal=1) == {"error": 3}
    assert launchd.ask("stop", label="hup") == {"error": 3}
    assert launchd.ask("kill", label="nobody", signal=1) == {"error": 113}


@pytest.mark.parametrize(
    "line", [b"", b"{", b"[]", b"null", b'"x"', b"{}", b'{"verb": 7}', b'{"verb": "nonsense"}',
             b'{"verb": "kill", "label": "x", "signal": "?"}', b"\xff\xfe", b"[" * 100_000,
             b'{"verb": "bootstrap", "path": "a\\u0000b"}', b'{"verb": "setenv", "values": 3}'],
)
def test_garbage_is_answered_and_harms_nobody(launchd: Launchd, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        with Address(launchd.socket) as short:
            client.connect(short)
        client.sendall(line + b"\n")
        assert b'"error"' in client.recv(4096)
    assert launchd.ask("ping")["error"] == 0


def test_a_client_that_hangs_or_floods_harms_nobody(launchd: Launchd) -> None:
    hanging = []
    for _ in range(50):
        client = socket.socket(socket.AF_UNIX)
        with Address(launchd.socket) as short:
            client.connect(short)
        client.sendall(b'{"verb": ')
        hanging.append(client)
    flood = socket.socket(socket.AF_UNIX)
    with Address(launchd.socket) as short:
        flood.connect(short)
    with pytest.raises(OSError):
        while True:
            flood.sendall(b"x" * 65536)
    assert launchd.ask("ping")["error"] == 0
    for client in (*hanging, flood):
        client.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to ask as another user")
def test_others_read_and_do_not_change(launchd: Launchd) -> None:
    assert launchd.load("theirs", SLEEP, RunAtLoad=True) == 0
    launchd.root.chmod(0o755)
    code = (
        "import json, socket, sys\n"
        "for line in sys.argv[2:]:\n"
        "    c = socket.socket(socket.AF_UNIX); c.connect(sys.argv[1])\n"
        "    c.sendall(line.encode() + b'\\n'); print(json.loads(c.makefile().readline())['error'])"
    )
    answers = subprocess.run(
        ["/usr/bin/python3", "-c", code, os.path.basename(launchd.socket),
         '{"verb": "list"}',
         '{"verb": "service", "label": "theirs"}', '{"verb": "kickstart", "label": "theirs"}',
         '{"verb": "bootout", "label": "theirs"}', '{"verb": "setenv", "values": {}}',
         '{"verb": "disable", "label": "x", "domain": "gui/65534"}',
         '{"verb": "disable", "label": "x", "domain": "gui/501"}'],
        capture_output=True, text=True, check=True, user=65534, group=65534, extra_groups=[],
        cwd=os.path.dirname(launchd.socket),
    ).stdout.split()
    assert answers == ["0", "0", "1", "1", "1", "0", "1"]


def test_only_one_supervisor_serves_a_root(launchd: Launchd) -> None:
    code = (f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); "
            "from launchd_shim.supervisor.main import main; "
            f"sys.exit(main({str(launchd.root)!r}))")
    second = subprocess.run([sys.executable, "-I", "-S", "-c", code], timeout=30, check=False)
    assert second.returncode == 0
    assert launchd.ask("ping")["pid"] == launchd.process.pid


def test_boot_loads_the_daemons(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for directory, label in (("System/Library/LaunchDaemons", "s"), ("Library/LaunchDaemons", "l")):
        (root / directory).mkdir(parents=True)
        for suffix, name in ((".plist", label), (".txt", label + "-text"), (".plist", "." + label)):
            (root / directory / (name + suffix)).write_bytes(plistlib.dumps(
                {"Label": name, "ProgramArguments": ["/bin/sh", "-c", SLEEP],
                 "RunAtLoad": True}))
    (root / "Library/LaunchDaemons/off.plist").write_bytes(plistlib.dumps(
        {"Label": "off", "Program": "/bin/true", "Disabled": True}))
    booted = Launchd(root)
    try:
        assert sorted(booted.labels()) == ["l", "s"]
        assert booted.pid("l") and booted.pid("s")
    finally:
        booted.stop()
