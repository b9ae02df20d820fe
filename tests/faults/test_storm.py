"""Many writers and readers at once, checked against a serial replay of the log."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from dirserv.admin import trail
from dirserv.names import GROUPS, MEMBERSHIP, USERS
from dirserv.paths import Root
from tests.faults import whole
from tests.support import CHECKOUT

COMMENT = "dsAttrTypeStandard:Comment"
#: What the real commands say of what another writer did first; all else is a fault of ours.
OWN_ERRORS = ("eDSRecordAlreadyExists", "eDSUnknownNodeName", "eDSAttributeNotFound",
              "Group not found.", "Record was not found.", "Unknown user", "already exists",
              "eDSRecordNotFound", "data source ('", "Unable to find the user record")


class Done(NamedTuple):
    """A command that ended."""

    argv: list[str]
    status: int
    err: str


def commands(number: int) -> Iterator[list[str]]:
    """What one writer does: on things of its own, and on things that all writers share."""
    luck = random.Random(number)
    for turn in range(1 << 20):
        me, shared = f"w{number}n{turn}", f"s{luck.randrange(8)}"
        mark = f"{number}-{turn}"
        yield ["dscl", ".", "-create", f"/Users/{me}", "UniqueID", str(10_000 + 500 * number
                                                                      + turn % 500)]
        yield luck.choice([
            ["dscl", ".", "-append", f"/Users/{shared}", "Comment", mark],
            ["dscl", ".", "-merge", "/Groups/all", "Comment", mark],
            ["dseditgroup", "-o", "edit", "-a", me, "-t", "user", "all"],
            ["dscl", ".", "-create", f"/Users/{shared}"],
            ["dscl", ".", "-change", f"/Users/{shared}", "Comment", "first", mark],
        ])
        yield ["dseditgroup", "-o", "edit", "-a", me, "-t", "user", "all"]
        yield luck.choice([
            ["dscl", ".", "-delete", f"/Users/{me}"],
            ["dseditgroup", "-o", "edit", "-d", me, "-t", "user", "all"],
            ["sysadminctl", "-addUser", f"x{me}", "-home", "/var/empty", "-password", ""],
            ["sysadminctl", "-deleteUser", me, "-keepHome"],
            ["dscl", ".", "-delete", f"/Users/{shared}"],
        ])


def call(root: Path, argv: list[str], euid: str | None = None) -> Done:
    """Run one command as a process."""
    env = {"PATH": "/usr/bin:/bin", "DIRSERV_ROOT": str(root)}
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(CHECKOUT / "bin" / argv[0]), *argv[1:]],
        env={**env, **({"DIRSERV_EUID": euid} if euid else {})}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=300)
    return Done(argv, done.returncode, done.stdout + done.stderr)


def workers(count: int, work: Callable[[int, float], list[Done]], seconds: float) -> list[Done]:
    """What ``count`` threads have done when the time is over."""
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(count) as pool:
        return [done for each in pool.map(work, range(count), [end] * count) for done in each]


def storm(root: Path, writers: int, readers: int, seconds: float) -> tuple[list[Done], int]:
    """Let them all loose; what the writers did, and how many reads there were."""
    def write(number: int, end: float) -> list[Done]:
        found = []
        for argv in commands(number):
            if time.monotonic() > end:
                return found
            found.append(call(root, argv))
        return found

    reads: list[int] = []
    stop = threading.Event()

    def read(number: int) -> None:
        while not stop.is_set():
            done = call(root, ["dscl", ".", "-read", "/Users/pair", "RealName", "UserShell"],
                        euid="501" if number % 2 else None)
            assert done.status == 0, done
            name, shell = (line.partition(": ")[2] for line in done.err.splitlines())
            assert name[1:] == shell[1:], f"torn: {done}"
            reads.append(number)
            stop.wait(readers / 50)  # or there is no processor left for the writers

    with ThreadPoolExecutor(readers + 1) as pool:
        reading = [pool.submit(read, number) for number in range(readers)]
        pairing = pool.submit(pair, root, stop)
        try:
            found = workers(writers, write, seconds)
        finally:
            stop.set()
        for each in (*reading, pairing):
            each.result()
    return found, len(reads)


def pair(root: Path, stop: threading.Event) -> None:
    """Always change two attributes of one user together."""
    writer = subprocess.Popen([sys.executable, "-c", _PAIRS, str(CHECKOUT), str(root)],
                              stdin=subprocess.PIPE)
    stop.wait()
    assert writer.stdin
    writer.stdin.close()
    assert writer.wait(120) == 0


_PAIRS = """
import os, select, sys
sys.path.insert(0, sys.argv[1])
from dirserv.directory import Directory
from dirserv.names import REAL_NAME, SHELL, USERS
from dirserv.paths import Root
number = 1
while not select.select([0], [], [], 0.05)[0]:
    number += 1
    with Directory(Root(sys.argv[2])).change() as change:
        user = change.find(USERS, "pair")
        change.set(user, REAL_NAME, [f"n{number}"])
        change.set(user, SHELL, [f"s{number}"])
"""


@pytest.mark.parametrize(("writers", "readers", "seconds"), [
    (40, 10, 3), pytest.param(200, 50, 60, marks=pytest.mark.slow)])
def test_a_storm(little: Path, writers: int, readers: int, seconds: float) -> None:
    for argv in (["dscl", ".", "-create", "/Users/pair", "RealName", "n1"],
                 ["dscl", ".", "-create", "/Users/pair", "UserShell", "s1"],
                 ["dseditgroup", "-o", "create", "-i", "9000", "all"]):
        assert call(little, argv).status == 0
    for number in range(8):
        call(little, ["dscl", ".", "-create", f"/Users/s{number}", "Comment", "first"])
    root, before, ids = Root(str(little)), whole.check(little), whole.ids(little)
    begun = len(trail.entries(root))
    done, reads = storm(little, writers, readers, seconds)
    after, entries = whole.check(little), trail.entries(root)[begun:]
    assert whole.replayed(before, ids, entries) == whole.told(after), "a serial replay of the log"
    unexpected = [each for each in done if "Traceback" in each.err or "internal" in each.err
                  or (each.status and not any(word in each.err for word in OWN_ERRORS))]
    assert not unexpected, unexpected[:5]
    assert len(done) > writers and reads > readers
    acknowledged(done, after, entries)
    print(f"{len(done)} writes ({len(entries)} in the log), {reads} reads, "
          f"{os.cpu_count()} processors")


def acknowledged(done: list[Done], after: whole.View, entries: list[trail.Entry]) -> None:
    """Each command that ended well and changes something for certain stands in the log once."""
    logged = [tuple(entry.argv) for entry in entries]
    assert len(set(logged)) > 1
    for argv, status, err in done:
        certain = "-append" in argv or "-create" in argv and "UniqueID" in argv
        if status == 0 and certain:
            assert logged.count(tuple(argv)) == 1, (argv, err)
    members = after[GROUPS, "all"].get(MEMBERSHIP, [])
    assert len(set(members)) == len(members)
    joined = {argv[4] for argv, status, _ in done if argv[:4] == ["dseditgroup", "-o", "edit", "-a"]
              and status == 0}
    left = {name for argv, _, _ in done for name in argv if argv[1:4] == ["-o", "edit", "-d"]
            or argv[1:3] == [".", "-delete"] or argv[1] == "-deleteUser"}
    gone = {name.rpartition("/")[2] for name in left}
    assert joined - gone <= set(members), "a lost update"
    assert all((USERS, name) in after for name in joined - gone)
