"""The tracer itself: a strike does what it says, at the call that was meant, and nothing else."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.faults import ptrace
from tests.faults.stepper import in_fork
from tests.faults.striking import Faults, Watching

pytestmark = pytest.mark.usefixtures("tracing")
CALLS = ["openat", "write", "fsync", "rename"]


def work(at: Path) -> dict[str, Any]:
    """Write eight bytes and rename the file; the number of the error, and what write said."""
    error = written = 0
    try:
        fd = os.open(at / "new", os.O_WRONLY | os.O_CREAT)
        written = os.write(fd, b"12345678")
        os.fsync(fd)
        os.rename(at / "new", at / "done")
    except OSError as reason:
        error = reason.errno or 0
    return {"error": error, "written": written}


def struck(at: Path, faults: Faults) -> dict[str, Any]:
    """What ``work`` returns with faults."""
    def perform() -> dict[str, Any]:
        ptrace.begin()
        done = work(at)
        ptrace.end()
        (at / "after").touch()  # is none of the calls any more
        return done

    return in_fork(perform, faults.look)


KILLED = {"status": -9, "out": "", "err": ""}
#: How and where -> what the process sees, and the files that are there afterwards with their sizes.
STRIKES = {
    ("none", 0): ({"error": 0, "written": 8}, {"done": 8}),
    ("kill", 1): (KILLED, {}),
    ("kill-after", 1): (KILLED, {"new": 0}),
    ("kill", 2): (KILLED, {"new": 0}),
    ("kill-after", 2): (KILLED, {"new": 8}),
    ("kill", 4): (KILLED, {"new": 8}),
    ("kill-after", 4): (KILLED, {"done": 8}),
    ("EROFS", 1): ({"error": 30, "written": 0}, {}),
    ("ENOSPC", 2): ({"error": 28, "written": 0}, {"new": 0}),
    ("ENOSPC-after", 2): ({"error": 28, "written": 0}, {"new": 8}),
    ("short", 2): ({"error": 0, "written": 4}, {"done": 4}),
    ("short", 4): ({"error": 0, "written": 8}, {"done": 8}),
    ("EINTR", 2): ({"error": 0, "written": 8}, {"done": 8}),  # Python tries again
    ("EIO", 3): ({"error": 5, "written": 8}, {"new": 8}),
    ("EIO-after", 4): ({"error": 5, "written": 8}, {"done": 8}),
}


@pytest.mark.parametrize(("how", "step"), STRIKES)
def test_a_strike(tmp_path: Path, how: str, step: int) -> None:
    faults = Faults(how, step)
    seen, files = STRIKES[how, step]
    assert struck(tmp_path, faults) == seen
    (tmp_path / "after").unlink(missing_ok=True)
    assert {path.name: path.stat().st_size for path in tmp_path.iterdir()} == files
    failed = seen.get("error") or seen == KILLED
    assert faults.made == (["openat", "write", *CALLS[1:]] if how == "EINTR" else
                           CALLS[:step] if failed else CALLS)


def test_a_look_around_each_call(tmp_path: Path) -> None:
    watching = Watching(lambda: " ".join(os.listdir(tmp_path)))
    struck(tmp_path, watching)
    assert watching.seen == ["", "new", "done"]


def test_the_calls_of_a_library_in_c_are_seen(tmp_path: Path) -> None:
    """Which no change of Python's own functions could see."""
    def perform() -> None:
        database = sqlite3.connect(tmp_path / "database", isolation_level=None)
        ptrace.begin()
        database.execute("CREATE TABLE t (x)")
        ptrace.end()

    faults = Faults("none", 0)
    in_fork(perform, faults.look)
    assert {"openat", "pwrite64", "fdatasync", "unlink"} <= set(faults.made)
