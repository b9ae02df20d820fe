"""What lies at a path, so that two moments, or a plan and a tree, can be compared."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field


@dataclass(frozen=True)
class State:
    """What lies at a path: ``content`` is the SHA-256 of a file, the target of a link.

    ``owner`` is (uid, gid); ``lower`` says that only the lower layer has it. Neither counts when
    states are compared.
    """

    kind: str
    mode: int = 0
    content: str = ""
    owner: tuple[int, int] = field(default=(0, 0), compare=False)
    lower: bool = field(default=False, compare=False)


def file_state(data: bytes, mode: int) -> State:
    """The state of a file that holds ``data``."""
    return State("file", mode, hashlib.sha256(data).hexdigest())


def state_of(folder: int, name: str) -> State:
    """The state of a name in an open directory. Raises OSError."""
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    mode, owner = stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)
    if stat.S_ISLNK(status.st_mode):
        return State("link", 0, os.readlink(name, dir_fd=folder), owner)
    if stat.S_ISDIR(status.st_mode):
        return State("dir", mode, "", owner)
    if not stat.S_ISREG(status.st_mode):
        return State("special", mode, str(status.st_rdev), owner)
    return State("file", mode, hashlib.sha256(content(folder, name)).hexdigest(), owner)


def content(folder: int, name: str) -> bytes:
    """What a file in an open directory holds. Raises OSError, also for a link."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(name, flags, dir_fd=folder), "rb") as file:
        return file.read()
