"""The supervisor dies; its jobs run on, and the next one goes on with them."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pytest

from tests.unit.supervisor.harness import Launchd, alive, end, until

SLEEP = "exec sleep 1000"


def processes_of(root: Path, label: str) -> list[int]:
    """The living processes that carry a job's name."""
    mark = f"XPC_SERVICE_NAME={label}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            variables = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if mark in variables and f"ROOT={root}".encode() in variables:
            found.append(int(path.parent.name))
    return [pid for pid in found if alive(pid)]


def test_jobs_survive_and_are_supervised_again(launchd: Launchd) -> None:
    assert launchd.load("kept", SLEEP, KeepAlive=True, ThrottleInterval=0) == 0
    assert launchd.load("plain", SLEEP, RunAtLoad=True) == 0
    assert launchd.load("idle", SLEEP) == 0
    pids = {label: launchd.pid(label) for label in ("kept", "plain")}
    Path(launchd.plist("kept", "exit 9"))  # an edited file has no effect on a loaded job
    launchd.ask("setenv", values={"K": "v"})
    launchd.die()
    assert all(map(alive, pids.values()))
    launchd.start()
    assert sorted(launchd.labels()) == ["idle", "kept", "plain"]
    assert {label: launchd.pid(label) for label in pids} == pids, "nothing was restarted"
    assert launchd.service("kept")["runs"] == 1
    assert launchd.ask("getenv")["values"] == {"K": "v"}
    end(pids["kept"])
    until(lambda: launchd.service("kept")["pid"] not in (None, pids["kept"]))
    end(pids["plain"])
    until(lambda: launchd.service("plain")["pid"] is None)
    assert launchd.service("plain")["runs"] == 1


def test_a_job_that_ended_meanwhile(launchd: Launchd) -> None:
    assert launchd.load("kept", SLEEP, KeepAlive=True) == 0
    pid = launchd.pid("kept")
    launchd.die()
    end(pid)
    until(lambda: not alive(pid))
    launchd.start()
    assert launchd.pid("kept") != pid


def test_an_unfinished_removal_is_finished(launchd: Launchd) -> None:
    assert launchd.load("deaf", 'trap "" TERM; while :; do sleep 0.1; done', RunAtLoad=True,
                        ExitTimeOut=2) == 0
    pid = launchd.pid("deaf")
    time.sleep(0.3)
    asking = threading.Thread(target=lambda: pytest.raises(
        (OSError, ValueError), launchd.ask, "bootout", label="deaf"))
    asking.start()
    until(lambda: launchd.service("deaf")["state"] == "SIGTERMed")
    launchd.die()
    asking.join()
    launchd.start()
    until(lambda: not alive(pid) and launchd.labels() == [])


@pytest.mark.parametrize("rounds", [15, pytest.param(200, marks=pytest.mark.slow)])
def test_killed_at_random_moments_under_load(launchd: Launchd, rounds: int) -> None:
    """No job is lost, doubled or orphaned, whenever the supervisor dies."""
    labels = [f"job{number}" for number in range(6)]
    environment = {"ROOT": str(launchd.root)}
    for label in labels:
        assert launchd.load(label, SLEEP, KeepAlive=True, ThrottleInterval=0,
                            EnvironmentVariables=environment) == 0
    luck = random.Random(20261122)
    for _ in range(rounds):
        stop = threading.Event()
        load = threading.Thread(target=_disturb, args=(launchd, labels, stop))
        load.start()
        time.sleep(luck.uniform(0, 0.15))
        launchd.die()
        stop.set()
        load.join()
        launchd.start()
    assert sorted(launchd.labels()) == labels
    until(lambda: all(processes_of(launchd.root, label) == [launchd.service(label)["pid"]]
                      for label in labels))
    for label in labels:
        assert launchd.ask("bootout", label=label) == {"error": 0}
    until(lambda: not any(processes_of(launchd.root, label) for label in labels))


def _disturb(launchd: Launchd, labels: list[str], stop: threading.Event) -> None:
    at = 0
    while not stop.is_set():
        try:
            launchd.ask("kickstart", label=labels[at % len(labels)], kill=True)
        except (OSError, ValueError):
            return
        at += 1


def test_a_hundred_callers_at_once(launchd: Launchd) -> None:
    errors: list[int] = []

    def work(number: int) -> None:
        errors.append(launchd.load(f"j{number}", SLEEP, RunAtLoad=True))
        errors.append(launchd.ask("kickstart", label=f"j{number}", kill=True)["error"])
        errors.append(launchd.ask("bootout", label=f"j{number}")["error"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [0] * 300
    assert launchd.labels() == []


def test_an_idle_supervisor_does_not_wake_up(launchd: Launchd) -> None:
    assert launchd.load("quiet", SLEEP, KeepAlive=True) == 0
    launchd.pid("quiet")

    def switches() -> int:
        status = Path(f"/proc/{launchd.process.pid}/status").read_text()
        return sum(int(line.split()[1]) for line in status.splitlines() if "ctxt" in line)

    until(lambda: _settled(switches))
    before = switches()
    time.sleep(3)
    assert switches() == before


def _settled(switches) -> bool:  # noqa: ANN001
    before = switches()
    time.sleep(0.3)
    return switches() == before
