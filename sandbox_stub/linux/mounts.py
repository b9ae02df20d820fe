"""Mounts that hide or protect parts of the tree, for this mount namespace only (mount_setattr(2)).

A tree is cloned while everything is still visible and laid over its own path, or over a path that
has been hidden, with other attributes. Nothing on disk changes.
"""

from __future__ import annotations

import posix
from struct import pack

from dirserv.system import encoded, exists, parent
from sandbox_stub.linux.calls import (
    FSCONFIG,
    FSMOUNT,
    FSOPEN,
    MOUNT_SETATTR,
    MOVE_MOUNT,
    OPEN_TREE,
    Refused,
    syscall,
)

RDONLY, NODEV, NOEXEC = 0x1, 0x4, 0x8
_NOSUID = 0x2
_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_OPEN_TREE_CLONE, _MOVE_FROM_EMPTY, _FSOPEN_CLOEXEC, _FSMOUNT_CLOEXEC = 0x1, 0x4, 0x1, 0x1
_SET_STRING, _CREATE = 1, 6
#: Descriptors that every process may be expected to have left.
_FEW = 64


def make_room(count: int) -> tuple[int, int] | None:
    """Let this process have so many descriptors more; gives the limits to go back to, if they had
    to be changed. Raises Refused where there cannot be that many."""
    if count < _FEW:
        return None
    import resource

    soft, hard = limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = len(posix.listdir("/proc/self/fd")) + count + _FEW
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise Refused(f"{count} trees have to be laid over their places, which takes {needed} "
                      f"descriptors; raise the limit on open files (ulimit -Hn), now {hard}")
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return None
    limit_files((needed, hard))
    return limits


def limit_files(limits: tuple[int, int] | None) -> None:
    """Set the limits on open files (soft, hard); None leaves them."""
    if limits is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def clone(path: str) -> int:
    """A descriptor of the tree at a path, with what is mounted in it."""
    return syscall(OPEN_TREE, _AT_FDCWD, encoded(path) + b"\0",
                   _OPEN_TREE_CLONE | _AT_RECURSIVE | posix.O_CLOEXEC)


def change(fd: int, attributes: int, path: str = "", recursive: bool = True) -> None:
    """Add attributes to a tree's mounts; none is ever taken away."""
    if attributes:
        flags = (0 if path else _AT_EMPTY_PATH) | (_AT_RECURSIVE if recursive else 0)
        syscall(MOUNT_SETATTR, fd, encoded(path) + b"\0", flags,
                pack("QQQQ", attributes, 0, 0, 0), 32)


def attach(fd: int, path: str) -> None:
    """Lay a tree over a path; the descriptor is closed."""
    syscall(MOVE_MOUNT, fd, b"\0", _AT_FDCWD, encoded(path) + b"\0", _MOVE_FROM_EMPTY)
    posix.close(fd)


def set_attributes(path: str, attributes: int) -> None:
    """Add attributes to all mounts at and below a mount point."""
    change(_AT_FDCWD, attributes, path)


def hide_directory(path: str) -> None:
    """Lay an empty directory over a path; ``close`` it when its mount points are made."""
    fs = syscall(FSOPEN, b"tmpfs\0", _FSOPEN_CLOEXEC)
    try:
        syscall(FSCONFIG, fs, _SET_STRING, b"mode\0", b"0111\0", 0)
        syscall(FSCONFIG, fs, _CREATE, None, None, 0)
        fd = syscall(FSMOUNT, fs, _FSMOUNT_CLOEXEC, _NOSUID | NODEV | NOEXEC)
    finally:
        posix.close(fs)
    attach(fd, path)


def close(path: str) -> None:
    """Make a directory laid over another one unchangeable."""
    change(_AT_FDCWD, RDONLY, path, recursive=False)


def hide_file(path: str) -> None:
    """Lay something over a file that nobody can open, root neither: a device where none work."""
    fd = clone("/dev/null")
    change(fd, NODEV | RDONLY | NOEXEC)
    attach(fd, path)


def place_for(path: str, directory: bool) -> None:
    """Make the mount point for a tree that is to show again inside a hidden directory."""
    _make_directories(path if directory else parent(path))
    if directory:
        return
    posix.close(posix.open(path, posix.O_CREAT | posix.O_WRONLY | posix.O_CLOEXEC, 0o000))


def _make_directories(path: str) -> None:
    if not exists(path):
        _make_directories(parent(path))
        posix.mkdir(path, 0o111)
