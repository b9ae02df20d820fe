"""A supervisor whose whole root lies on a small disk, full for a while.

``python -m tests.faults.fulldisk ROOT``, in a mount namespace where ROOT is a small tmpfs.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support import run
from tests.unit.supervisor.harness import Launchd, alive, end, until

SLEEP = "exec sleep 1000"
FULL = "28: No space left on device\n"


def fill(root: Path) -> Path:
    """Leave no byte free on the disk; returns the file to delete."""
    filler = root / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return filler


def command(root: Path, *words: str) -> tuple[str, str, int]:
    """What launchctl says."""
    done = run(root, "launchctl", *words)
    return done.stdout, done.stderr, done.returncode


def main(root: Path) -> None:
    """Fill the disk, use and kill the supervisor, free the disk again."""
    launchd = Launchd(root)
    try:
        assert launchd.load("kept", SLEEP, KeepAlive=True, ThrottleInterval=1) == 0
        late = launchd.plist("late", SLEEP, RunAtLoad=True)
        filler = fill(root)
        kept = jobs_go_on(launchd, launchd.pid("kept"))
        clear_messages(root, late)
        launchd.die()
        launchd.start()
        assert launchd.labels() == ["kept"] and launchd.pid("kept") == kept, "neither lost nor two"
        assert command(root, "setenv", "WHEN", "full") == ("", "", 0)
        filler.unlink()
        recovers(launchd, late)
    finally:
        launchd.stop()
    assert not alive(kept)


def jobs_go_on(launchd: Launchd, pid: int) -> int:
    """A job that dies is started again; returns its new pid."""
    end(pid)
    return until(lambda: launchd.service("kept")["pid"] not in (None, pid)
                 and launchd.service("kept")["pid"])


def clear_messages(root: Path, late: str) -> None:
    """What cannot be done says why."""
    assert command(root, "disable", "system/x") == ("", "Could not disable service: " + FULL, 28)
    assert command(root, "bootstrap", "system", late) == ("", "Bootstrap failed: " + FULL, 28)
    assert command(root, "load", late) == ("", "Load failed: " + FULL, 0)
    assert command(root, "print-disabled", "system")[2] == 0


def recovers(launchd: Launchd, late: str) -> None:
    """What was owed is written without anybody's help, and everything works again."""
    until(lambda: "the next supervisor will know everything again" in launchd.log())
    assert "could not be noted for the next supervisor: [Errno 28]" in launchd.log()
    launchd.die()
    launchd.start()
    assert launchd.ask("getenv")["values"] == {"WHEN": "full"}
    assert command(launchd.root, "disable", "system/x") == ("", "", 0)
    assert command(launchd.root, "bootstrap", "system", late) == ("", "", 0)
    assert sorted(launchd.labels()) == ["kept", "late"]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
