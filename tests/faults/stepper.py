"""A process that runs our commands in forks of itself, each with a fault at a chosen system call.

Importing everything once makes a run cost milliseconds, so that every step of every kind of write
can be struck. Requests and answers are lines of JSON on standard input and output.
"""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from dirserv import initialise
from dirserv.admin import main as admin
from dirserv.command import _run
from dirserv.console import Console
from dirserv.names import GROUPS, RECORD_NAME, USERS
from tests.faults import ptrace, whole
from tests.faults.striking import Faults, Watching

#: What the commands load when they need it: here before the fork.
PRELOADED = ("dirserv.change", "dirserv.dscl.writing", "dirserv.dsimport.main", "dirserv.groupedit",
             "dirserv.projection.repair", "dirserv.dscl.reading", "plistlib",
             "dirserv.redaction", "dirserv.sysadminctl.add", "dirserv.passwords", "urllib.parse")
#: The built-in accounts that a root gets here: enough for every step, and few enough to strike all.
KEPT = {USERS: ("root", "daemon", "_www"), GROUPS: ("wheel", "staff", "admin")}


def look_around(root: str) -> str:
    """What a reader sees: the directory, and each flat file by itself."""
    files = (Path(root, "private/etc", name) for name in ("passwd", "group"))
    texts = [path.read_text() if path.exists() else None for path in files]
    return json.dumps([repr(sorted((whole.published(Path(root)) or {}).items())), *texts])


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Run a command in a fork, with a fault; the answer, status -9 if it was killed."""
    root, how = request["root"], request["how"]
    faults = Watching(lambda: look_around(root)) if how == "watch" else Faults(how, request["step"])
    traced = how != "storm"

    def perform() -> dict[str, Any]:
        if traced:
            ptrace.begin()
        else:  # interrupts every call that can be
            signal.signal(signal.SIGALRM, lambda *_: None)
            signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
        done = _run_one(root, request["argv"])
        if traced:
            ptrace.end()
        return done

    done = in_fork(perform, faults.look if traced else None)
    return {**done, "made": faults.made, "seen": getattr(faults, "seen", [])}


def answers(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Run one command after the other in one fork, without a fault; the answers."""
    return in_fork(lambda: [_run_one(request["root"], argv) for argv in request["argvs"]])


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


def in_fork(perform: Callable[[], Any], look: Callable[[ptrace.Call], None] | None = None) -> Any:
    """What ``perform`` returns in a fork, whose calls ``look`` sees if it is given."""
    result = os.memfd_create("answer")
    pid = os.fork()
    if not pid:
        os.setsid()  # no terminal to ask at
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdin = open(0)
        with open(result, "w") as file:
            json.dump(perform(), file)
            file.flush()
            os._exit(0)
    status = ptrace.trace(pid, look) if look else os.waitpid(pid, 0)[1]
    with open(result) as file:
        if os.WIFSIGNALED(status):
            return {"status": -os.WTERMSIG(status), "out": "", "err": ""}
        file.seek(0)
        return json.load(file)


def prepare_process() -> None:
    """Load what commands need, and have a fork and a stop at a call cost little: one processor is
    not waiting for the other, and no collection of garbage copies pages."""
    os.umask(0o077)
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {processors[os.getpid() % len(processors)]})
    for name in PRELOADED:
        __import__(name)
    admin.parser()  # loads every subcommand
    all_of = initialise.builtin
    initialise.builtin = lambda type: [
        attributes for attributes in all_of(type) if attributes[RECORD_NAME][0] in KEPT[type]]
    gc.freeze()


def main() -> None:
    """Serve requests until standard input ends."""
    prepare_process()
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps((answers if "argvs" in request else answer)(request)), flush=True)


if __name__ == "__main__":
    main()
