"""Clients of the control socket that send garbage, flood, hang or go away: everybody else is
served all the same, and nothing is changed by them."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import time
from pathlib import Path

import pytest

from launchd_shim.protocol import LONGEST_MESSAGE
from launchd_shim.unixpath import Address
from tests.support import is_root
from tests.unit.supervisor.harness import Launchd, end

SLEEP = "exec sleep 1000"


@pytest.fixture
def launchd(launchd: Launchd) -> Launchd:
    """With a job that is to survive every client."""
    assert launchd.load("kept", SLEEP, KeepAlive=True) == 0
    launchd.pid("kept")
    return launchd


def client(launchd: Launchd) -> socket.socket:
    """A connection."""
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(20)
    with Address(launchd.socket) as short:
        made.connect(short)
    return made


def answer(launchd: Launchd, data: bytes) -> bytes:
    """What comes back, b"" if the connection is closed."""
    with client(launchd) as peer:
        peer.sendall(data)
        try:
            return peer.makefile("rb").readline()
        except ConnectionResetError:
            return b""


def unharmed(launchd: Launchd) -> None:
    """The supervisor answers at once and its job is the same."""
    begun = time.monotonic()
    assert launchd.labels() == ["kept"]
    assert launchd.service("kept")["runs"] == 1
    assert time.monotonic() - begun < 2
    assert "Traceback" not in launchd.log()


WRONG = [
    b"\n", b"{}\n", b"[]\n", b"null\n", b"1\n", b'"text"\n', b"\xff\xfe\n", b"\0\n", b"{\n",
    b"GET / HTTP/1.1\r\n", b'{"verb": null}\n', b'{"verb": []}\n', b'{"verb": {"a": 1}}\n',
    b'{"verb": "nothing"}\n', b'{"verb": "__init__"}\n', b'{"verb": "list"}\n',
    b'{"verb": "list", "domain": 5}\n', b'{"verb": "list", "domain": ["system"]}\n',
    b'{"verb": "list", "domain": "system\\u0000"}\n', b'{"verb": "list", "domain": "gui/x"}\n',
    b'{"verb": "list", "domain": "gui/999999999999999999999"}\n',
    b'{"verb": "service", "domain": "system"}\n',
    b'{"verb": "service", "domain": "system", "label": {}}\n',
    b'{"verb": "kill", "domain": "system", "label": "kept", "signal": "x"}\n',
    b'{"verb": "kill", "domain": "system", "label": "kept", "signal": 99999999999999999999}\n',
    b'{"verb": "kill", "domain": "system", "label": "kept", "signal": -1}\n',
    b'{"verb": "bootstrap", "domain": "system", "path": "\\u0000"}\n',
    b'{"verb": "bootstrap", "domain": "system", "path": ["/x"]}\n',
    b'{"verb": "bootstrap", "domain": "system", "path": "/dev/zero"}\n',
    b'{"verb": "bootstrap", "domain": "system", "path": "\\ud800"}\n',
    b'{"verb": "submit", "domain": "system", "label": "x", "arguments": 5}\n',
    b'{"verb": "submit", "domain": "system", "label": 5, "program": {}, "arguments": [1]}\n',
    b'{"verb": "setenv", "domain": "system", "values": [1]}\n',
    b'{"verb": "setenv", "domain": "system", "values": {"a": {}}}\n',
    b'{"verb": "setlimit", "domain": "system", "name": [], "soft": "x", "hard": null}\n',
    b'{"verb": "disable", "domain": "system", "label": null}\n',
    b'{"verb": "enable", "domain": "system", "label": 1e999}\n',
    b'{"verb": NaN}\n', b'{"verb": "list", "domain": "system", "x": ' + b"9" * 6000 + b"}\n",
    b"[" * 100_000 + b"\n", b'{"a":' * 50_000 + b"\n",
]


def test_nonsense_is_answered(launchd: Launchd) -> None:
    """Or is taken for the text that it can be read as, such as the label 5."""
    for data in WRONG:
        for line in (data, data.replace(b"system", b"gui/501")):
            reply = json.loads(answer(launchd, line))
            assert isinstance(reply["error"], int) and 0 <= reply["error"] < 200, (line, reply)
    assert "kept" in launchd.labels()
    assert "Traceback" not in launchd.log()


def test_random_bytes(launchd: Launchd) -> None:
    luck = random.Random(20261123)
    for _ in range(50):
        answer(launchd, luck.randbytes(luck.randrange(1, 5000)).replace(b"\n", b"") + b"\n")
    unharmed(launchd)


def test_a_message_without_an_end(launchd: Launchd) -> None:
    """Who sends more than a message may hold is dropped."""
    with client(launchd) as peer, pytest.raises((BrokenPipeError, ConnectionResetError)):
        for _ in range((LONGEST_MESSAGE >> 16) + 100):
            peer.sendall(b"x" * 65536)
    unharmed(launchd)


def test_clients_that_hang(launchd: Launchd) -> None:
    """Connected and silent, in the middle of a request, and not reading the reply."""
    peers = [client(launchd) for _ in range(100)]
    try:
        for number, peer in enumerate(peers):
            if number % 3:
                peer.sendall(b'{"verb": "list", "dom')
        unharmed(launchd)
    finally:
        for peer in peers:
            peer.close()
    unharmed(launchd)


def test_one_that_asks_and_does_not_read(launchd: Launchd) -> None:
    """Its replies fill the socket; the others are served meanwhile."""
    with client(launchd) as deaf:
        deaf.settimeout(1)
        question = b'{"verb": "service", "domain": "system", "label": "kept"}\n' * 1000
        try:
            for _ in range(20):
                deaf.sendall(question)
        except (TimeoutError, OSError):
            pass  # the supervisor has stopped reading it, or dropped it: either is right
        unharmed(launchd)


def test_disconnects_in_the_middle(launchd: Launchd) -> None:
    whole = b'{"verb": "service", "domain": "system", "label": "kept"}\n'
    for length in range(0, len(whole) + 1, 3):
        with client(launchd) as peer:
            peer.sendall(whole[:length])
    unharmed(launchd)


def test_a_flood_of_connections(launchd: Launchd) -> None:
    descriptors = f"/proc/{launchd.process.pid}/fd"
    before = len(os.listdir(descriptors))
    for _ in range(20):
        peers = [client(launchd) for _ in range(50)]
        for peer in peers:
            peer.sendall(b'{"verb": "ping"}\n')
        for peer in peers:
            peer.close()
    unharmed(launchd)
    assert len(os.listdir(descriptors)) <= before + 2, "descriptors leak"


def flood(launchd: Launchd, uid: int, count: int) -> tuple[int, int]:
    """Connect so often as another user, and stay; returns how many connections are answered, and
    the process that holds them."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            peers = [client(launchd) for _ in range(count)]
            os.write(writing, bytes([sum(map(pinged, peers))]))
            signal.pause()
        finally:
            os._exit(1)
    os.close(writing)
    with open(reading, "rb") as answers:
        return answers.read(1)[0], pid


def pinged(peer: socket.socket) -> bool:
    """Whether a connection is served."""
    try:
        peer.sendall(b'{"verb": "ping"}\n')
        return peer.recv(100) != b""
    except OSError:
        return False


@pytest.mark.root
@pytest.mark.skipif(not is_root(), reason="needs root to become other users")
def test_others_cannot_lock_root_out(everybodys: Path) -> None:
    """They hold a few connections each and less than all together; what is over is closed."""
    launchd, floods = Launchd(everybodys / "root"), []
    try:
        for uid, served in ((65530, 64), (65531, 64), (65532, 64), (65533, 64), (65534, 0)):
            floods.append(flood(launchd, uid, 200))
            assert floods[-1][0] == served
            assert launchd.ask("ping")["error"] == 0
        assert len(os.listdir(f"/proc/{launchd.process.pid}/fd")) < 300
        for _, pid in floods:
            end(pid)
            os.waitpid(pid, 0)
        floods = [flood(launchd, 65534, 1)]
        assert floods[0][0] == 1, "it is free again"
    finally:
        for _, pid in floods:
            end(pid)
            os.waitpid(pid, 0)
        launchd.stop()


def test_thousands_of_requests_in_one_message(launchd: Launchd) -> None:
    with client(launchd) as peer:
        peer.sendall(b'{"verb": "ping"}\n' * 5000)
        lines = peer.makefile("rb")
        for _ in range(5000):
            assert json.loads(lines.readline())["error"] == 0
    unharmed(launchd)
