"""Looking at processes: which are a job's, are they still the ones we mean, ending them.

A process is known by its pid together with its start time, which no other process with that pid
can have.
"""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    #: (pid, start time in clock ticks since boot)
    Identity = tuple[int, int]


def started_at(pid: int) -> int | None:
    """When a process was started, in clock ticks since boot; None if it is gone."""
    fields = _fields(pid)
    return None if fields is None else int(fields[19])


def identity(pid: int) -> Identity | None:
    """A process as it is now; None if it is gone."""
    start = started_at(pid)
    return None if start is None else (pid, start)


def alive(process: Identity) -> bool:
    """Whether exactly this process lives; a zombie does not."""
    fields = _fields(process[0])
    return fields is not None and int(fields[19]) == process[1] and fields[0] not in "ZX"


def send(process: Identity, number: int) -> bool:
    """Send a signal to exactly this process; returns whether it was there."""
    try:
        fd = os.pidfd_open(process[0])
    except OSError:
        return False
    try:
        if started_at(process[0]) != process[1]:
            return False
        signal.pidfd_send_signal(fd, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(fd)
    return True


def leftovers(leader: int, label: str | None) -> list[Identity]:
    """What a job has left behind: its session, and what it double-forked out of it.

    The session is the leader's pid. A process that made a session of its own is known by the
    environment that it inherited, and by having become a child of ours; without a label it is
    none of the job's.
    """
    mark = f"XPC_SERVICE_NAME={label}".encode()
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) in (leader, os.getpid()):
            continue
        fields = _fields(int(entry))
        if fields is None or fields[0] in "ZX":
            continue
        if int(fields[3]) == leader or int(fields[2]) == leader or (
            label and int(fields[1]) == os.getpid() and _has(int(entry), mark)
        ):
            found.append((int(entry), int(fields[19])))
    return found


def _has(pid: int, mark: bytes) -> bool:
    try:
        with open(f"/proc/{pid}/environ", "rb") as environment:
            return mark in environment.read().split(b"\0")
    except OSError:
        return False


def _fields(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat behind the name: state, ppid, pgrp, session, …"""
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as stat:
            return stat.read().rpartition(")")[2].split()
    except OSError:
        return None
