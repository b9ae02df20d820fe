"""Paths without ``os``, which takes longer to import than a small profile to enforce.

See ``dirserv.system`` for what the other commands need too.
"""

from __future__ import annotations

import _stat
import posix
import sys

#: Symbolic links on one way, as for the kernel.
_LINKS = 40


def decoded(name: bytes) -> str:
    """A name as ``posix`` takes and gives it."""
    return name.decode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())


def is_file(path: str) -> bool:
    """Whether a path leads to a regular file."""
    try:
        return _stat.S_ISREG(posix.stat(path).st_mode)
    except (OSError, ValueError):  # no path has a NUL
        return False


def realpath(path: str, root: str = "") -> str:
    """realpath(3) of a path inside ``root``, but what is missing may be missing, and of links
    without end the last one stays. An absolute link leads to a path of the root."""
    real = "" if path.startswith("/") else posix.getcwd()
    waiting = path.split("/")[::-1]
    links = 0
    while waiting:
        name = waiting.pop()
        if name in ("", "."):
            continue
        if name == "..":
            real = real.rpartition("/")[0]
            continue
        real = f"{real.rstrip('/')}/{name}"
        try:
            target = posix.readlink(root + real)
        except (OSError, ValueError):
            continue  # it is no link
        links += 1
        if links <= _LINKS:
            real = "" if target.startswith("/") else real.rpartition("/")[0]
            waiting += target.split("/")[::-1]
    return root + real or "/"
