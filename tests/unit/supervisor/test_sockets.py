"""Sockets that launchd holds: secure ones, multicast, packet info, and those of a dead one."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from launchd_shim.job import Socket
from launchd_shim.supervisor import sockets
from launchd_shim.unixpath import Address
from tests.support import run
from tests.unit.supervisor.harness import Launchd, alive, end, until

SLEEP = "exec sleep 1000"
KEY = {"Listeners": {"SecureSocketWithKey": "AGENT_SOCK"}}


def opened(tmp_path: Path, **fields: object) -> list[socket.socket]:
    """The sockets of one description."""
    description = Socket()
    for name, value in fields.items():
        setattr(description, name, value)
    found = sockets.open_all({"L": [description]}, lambda path: f"{tmp_path}{path}")
    return [socket.socket(fileno=fd) for fd in found["L"]]


def port() -> int:
    """A port that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.parametrize(("family", "node", "level", "option"), [
    ("IPv4", "127.0.0.1", socket.IPPROTO_IP, 8),
    ("IPv6", "::1", socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO),
])
@pytest.mark.parametrize("wanted", [True, False])
def test_packet_info(
    tmp_path: Path, family: str, node: str, level: int, option: int, wanted: bool
) -> None:
    if family == "IPv6" and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    (made,) = opened(tmp_path, type="dgram", family=family, node=node, service="0",
                     packet_info=wanted)
    with made:
        assert made.getsockopt(level, option) == wanted


def test_a_multicast_group_is_shared(tmp_path: Path) -> None:
    """Two members have the same port; what is sent to the group reaches both."""
    wanted = {"type": "dgram", "family": "IPv4", "service": str(port()),
              "multicast": "239.255.77.77"}
    try:
        members = opened(tmp_path, **wanted) + opened(tmp_path, **wanted)
    except OSError as error:
        pytest.skip(f"no interface for multicast: {error}")
    with members[0], members[1], socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        sender.sendto(b"hello", ("239.255.77.77", int(wanted["service"])))
        for member in members:
            member.settimeout(5)
            assert member.recv(99) == b"hello"


@pytest.mark.parametrize("group", ["nonsense", "ff02::1", "10.0.0.1"])
def test_a_group_that_is_none(tmp_path: Path, group: str) -> None:
    with pytest.raises(OSError):
        opened(tmp_path, type="dgram", family="IPv4", service="0", multicast=group)


def test_a_secure_socket(launchd: Launchd) -> None:
    """Its path is in the domain's environment; getenv, the job and other jobs see it."""
    script = f'echo "$AGENT_SOCK" > {launchd.root}/$XPC_SERVICE_NAME; {SLEEP}'
    assert launchd.load("agent", script, Sockets=KEY) == 0
    shown = run(launchd.root, "launchctl", "getenv", "AGENT_SOCK").stdout.rstrip("\n")
    assert shown.startswith("/private/tmp/com.apple.launchd.") and shown.endswith("/Listeners")
    path = Path(f"{launchd.root}{shown}")
    assert (path.parent.stat().st_mode & 0o777, path.is_socket()) == (0o700, True)
    assert launchd.load("other", script, RunAtLoad=True) == 0
    with socket.socket(socket.AF_UNIX) as client, Address(str(path)) as short:
        client.connect(short)
        for label in ("agent", "other"):
            file = launchd.root / label
            until(lambda file=file: file.exists() and file.read_text() == f"{path}\n")
    launchd.die()
    launchd.start()
    assert launchd.ask("bootout", label="agent") == {"error": 0}
    assert not path.parent.exists()
    assert run(launchd.root, "launchctl", "getenv", "AGENT_SOCK").stdout == ""


def test_two_secure_sockets_do_not_meet(launchd: Launchd) -> None:
    assert launchd.load("one", SLEEP, Sockets={"A": {"SecureSocketWithKey": "ONE"}}) == 0
    assert launchd.load("two", SLEEP, Sockets={"A": {"SecureSocketWithKey": "TWO"}}) == 0
    values = launchd.ask("getenv")["values"]
    assert values["ONE"] != values["TWO"]
    assert launchd.ask("bootout", label="one") == {"error": 0}
    assert set(launchd.ask("getenv")["values"]) == {"TWO"}


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_sockets_of_a_job_that_outlives_its_supervisor(launchd: Launchd, kind: str) -> None:
    """The running job keeps serving its own; when it ends, the next supervisor has them."""
    number, path = port(), launchd.root / "private/var/run/my.sock"
    entry = ({"SockPathName": "/private/var/run/my.sock"} if kind == "unix" else
             {"SockNodeName": "127.0.0.1", "SockServiceName": number})
    server = ("import socket; s = socket.socket(fileno=3)\n"
              "while True:\n    c, _ = s.accept(); c.sendall(b'served'); c.close()")
    assert launchd.load("server", ProgramArguments=[os.path.realpath("/usr/bin/python3"), "-c",
                                                    server],
                        ThrottleInterval=1, RunAtLoad=True, Sockets={"L": entry}) == 0

    def served() -> bytes:
        with socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET) as client:
            client.settimeout(10)
            if kind == "unix":
                with Address(str(path)) as short:
                    client.connect(short)
            else:
                client.connect(("127.0.0.1", number))
            return client.recv(99)

    pid = launchd.pid("server")
    assert served() == b"served"
    launchd.die()
    assert served() == b"served"
    launchd.start()
    assert (launchd.pid("server"), served()) == (pid, b"served")
    end(pid)
    until(lambda: not alive(pid) and launchd.service("server")["pid"] is None)
    assert served() == b"served", "a connection starts it again"
    assert launchd.pid("server") != pid
    assert launchd.ask("bootout", label="server") == {"error": 0}
    assert kind == "tcp" or not path.exists()
