"""The client's end of the control socket."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dirserv.paths import Root
from launchd_shim import client as module
from launchd_shim.client import Client, Unavailable
from tests.support import CHECKOUT
from tests.unit.launchctl.fake import FakeLaunchd


def client(root: Path, may_start: bool = False) -> Client:
    return Client(Root(str(root)), may_start)


def test_a_request_is_one_line_and_has_one_reply(launchd: FakeLaunchd, tmp_path: Path) -> None:
    launchd.disabled = {"é": True}
    asked = client(tmp_path)
    assert asked.ask("disabled", domain="system") == {"error": 0, "disabled": {"é": True}}
    assert asked.ask("setenv", domain="system", values={"A": None, "B": "\n"}) == {"error": 0}
    assert launchd.requests == [
        {"verb": "disabled", "domain": "system"},
        {"verb": "setenv", "domain": "system", "values": {"A": None, "B": "\n"}},
    ]


def test_errors_are_the_callers_to_judge(launchd: FakeLaunchd, tmp_path: Path) -> None:
    launchd.errors = {"kickstart": 150}
    assert client(tmp_path).ask("kickstart", domain="system", label="x") == {"error": 150}


def test_a_path_too_long_for_an_address_is_no_obstacle(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120) / ("e" * 120)
    deep.mkdir(parents=True)
    with FakeLaunchd(deep) as launchd:
        assert client(deep).ask("ping")["pid"] == 1
        assert len(launchd.requests) == 1


def test_without_a_supervisor_a_reader_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as raised:
        client(tmp_path).ask("list", domain="system")
    assert str(raised.value) == (
        f"launchd is not running, and only the owner of {tmp_path} starts it")


def test_a_socket_that_nobody_serves_is_as_good_as_none(tmp_path: Path) -> None:
    with FakeLaunchd(tmp_path):
        left = tmp_path / "private/var/run/left"
        os.link(tmp_path / "private/var/run/launchd.sock", left)
    left.rename(tmp_path / "private/var/run/launchd.sock")
    with pytest.raises(Unavailable, match="launchd is not running"):
        client(tmp_path).ask("ping")


@pytest.mark.parametrize("garbage", [
    b"\n", b"hello\n", b"[]\n", b"{}\n", b'{"error":"5"}\n', b'{"error":null}\n', b"\xff\n",
])
def test_an_answer_that_makes_no_sense(
    launchd: FakeLaunchd, tmp_path: Path, garbage: bytes
) -> None:
    launchd.garbage = garbage
    with pytest.raises(Unavailable, match="^launchd gave an answer that makes no sense$"):
        client(tmp_path).ask("ping")


def test_an_endless_answer_is_given_up(
    launchd: FakeLaunchd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_MESSAGE", 1000)
    launchd.garbage = b"x" * 5000
    with pytest.raises(Unavailable, match="makes no sense"):
        client(tmp_path).ask("ping")


def test_a_supervisor_that_does_not_answer(
    launchd: FakeLaunchd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REPLY_SECONDS", 0.05)
    launchd.garbage = b""
    with pytest.raises(Unavailable, match="did not answer"):
        client(tmp_path).ask("ping")


def test_a_harmless_request_is_repeated_when_the_supervisor_ends(
    launchd: FakeLaunchd, tmp_path: Path
) -> None:
    launchd.drops = ["list"]
    assert client(tmp_path).ask("list", domain="system") == {"error": 0, "jobs": []}
    assert [request["verb"] for request in launchd.requests] == ["list", "list"]


def test_a_change_is_not_repeated(launchd: FakeLaunchd, tmp_path: Path) -> None:
    launchd.drops = ["bootstrap"]
    with pytest.raises(Unavailable, match="^launchd ended before it had answered bootstrap$"):
        client(tmp_path).ask("bootstrap", domain="system", path="/x")
    assert len(launchd.requests) == 1


def test_two_ends_are_enough(launchd: FakeLaunchd, tmp_path: Path) -> None:
    launchd.drops = ["list", "list"]
    with pytest.raises(Unavailable, match="^launchd ended twice without an answer$"):
        client(tmp_path).ask("list", domain="system")


def _starting(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the client start this Python code instead of the supervisor."""
    def spawn(root: str) -> int:
        return subprocess.Popen([sys.executable, "-c", code, root], cwd=CHECKOUT).pid

    monkeypatch.setattr(module, "_spawn", spawn)


def test_the_owner_starts_a_supervisor_and_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _starting(monkeypatch, "import sys, time; from pathlib import Path;"
              "from tests.unit.launchctl.fake import FakeLaunchd\n"
              "with FakeLaunchd(Path(sys.argv[1])): time.sleep(2)")
    assert client(tmp_path, may_start=True).ask("list", domain="system") == {
        "error": 0, "jobs": []}


def test_a_supervisor_that_fails_is_not_waited_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "START_SECONDS", 0.2)
    _starting(monkeypatch, "raise SystemExit(1)")
    began = time.monotonic()
    with pytest.raises(Unavailable, match="^launchd (could not be started|did not start)"):
        client(tmp_path, may_start=True).ask("ping")
    assert time.monotonic() - began < 5


def test_what_is_started_has_nothing_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real spawn, with a Python in the supervisor's place that writes down what it got."""
    seen = tmp_path / "seen"
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n(pwd; umask; env; ls -l /proc/self/fd; echo \"$@\") >{seen}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("DIRSERV_EUID", "0")
    monkeypatch.setenv("LAUNCHD_SHIM_ASUSER", "501")
    monkeypatch.setenv("TZ", "UTC")
    pid = module._spawn("/the root")
    assert os.waitpid(pid, 0)[1] == 0
    text = seen.read_text()
    assert text.startswith("/\n0022\n")
    assert "SECRET" not in text and "EUID" not in text and "ASUSER" not in text
    assert "TZ=UTC" in text
    assert "0 -> /dev/null" in text and "2 -> /dev/null" in text
    assert "-I -S -X utf8 -c" in text and "main('/the root')" in text and str(CHECKOUT) in text
