"""launchd-shim beside Supervisor and s6: starting, restarting, 1,000 jobs, doing nothing."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.launchd_managers import S6, Manager, Ours, Supervisor
from tests.bench.measure import Row
from tests.clients.archive import ArchiveUnreachable

ROUNDS, MANY, IDLE_SECONDS = 11, 1000, 20.0
#: Longer than any of them makes a job wait that has just been started.
SETTLED_SECONDS = 1.3

#: What is measured -> (unit, what a reader has to know).
FIGURES = {
    "start a job": ("ms", "command to first act; launchctl is Python, s6-svc is C"),
    "restart a job": ("ms", "with the command; the job is ended first"),
    "restart after kill -9": ("ms", ""),
    "1,000 jobs known": ("ms", "from the supervisor's start, none of them running"),
    "1,000 jobs, RSS": ("MB", "of all the supervisor's processes"),
    "1,000 jobs, PSS": ("MB", "the same, shared pages counted once"),
    "idle wake-ups": ("/min", "context switches, 12 jobs running"),
    "idle CPU": ("ms", "in a minute, 12 jobs running"),
}


def main() -> list[Row]:
    """All figures, ours beside each peer that can be had. Says which cannot, and why."""
    managers: list[Manager] = [Ours()]
    for peer in (Supervisor, S6):
        try:
            managers.append(peer())
        except ArchiveUnreachable as error:
            print(f"  without {peer.name}: {error}", file=sys.stderr)
    figures: dict[str, dict[str, float]] = {manager.name: {} for manager in managers}
    place = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        with contextlib.ExitStack() as stack:
            for manager in managers:
                figures[manager.name] |= _latencies(manager, place / type(manager).__name__, stack)
            for name, found in _idle(managers).items():
                figures[name] |= found
        for manager in managers:
            figures[manager.name] |= _many(manager, place / f"{type(manager).__name__}-many")
    finally:
        shutil.rmtree(place)
    return [Row(what, figures[Ours.name][what], figures[peer.name][what], unit, peer.name,
                goal=1.0, note=note)
            for what, (unit, note) in FIGURES.items() for peer in managers[1:]]


class Told:
    """A pipe on which jobs say that they have started."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._fd = os.open(path, os.O_RDWR)
        self.script = f"echo $$ > '{path}'\nexec sleep 100000\n"

    def pid(self) -> int:
        """The pid of the next job that starts. Raises RuntimeError after 20 s without one."""
        if not select.select([self._fd], [], [], 20)[0]:
            raise RuntimeError("the job did not start")
        return int(os.read(self._fd, 100))

    def close(self) -> None:
        os.close(self._fd)


def _latencies(
    manager: Manager, place: Path, stack: contextlib.ExitStack
) -> dict[str, float]:
    """Start and restart in milliseconds; leaves the jobs running until ``stack`` ends."""
    place.mkdir()
    told = Told(place / "told")
    stack.callback(told.close)
    others = [f"job{number}" for number in range(ROUNDS)]
    stack.callback(manager.stop)
    manager.start(place / "run", [("kept", told.script, True),
                                  *((name, told.script, False) for name in others)])
    pid = told.pid()
    starts = [_commanded(manager, "start", name, told)[0] for name in others]
    restarts, revivals = [], []
    for _ in range(ROUNDS):
        time.sleep(SETTLED_SECONDS)
        taken, pid = _commanded(manager, "restart", "kept", told)
        restarts.append(taken)
        time.sleep(SETTLED_SECONDS)
        begin = time.perf_counter()
        os.kill(pid, signal.SIGKILL)
        pid = told.pid()
        revivals.append((time.perf_counter() - begin) * 1000)
    return {"start a job": statistics.median(starts),
            "restart a job": statistics.median(restarts),
            "restart after kill -9": statistics.median(revivals)}


def _commanded(manager: Manager, verb: str, job: str, told: Told) -> tuple[float, int]:
    """Milliseconds from a command to the job's first act, and the job's pid."""
    begin = time.perf_counter()
    with manager.tell(verb, job):
        pid = told.pid()
        return (time.perf_counter() - begin) * 1000, pid


def _idle(managers: list[Manager]) -> dict[str, dict[str, float]]:
    """Wake-ups and CPU milliseconds in a minute, of all at the same time."""
    time.sleep(SETTLED_SECONDS)
    before = {manager.name: _used(manager.processes()) for manager in managers}
    time.sleep(IDLE_SECONDS)
    found = {}
    for manager in managers:
        switches, cpu = (now - then for now, then in zip(
            _used(manager.processes()), before[manager.name], strict=True))
        found[manager.name] = {"idle wake-ups": switches * 60 / IDLE_SECONDS,
                               "idle CPU": cpu * 60 / IDLE_SECONDS}
    return found


def _used(pids: list[int]) -> tuple[float, float]:
    """Context switches so far, and milliseconds on a processor."""
    switches = sum(_field(pid, "status", name) for pid in pids
                   for name in ("voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"))
    cpu = sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids)
    return switches, cpu / 1e6


def _field(pid: int, file: str, name: str) -> int:
    """A number out of one of a process's files in /proc."""
    lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name + ":")).split()[1])


def _many(manager: Manager, place: Path) -> dict[str, float]:
    """A thousand jobs that wait: how long until all are known, and the memory in MB."""
    place.mkdir()
    jobs = [(f"job{number}", "exec sleep 100000\n", False) for number in range(MANY)]
    begin = time.perf_counter()
    try:
        manager.start(place / "run", jobs)
        taken = (time.perf_counter() - begin) * 1000
        pids = manager.processes()
        return {"1,000 jobs known": taken,
                "1,000 jobs, RSS": sum(_field(pid, "status", "VmRSS") for pid in pids) / 1024,
                "1,000 jobs, PSS": sum(_field(pid, "smaps_rollup", "Pss") for pid in pids) / 1024}
    finally:
        manager.stop()
