"""A writer that dies, or whose disk fails, at a chosen system call.

Run as ``python kill.py ROOT STEP HOW``: makes the user victim in one change; the STEP-th call that
changes the disk (write, fsync, rename, unlink of ours; BEGIN, COMMIT of the database) is not made.
HOW is ``kill`` (SIGKILL there) or the name of an errno. Prints the number of calls at the end.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

CALLS = ("open", "write", "fsync", "fdatasync", "fchmod", "fchown", "rename", "unlink", "pwrite")


class Faults:
    """Counts calls and fails the chosen one."""

    def __init__(self, step: int, how: str) -> None:
        self.made = 0
        self._step = step
        self._how = how

    def strike(self, what: str) -> None:
        """Called before each call; does not return if it is the chosen one's turn to die."""
        self.made += 1
        if self.made != self._step:
            return
        if self._how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        code = getattr(errno, self._how)
        raise OSError(code, os.strerror(code), what)

    def wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call with a fault before it."""

        def faulty(*args: Any, **kwargs: Any) -> Any:
            if name != "open" or args[1] & (os.O_WRONLY | os.O_RDWR):
                self.strike(name)
            return call(*args, **kwargs)

        return faulty


def main() -> None:
    """Make the user victim with a fault on the way."""
    root, step, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    from dirserv.directory import Directory
    from dirserv.errors import DSError
    from dirserv.names import GROUPS, USERS
    from dirserv.paths import Root
    from dirserv.store import Store

    faults = Faults(step, how)
    for name in CALLS:
        setattr(os, name, faults.wrap(name, getattr(os, name)))
    for name in ("begin", "commit"):
        setattr(Store, name, faults.wrap(name, getattr(Store, name)))
    try:
        with Directory(Root(root)).change() as change:
            user = change.new(USERS, "victim")
            assert user is not None
            change.set(user, "dsAttrTypeStandard:UniqueID", ["777"])
            change.set(user, "dsAttrTypeStandard:PrimaryGroupID", ["20"])
            group = change.find(GROUPS, "staff")
            assert group is not None
            change.append(group, "dsAttrTypeStandard:GroupMembership", ["victim"])
    except (DSError, OSError) as error:
        print(f"failed {error}")
    else:
        print(f"done {faults.made}")


main()
