"""Running a transcript's command line: a real /bin/sh that finds our commands on its PATH."""

from __future__ import annotations

import functools
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dirserv.command import MODULES
from tests.conformance import terminal
from tests.support import CHECKOUT

_SECONDS = 60
_STAFF = 20


@dataclass(frozen=True)
class Result:
    """What a command line gave. ``terminal`` is what went to /dev/tty."""

    stdout: str
    stderr: str
    exit: int
    terminal: str = ""


def wrappers(folder: Path, interpreter: str) -> None:
    """Fill a directory for PATH with our commands, run by this interpreter."""
    folder.mkdir()
    folder.chmod(0o755)
    for name in MODULES:
        script = folder / name
        target = shlex.quote(str(CHECKOUT / "bin" / name))
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(interpreter)} -I -S {target} "$@"\n')
        script.chmod(0o755)


@functools.cache
def interpreter_for(uid: int) -> str | None:
    """A Python that can run the checkout as this user; None if there is none."""
    others = [f"{folder}/python3" for folder in os.get_exec_path()]
    return next((path for path in [sys.executable, *others] if _works(path, uid)), None)


def _works(interpreter: str, uid: int) -> bool:
    probe = (
        "import sys; sys.path.insert(0, sys.argv[1]); import dirserv.command;"
        "sys.exit(sys.version_info < (3, 11))"
    )
    try:
        done = subprocess.run(
            [interpreter, "-I", "-S", "-c", probe, str(CHECKOUT)],
            stdin=subprocess.DEVNULL, capture_output=True, cwd="/", check=False,
            **_identity(uid),
        )
    except OSError:
        return False
    return done.returncode == 0


def run(
    command: str, root: Path, path: Path, uid: int = 0, stdin: str = "", tty: str | None = None
) -> Result:
    """Run a command line in ``root``/cwd with the commands in ``path`` before the system's.

    ``uid`` other than 0 is another user than the one who runs the tests. With ``tty`` the command
    has a controlling terminal at which these lines are typed, one at each prompt.
    """
    cwd = root / "cwd"
    cwd.mkdir(exist_ok=True)
    settings: dict[str, Any] = {
        "cwd": cwd,
        "env": {"PATH": f"{path}:/usr/bin:/bin", "DIRSERV_ROOT": str(root), "LC_ALL": "C.UTF-8"},
        **_identity(uid),
    }
    if tty is not None:
        out, err, status, shown = terminal.run(["/bin/sh", "-c", command], tty, settings)
        return Result(out, err, status, shown)
    done = subprocess.run(
        ["/bin/sh", "-c", command], input=stdin.encode(), capture_output=True,
        timeout=_SECONDS, start_new_session=True, check=False, **settings,
    )
    return Result(done.stdout.decode(), done.stderr.decode(), done.returncode)


def _identity(uid: int) -> dict[str, Any]:
    if uid == 0 or os.geteuid() != 0:
        return {}
    return {"user": uid, "group": _STAFF, "extra_groups": []}
