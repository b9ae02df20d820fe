"""asuser and bsexec: run a program in another domain (spec/launchd.md 2.7, 8.13)."""

from __future__ import annotations

import os

from launchd_shim.darwin import strerror
from launchd_shim.launchctl.call import ASUSER
from launchd_shim.launchctl.failures import EPERM, ESRCH, Failure, Usage
from launchd_shim.launchctl.targets import natural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from launchd_shim.launchctl.call import Call


def as_user(call: Call) -> NoReturn:
    """asuser UID PROGRAM…: the identity stays, only the domain of nested launchctls changes."""
    number, program = _words(call)
    _execute(call, number, program)


def in_process(call: Call) -> NoReturn:
    """bsexec PID PROGRAM…: the domain is that of the process's user."""
    number, program = _words(call)
    try:
        uid = os.stat(f"/proc/{number}").st_uid
    except OSError:
        raise _failure(ESRCH) from None
    _execute(call, uid, program)


def _words(call: Call) -> tuple[int, list[str]]:
    words = call.arguments[1:] if call.arguments[:1] == ["--"] else call.arguments
    number = natural(words[0]) if len(words) > 1 else None
    if number is None:
        raise Usage
    return number, words[1:]


def _execute(call: Call, uid: int, program: list[str]) -> NoReturn:
    """Become the program; its status is ours. Raises Failure."""
    if call.euid not in (0, uid):
        raise _failure(EPERM)
    os.umask(_umask_of_caller())
    try:
        os.execvpe(program[0], program, {**os.environ, ASUSER: str(uid)})
    except (OSError, ValueError) as error:
        from launchd_shim.darwin_errors import from_host

        raise _failure(from_host(getattr(error, "errno", 0) or 2)) from None


def _umask_of_caller() -> int:
    """The umask that the caller had: commands narrow their own at once."""
    try:
        with open(f"/proc/{os.getppid()}/status", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith("Umask:"):
                    return int(line[6:], 8)
    except (OSError, ValueError):
        pass  # no /proc, or a parent that is gone
    return 0o022


def _failure(error: int) -> Failure:
    return Failure(error, f"Could not execute program: {error}: {strerror(error)}")
