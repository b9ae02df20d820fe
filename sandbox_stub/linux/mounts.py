"""Mounts that hide or protect parts of the tree, for this mount namespace only (mount_setattr(2)).

A tree is cloned while everything is still visible and laid over its own path, or over a path that
has been hidden, with other attributes. Nothing on disk changes.
"""

from __future__ import annotations

import os
from struct import pack

from sandbox_stub.linux.calls import (
    FSCONFIG,
    FSMOUNT,
    FSOPEN,
    MOUNT_SETATTR,
    MOVE_MOUNT,
    OPEN_TREE,
    syscall,
)

RDONLY, NODEV, NOEXEC = 0x1, 0x4, 0x8
_NOSUID = 0x2
_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_OPEN_TREE_CLONE, _MOVE_FROM_EMPTY, _FSOPEN_CLOEXEC, _FSMOUNT_CLOEXEC = 0x1, 0x4, 0x1, 0x1
_SET_STRING, _CREATE = 1, 6


def clone(path: str) -> int:
    """A descriptor of the tree at a path, with what is mounted in it."""
    return syscall(OPEN_TREE, _AT_FDCWD, os.fsencode(path) + b"\0",
                   _OPEN_TREE_CLONE | _AT_RECURSIVE | os.O_CLOEXEC)


def change(fd: int, attributes: int, path: str = "", recursive: bool = True) -> None:
    """Add attributes to a tree's mounts; none is ever taken away."""
    if attributes:
        flags = (0 if path else _AT_EMPTY_PATH) | (_AT_RECURSIVE if recursive else 0)
        syscall(MOUNT_SETATTR, fd, os.fsencode(path) + b"\0", flags,
                pack("QQQQ", attributes, 0, 0, 0), 32)


def attach(fd: int, path: str) -> None:
    """Lay a tree over a path; the descriptor is closed."""
    syscall(MOVE_MOUNT, fd, b"\0", _AT_FDCWD, os.fsencode(path) + b"\0", _MOVE_FROM_EMPTY)
    os.close(fd)


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
        os.close(fs)
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
    if directory:
        os.makedirs(path, 0o111, exist_ok=True)
        return
    os.makedirs(os.path.dirname(path), 0o111, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o000))
