"""Paths, the environment, late imports: without ``os``, a quarter of a bare interpreter's start.

The modules of the hot commands take system calls from ``posix`` and the rest from here.
"""

from __future__ import annotations

import _stat
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def environ(name: str) -> str | None:
    """A variable of this process's environment."""
    if loaded := sys.modules.get("os"):
        found: str | None = loaded.environ.get(name)  # where it may have been changed
        return found
    value = posix.environ.get(name.encode())
    return None if value is None else value.decode("utf-8", "surrogateescape")


def encoded(argument: str) -> bytes:
    """The bytes of one of ``sys.argv``."""
    return argument.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())


def exists(path: str, follow: bool = True) -> bool:
    """Whether a path names something; without ``follow`` a link that leads nowhere does."""
    try:
        posix.stat(path, follow_symlinks=follow)
    except (OSError, ValueError):  # a path with a NUL names nothing
        return False
    return True


def is_directory(path: str) -> bool:
    """Whether a path leads to a directory."""
    try:
        return _stat.S_ISDIR(posix.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def parent(path: str) -> str:
    """What a path lies in, as dirname(3) says it but for paths that end in a slash."""
    head, slash, _ = path.rpartition("/")
    return head or slash


def late(module: str, function: str) -> Any:
    """A function of a module that is imported only now: a command loads just what it needs."""
    __import__(module)
    return getattr(sys.modules[module], function)
