"""From a path to the bytes of a property list: what may be opened, owners, modes, directories.

Source: spec/launchd.md 1.1 "Ownership and permissions" and 2.4 (directories). Paths come in
pairs: as the caller named the file, for what is said, and on the host, for what is opened.
"""

from __future__ import annotations

import os
import stat

from launchd_shim.plistfile import MAX_BYTES
from launchd_shim.refusal import Refused, refused, unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container


#: How often a file is read again that changes under our eyes, and Darwin's EAGAIN after that.
_READINGS, EAGAIN = 8, 35


def read(path: str, host: str, owners: Container[int] | None) -> bytes:
    """The bytes of a property list file, at most MAX_BYTES + 1 of them.

    ``owners`` are the uids that may own it (root and the caller); None checks neither owner nor
    mode, as ``load -F`` of macOS 10.9. Raises Refused.
    """
    try:
        # A FIFO would block, and a device is not to be opened at all.
        _check_kind(os.stat(host), path)
        fd = os.open(host, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise _unopened(path, error) from error
    try:
        # What was opened counts, not what lay there a moment before.
        status = os.fstat(fd)
        _check_kind(status, path)
        if owners is not None:
            check_owner(status, path, owners)
        return _settled(fd, path)
    except OSError as error:
        raise unreadable(path, error) from error
    finally:
        os.close(fd)


def check_owner(status: os.stat_result, path: str, owners: Container[int]) -> None:
    """Raise Refused (122) for a file that others may write or that somebody else owns."""
    mode = stat.S_IMODE(status.st_mode)
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise refused(path, "permissions", f"its group or others may write it (mode {mode:04o})")
    if status.st_uid not in owners:
        raise refused(path, "ownership", f"user {status.st_uid} owns it")


def members(host: str) -> list[str]:
    """The names in a directory that a load of the directory takes: ``*.plist``, no dot files.

    Sorted; not recursive. Raises OSError.
    """
    names = (name for name in os.listdir(host) if not name.startswith("."))
    return sorted(name for name in names if name.lower().endswith(".plist"))


def _check_kind(status: os.stat_result, path: str) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise refused(path, "kind", "it is not a regular file")


def _unopened(path: str, error: OSError | ValueError) -> Exception:
    if isinstance(error, OSError):
        return unreadable(path, error)
    # A path with a NUL in it names no file.
    return unreadable(path, FileNotFoundError(2, ""))


def _settled(fd: int, path: str) -> bytes:
    """The content, read until two readings agree: somebody may be rewriting it in place, and
    half of the old with half of the new can be a property list as well."""
    last = _read(fd)
    for _ in range(_READINGS):
        before, last = last, _read(fd)
        if last == before:
            return last
    raise Refused(path, EAGAIN, "it is being rewritten")


def _read(fd: int) -> bytes:
    os.lseek(fd, 0, os.SEEK_SET)
    parts, left = [], MAX_BYTES + 1
    while left and (part := os.read(fd, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
