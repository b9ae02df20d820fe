"""Which system calls change a disk, and what can befall a process at one of them."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable

from tests.faults.ptrace import Call

#: Call -> its numbers on x86-64 and aarch64 (asm/unistd.h); -2 where there is no such call.
_NUMBERS = {
    "write": (1, 64), "pwrite64": (18, 68), "writev": (20, 66), "pwritev": (296, 70),
    "sendfile": (40, 71), "copy_file_range": (326, 285), "fallocate": (285, 47),
    "truncate": (76, 45), "ftruncate": (77, 46), "fsync": (74, 82), "fdatasync": (75, 83),
    "open": (2, -2), "openat": (257, 56), "creat": (85, -2), "mkdir": (83, -2),
    "mkdirat": (258, 34), "rename": (82, -2), "renameat": (264, 38), "renameat2": (316, 276),
    "link": (86, -2), "linkat": (265, 37), "symlink": (88, -2), "symlinkat": (266, 36),
    "unlink": (87, -2), "unlinkat": (263, 35), "rmdir": (84, -2), "chmod": (90, -2),
    "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, -2),
    "fchown": (93, 55), "lchown": (94, -2), "fchownat": (260, 54), "utimensat": (280, 88),
}
_NAMES = {numbers[os.uname().machine == "aarch64"]: name for name, numbers in _NUMBERS.items()}
#: Call -> the argument that holds its flags.
_FLAGS = {"open": 1, "openat": 2}
_MAKING = os.O_CREAT | os.O_TRUNC
#: What writes as many bytes as its third argument says.
WRITES = ("write", "pwrite64")
_SYNCS = ("fsync", "fdatasync")


def writing(call: Call) -> str | None:
    """The name of a call that changes the disk, None for every other."""
    name = _NAMES.get(call.number)
    if name in _FLAGS and not call.arguments[_FLAGS[name]] & _MAKING:
        return None
    return name


class Faults:
    """Counts calls that change the disk, and strikes the chosen one.

    ``how``: ``kill`` (the process is killed instead of the call), the name of an errno (the call
    is not made and fails so), either with ``-after`` (it is made first), or ``short`` (half of a
    write is done). Nothing waits for the disk: what dies is a process, never the power.
    """

    def __init__(self, how: str, step: int) -> None:
        #: The names of the calls so far.
        self.made: list[str] = []
        self._how, _, self._after = how.partition("-")
        self._step = step

    def look(self, call: Call) -> None:
        """A call is to be made, or has been made."""
        name = writing(call)
        if name is None:
            return
        if not call.made:
            self.made.append(name)
            if name in _SYNCS:
                call.fail(0)
        if len(self.made) == self._step and call.made == bool(self._after):
            self._strike(call, name)

    def _strike(self, call: Call, name: str) -> None:
        if self._how == "kill":
            os.kill(call.pid, signal.SIGKILL)
        elif self._how != "short":
            call.fail(getattr(errno, self._how))
        elif name in WRITES:
            call.shorten()


class Watching(Faults):
    """No fault: a reader looks around each call."""

    def __init__(self, view: Callable[[], str]) -> None:
        super().__init__("none", 0)
        #: What there was to see, each time that it changed.
        self.seen: list[str] = []
        self._view = view

    def look(self, call: Call) -> None:
        """Count, and look."""
        super().look(call)
        if writing(call) and self.seen[-1:] != [now := self._view()]:
            self.seen.append(now)
