"""Jobs of a user's domain: whose property lists they are, and whom they run as."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support import put
from tests.unit.supervisor.harness import Launchd, until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to act as another user")
ADA, BOB = 64011, 64012
SHOW = 'id -u; id -g; id -G; echo "$HOME $USER"; nice; exec sleep 1000'


@pytest.fixture
def shared(launchd: Launchd) -> Launchd:
    """A supervisor whose root two other users can reach."""
    for name, uid in (("ada", ADA), ("bob", BOB)):
        put(launchd.root, f"Users/{name}", {"uid": [str(uid)], "gid": [str(uid)],
                                            "home": [f"/Users/{name}"], "shell": ["/bin/sh"]})
    for directory in ("", "private", "private/var", "private/var/run"):
        (launchd.root / directory).chmod(0o755)
    (launchd.root / "private/tmp").mkdir()
    (launchd.root / "private/tmp").chmod(0o1777)
    return launchd


def owned(launchd: Launchd, label: str, uid: int, script: str = SHOW, **keys: object) -> str:
    """A property list that somebody owns."""
    path = launchd.plist(label, script, **keys)
    os.chown(path, uid, uid)
    return path


def ask_as(launchd: Launchd, uid: int, verb: str, **request: object) -> int:
    """The error number of a request that another user sends."""
    code = ("import socket, sys; c = socket.socket(socket.AF_UNIX); c.connect(sys.argv[1])\n"
            "c.sendall(sys.argv[2].encode() + b'\\n'); print(c.makefile().readline())")
    socket = Path(launchd.socket)
    answer = subprocess.run(
        ["/usr/bin/python3", "-I", "-c", code, socket.name,
         json.dumps({"verb": verb, **request})],
        cwd=socket.parent, user=uid, group=uid, extra_groups=[], capture_output=True, check=True)
    return json.loads(answer.stdout)["error"]


def lines(path: Path, count: int) -> list[str]:
    """The lines of a file, when there are enough of them."""
    return until(lambda: path.exists() and len(found := path.read_text().splitlines()) == count
                 and found)


def test_an_agent_runs_as_its_user(shared: Launchd) -> None:
    """UserName, RootDirectory and a better niceness are not for users to have."""
    path = owned(shared, "agent", ADA, RunAtLoad=True, StandardOutPath="/private/tmp/out",
                 UserName="root", RootDirectory="/private", Nice=-5)
    assert ask_as(shared, ADA, "bootstrap", domain=f"gui/{ADA}", path=path) == 0
    uid, gid, groups, variables, nice = lines(shared.root / "private/tmp/out", 5)
    assert (uid, gid, variables, nice) == (str(ADA), str(ADA), "/Users/ada ada", str(os.nice(0)))
    assert "0" not in groups.split()
    assert (shared.root / "private/tmp/out").stat().st_uid == ADA


def test_a_submitted_agent_runs_as_its_user(shared: Launchd) -> None:
    out = str(shared.root / "private/tmp/out")
    assert ask_as(shared, ADA, "submit", domain=f"gui/{ADA}", label="x", stdout=out,
                  arguments=["/bin/sh", "-c", SHOW]) == 0
    assert lines(Path(out), 5)[0] == str(ADA)


def test_a_log_is_not_opened_with_our_rights(shared: Launchd) -> None:
    path = owned(shared, "agent", ADA, RunAtLoad=True, StandardOutPath="/private/var/x/out")
    assert shared.ask("bootstrap", domain=f"gui/{ADA}", path=path) == {"error": 0}
    found = shared.ask("service", domain=f"gui/{ADA}", label="agent")["service"]
    assert found["last_exit_status"] == 78 << 8
    assert not (shared.root / "private/var/x").exists()


def test_a_socket_is_its_users(shared: Launchd) -> None:
    for label, where, error in (("a", "/private/tmp/a.sock", 0), ("b", "/private/b.sock", 5)):
        path = owned(shared, label, ADA, Sockets={"L": {"SockPathName": where}})
        assert shared.ask("bootstrap", domain=f"gui/{ADA}", path=path) == {"error": error}
        assert (shared.root / where[1:]).exists() == (error == 0)
    assert (shared.root / "private/tmp/a.sock").stat().st_uid == ADA
    assert shared.ask("bootout", domain=f"gui/{ADA}", label="a") == {"error": 0}
    assert not (shared.root / "private/tmp/a.sock").exists()


@pytest.mark.parametrize(("domain", "owner", "caller", "error"), [
    ("system", 0, 0, 0), ("system", ADA, 0, 122),
    (f"gui/{ADA}", 0, ADA, 0), (f"gui/{ADA}", ADA, ADA, 0), (f"gui/{ADA}", ADA, 0, 0),
    (f"gui/{ADA}", BOB, ADA, 122), (f"gui/{ADA}", BOB, 0, 122), (f"gui/{ADA}", ADA, BOB, 1),
    ("system", ADA, ADA, 1),
])
def test_who_may_own_a_property_list(
    shared: Launchd, domain: str, owner: int, caller: int, error: int
) -> None:
    """Root, the domain's user and the caller."""
    path = owned(shared, "owned", owner)
    assert ask_as(shared, caller, "bootstrap", domain=domain, path=path) == error


@pytest.mark.parametrize("verb", ["shutdown", "setlimit"])
def test_what_concerns_all_is_not_a_users(shared: Launchd, verb: str) -> None:
    assert ask_as(shared, ADA, verb, domain=f"gui/{ADA}", name="cpu", soft=1, hard=1) == 1
    assert ask_as(shared, ADA, "setenv", domain=f"gui/{ADA}", values={"A": "b"}) == 0


def test_a_domain_of_nobody(shared: Launchd) -> None:
    path = owned(shared, "lost", 0, RunAtLoad=True)
    assert shared.ask("bootstrap", domain="gui/64999", path=path) == {"error": 0}
    assert "could not be started: no user has the uid 64999" in shared.log()
