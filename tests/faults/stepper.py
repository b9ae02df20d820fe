"""A process that runs our commands in forks of itself, each with a fault at a chosen call.

Importing everything once makes a run cost milliseconds, so that every step of every kind of write
can be struck. Requests and answers are lines of JSON on standard input and output.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from dirserv.admin import main as admin
from dirserv.command import _run
from dirserv.console import Console
from dirserv.store import Store
from tests.faults import whole
from tests.faults.kill import Faults

#: What the commands load when they need it: here before the fork.
PRELOADED = ("dirserv.change", "dirserv.dscl.writing", "dirserv.dsimport.main", "dirserv.groupedit",
             "dirserv.initialise", "dirserv.projection.repair", "dirserv.dscl.reading", "plistlib",
             "dirserv.redaction", "dirserv.sysadminctl.add", "dirserv.passwords", "urllib.parse")


class Watching(Faults):
    """No fault: a reader looks before and after each call."""

    def __init__(self, root: str) -> None:
        super().__init__(0, "watch")
        self.seen: list[str] = []
        self._root = Path(root)
        self._looking = False

    def perform(self, name: str, call, args: Any, kwargs: Any) -> Any:  # noqa: ANN001
        """The call, and what can be read then."""
        if self._looking:
            return call(*args, **kwargs)
        self.made += 1
        result = call(*args, **kwargs)
        self._looking = True
        self._look()
        self._looking = False
        return result

    def _look(self) -> None:
        files = (self._root / "private/etc" / name for name in ("passwd", "group"))
        texts = [path.read_text() if path.exists() else None for path in files]
        seen = json.dumps([repr(sorted((whole.published(self._root) or {}).items())), *texts])
        if self.seen[-1:] != [seen]:
            self.seen.append(seen)


def faults_of(request: dict[str, Any]) -> Faults:
    """What is to happen on the way."""
    if request["how"] == "watch":
        return Watching(request["root"])
    if request["how"] == "storm":
        signal.signal(signal.SIGALRM, lambda *_: None)  # interrupts every call that can be
        signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
    return Faults(request["step"], request["how"])


def perform(request: dict[str, Any]) -> Any:
    """Run the command; the answer. With ``argvs`` run them all; the answers."""
    if "argvs" in request:
        return [_run_one(request["root"], argv) for argv in request["argvs"]]
    faults = faults_of(request)
    faults.install()
    return {**_run_one(request["root"], request["argv"]), "made": faults.made,
            "seen": getattr(faults, "seen", [])}


def _run_one(root: str, argv: list[str]) -> dict[str, Any]:
    out, err = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            if argv[0] == "darling-dirserv":
                status = _admin([argv[1], "--root", root, *argv[2:]])
            else:
                outcome = _run(argv, Console(), root)
                status = outcome.status & 0xFF
                print(outcome.out, end="")
                print(outcome.err, end="", file=sys.stderr)
    except Exception:  # noqa: BLE001 - what a traceback on the user's terminal would be
        status = 255
        err.write(traceback.format_exc())
    return {"status": status, "out": out.getvalue(), "err": err.getvalue()}


def _admin(words: list[str]) -> int:
    try:
        return admin.main(words)
    except SystemExit as left:  # argparse's own
        return int(left.code or 0)


def in_fork(request: dict[str, Any]) -> Any:
    """The answer of a fork; status -9 if it was killed."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        os.setsid()  # no terminal to ask at
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdin = open(0)
        answer = json.dumps(perform(request)).encode()
        while answer:
            answer = answer[os.write(writing, answer):]
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as file:
        answer = file.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return {"status": -os.WTERMSIG(status), "out": "", "err": "", "made": 0, "seen": []}
    return json.loads(answer)


def without_waiting_for_the_disk() -> None:
    """What dies here is a process, never the power: the calls count, and take no time."""
    os.fsync = os.fdatasync = lambda fd: None
    make = Store.__init__

    def quick(self: Store, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        self._execute("PRAGMA synchronous = OFF")

    Store.__init__ = quick


def main() -> None:
    """Serve requests until standard input ends."""
    os.umask(0o077)
    without_waiting_for_the_disk()
    for name in PRELOADED:
        __import__(name)
    admin.parser()  # loads every subcommand
    for line in sys.stdin:
        print(json.dumps(in_fork(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
