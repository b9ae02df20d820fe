"""A writer that dies, or whose disk fails, at a chosen system call.

Run as ``python kill.py ROOT STEP HOW``: makes the user victim in one change; the STEP-th call that
changes the disk (write, fsync, rename, unlink of ours; BEGIN, COMMIT of the database) is struck.
HOW is ``kill`` (SIGKILL instead of the call), the name of an errno (the call is not made and fails
so), either with ``-after`` (the call is made first), or ``short`` (half of a write is done).
Prints the number of calls at the end.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

CALLS = ("open", "write", "fsync", "fdatasync", "fchmod", "fchown", "rename", "unlink", "pwrite",
         "mkdir", "chmod", "chown")
WRITING = os.O_WRONLY | os.O_RDWR


class Faults:
    """Counts calls and strikes the chosen one."""

    def __init__(self, step: int, how: str) -> None:
        self.made = 0
        self._step = step
        self._how, _, self._after = how.partition("-")

    def perform(self, name: str, call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """A call, struck if it is the chosen one's turn."""
        self.made += 1
        if self.made != self._step:
            return call(*args, **kwargs)
        if self._how == "short":
            if name in ("write", "pwrite"):
                args = (args[0], args[1][:max(1, len(args[1]) // 2)], *args[2:])
            return call(*args, **kwargs)
        if self._after:
            call(*args, **kwargs)
        if self._how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        code = getattr(errno, self._how)
        raise OSError(code, os.strerror(code), name)

    def wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call with a fault in its place."""

        def faulty(*args: Any, **kwargs: Any) -> Any:
            if name == "open" and not args[1] & WRITING:
                return call(*args, **kwargs)
            return self.perform(name, call, args, kwargs)

        return faulty

    def install(self) -> None:
        """Have every call of this process that changes a disk go through here."""
        from dirserv.store import Store

        for name in CALLS:
            setattr(os, name, self.wrap(name, getattr(os, name)))
        for name in ("begin", "commit"):
            setattr(Store, name, self.wrap(name, getattr(Store, name)))


def main() -> None:
    """Make the user victim with a fault on the way."""
    root, step, how = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    from dirserv.directory import Directory
    from dirserv.errors import DSError
    from dirserv.names import GROUPS, USERS
    from dirserv.paths import Root

    faults = Faults(step, how)
    faults.install()
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


if __name__ == "__main__":
    main()
