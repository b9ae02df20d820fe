"""enable, disable, kickstart, kill, blame, start, stop, remove, submit."""

from __future__ import annotations

import os

import pytest

from tests.unit.launchctl.conftest import Launchctl
from tests.unit.launchctl.fake import FakeLaunchd, service

TARGET = (
    "Unrecognized target specifier. <service-target> takes a form of "
    "<domain-target>/<service-id>.\n"
    "Please refer to `man launchctl` for explanation of the <domain-target> specifiers.\n"
)


@pytest.mark.parametrize("verb", ["enable", "disable"])
def test_enable_and_disable(launchd: FakeLaunchd, launchctl: Launchctl, verb: str) -> None:
    assert launchctl(verb, "gui/501/never.loaded") == ("", "", 0)
    assert launchd.requests == [{"verb": verb, "domain": "gui/501", "label": "never.loaded"}]
    launchd.errors = {verb: 1}
    assert launchctl(verb, "system/x") == (
        "", f"Could not {verb} service: 1: Operation not permitted\n", 1)
    assert launchctl(verb, "system") == (
        "", f"{TARGET}Usage: launchctl {verb} <service-target>\n", 64)
    for words in ((), ("system", "x")):
        assert launchctl(verb, *words) == ("", f"Usage: launchctl {verb} <service-target>\n", 64)


@pytest.mark.parametrize(("words", "out", "kill"), [
    ((), "", False), (("-k",), "", True), (("-p",), "4242\n", False), (("-kp",), "4242\n", True),
    (("-p", "-k"), "4242\n", True), (("-p", "--"), "4242\n", False),
])
def test_kickstart(
    launchd: FakeLaunchd, launchctl: Launchctl, words: tuple[str, ...], out: str, kill: bool
) -> None:
    launchd.services = [service("x")]
    assert launchctl("kickstart", *words, "system/x") == (out, "", 0)
    assert launchd.requests == [
        {"verb": "kickstart", "domain": "system", "label": "x", "kill": kill}]


def test_kickstart_suspended_stops_the_process(
    launchd: FakeLaunchd, launchctl: Launchctl
) -> None:
    launchd.services = [service("x", pid=7)]
    assert launchctl("kickstart", "-s", "system/x") == ("", "", 0)
    assert [(request["verb"], request.get("signal")) for request in launchd.requests] == [
        ("kickstart", None), ("kill", 19)]


def test_kickstart_of_a_running_job_is_a_success(
    launchd: FakeLaunchd, launchctl: Launchctl
) -> None:
    launchd.errors = {"kickstart": 37}
    assert launchctl("kickstart", "system/x") == ("", "", 0)


@pytest.mark.parametrize(("error", "err"), [
    (22, "Bad request.\n"),
    (5, "Could not kickstart service: 5: Input/output error\n"),
    (112, "Could not find domain for system\n"),
    (113, 'Could not find service "x" in domain for system\n'),
])
def test_kickstart_failures(
    launchd: FakeLaunchd, launchctl: Launchctl, error: int, err: str
) -> None:
    launchd.errors = {"kickstart": error}
    assert launchctl("kickstart", "-k", "system/x") == ("", err, error)


@pytest.mark.parametrize(("word", "linux"), [
    ("TERM", 15), ("-HUP", 1), ("SIGUSR1", 10), ("30", 10), ("10", 7), ("bus", 7), ("1", 1),
    ("17", 19), ("STOP", 19), ("19", 18),
])
def test_kill_speaks_darwin(
    launchd: FakeLaunchd, launchctl: Launchctl, word: str, linux: int
) -> None:
    launchd.services = [service("x", pid=7)]
    assert launchctl("kill", word, "system/x") == ("", "", 0)
    assert launchd.requests == [
        {"verb": "kill", "domain": "system", "label": "x", "signal": linux}]


@pytest.mark.parametrize("word", ["0", "32", "NOSUCH", "EMT", "INFO", "", "-1000000000000"])
def test_signals_that_there_are_not(launchctl: Launchctl, word: str) -> None:
    assert launchctl("kill", word, "system/x") == ("", (
        "Invalid signal.\n"
        "Usage: launchctl kill <signal-number|signal-name> <service-target>\n"), 64)


@pytest.mark.parametrize(("error", "err"), [
    (3, "No process to signal.\n"), (1, "Not privileged to signal service.\n"),
    (113, 'Could not find service "x" in domain for system\n'),
    (5, "Could not signal service: 5: Input/output error\n"),
])
def test_kill_failures(launchd: FakeLaunchd, launchctl: Launchctl, error: int, err: str) -> None:
    launchd.errors = {"kill": error}
    assert launchctl("kill", "TERM", "system/x") == ("", err, error)


def test_blame(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    launchd.services = [service("a", pid=7, reason="speculative"), service("b"),
                        service("c", pid=8)]
    assert launchctl("blame", "system/a") == ("speculative\n", "", 0)
    assert launchctl("blame", "system/b") == ("", "", 3)
    assert launchctl("blame", "system/c") == ("unknown\n", "", 0)
    assert launchctl("blame", "system/d") == (
        "", 'Could not find service "d" in domain for system\n', 113)


def test_start_and_stop_take_a_bare_label(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    launchd.services = [service("x", pid=7)]
    assert launchctl("start", "x") == ("", "", 0)
    assert launchctl("stop", "x") == ("", "", 0)
    assert launchctl("stop", "system/x", euid=501) == ("", "", 0)
    assert [(request["verb"], request["domain"]) for request in launchd.requests] == [
        ("start", "system"), ("stop", "system"), ("stop", "system")]


def test_a_users_label_is_looked_for_in_both_domains(
    launchd: FakeLaunchd, launchctl: Launchctl
) -> None:
    launchd.services = [service("x", domain="user/501", pid=7)]
    assert launchctl("stop", "x", euid=501) == ("", "", 0)
    assert [request["domain"] for request in launchd.requests] == ["gui/501", "user/501"]


@pytest.mark.parametrize("verb", ["start", "stop"])
@pytest.mark.parametrize(("error", "err", "status"), [
    (37, "", 0), (3, "", 3), (113, "", 3), (112, "", 3), (5, "", 5),
    (1, "Not privileged to {} service.\n", 1),
])
def test_start_and_stop_failures(
    launchd: FakeLaunchd, launchctl: Launchctl, verb: str, error: int, err: str, status: int
) -> None:
    launchd.errors = {verb: error}
    assert launchctl(verb, "x") == ("", err.format(verb), status)


def test_stop_of_an_idle_job(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    launchd.services = [service("x")]
    assert launchctl("stop", "x") == ("", "", 0)
    assert launchctl("stop", "system/x") == ("", "", 3)


@pytest.mark.parametrize(("error", "err", "status"), [
    (0, "", 0), (3, "", 0), (113, "", 0), (1, "Not privileged to remove service\n", 1),
])
def test_remove(
    launchd: FakeLaunchd, launchctl: Launchctl, error: int, err: str, status: int
) -> None:
    launchd.errors = {"remove": error}
    assert launchctl("remove", "x") == ("", err, status)


def test_submit(
    launchd: FakeLaunchd, launchctl: Launchctl, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert launchctl("submit", "-l", "job", "-p", "/bin/sleep", "-o", "out", "-e", "/tmp/err",
                     "--", "sleep", "-x") == ("", "", 0)
    assert launchctl("submit", "-l", "job", "--", "sleep", "60", euid=501) == ("", "", 0)
    assert launchctl("submit", "-l", "job", "-p", "/bin/cat") == ("", "", 0)
    who = {"verb": "submit", "label": "job", "submitter": f"launchctl[{os.getpid()}]"}
    assert launchd.requests == [
        {**who, "domain": "system", "program": "/bin/sleep", "arguments": ["sleep", "-x"],
         "stdout": "/out", "stderr": "/tmp/err"},
        {**who, "domain": "gui/501", "program": None, "arguments": ["sleep", "60"],
         "stdout": None, "stderr": None},
        {**who, "domain": "system", "program": "/bin/cat", "arguments": ["/bin/cat"],
         "stdout": None, "stderr": None},
    ]
    launchd.errors = {"submit": 17}
    assert launchctl("submit", "-l", "job", "--", "x") == (
        "", "Could not submit job: 17: File exists\n", 17)


@pytest.mark.parametrize("words", [(), ("-l", "job"), ("--", "x"), ("-l", "", "--", "x"),
                                   ("-z", "-l", "job", "--", "x")])
def test_submit_usage(launchctl: Launchctl, words: tuple[str, ...]) -> None:
    out, err, status = launchctl("submit", *words)
    assert (out, status) == ("", 64)
    assert "Usage: launchctl submit -l <label> [-p <program>]" in err
