"""Replacing files whole or not at all, and telling whether a file is still the one we left."""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    #: (inode, size, modification time in ns): equal exactly while nobody wrote or replaced a file.
    Signature = tuple[int, int, int]


def signature(path: str) -> Signature | None:
    """The signature of what ``path`` names, not following a link; None if there is nothing."""
    try:
        return _signature(os.lstat(path))
    except FileNotFoundError:
        return None


def opened(path: str) -> int | None:
    """A descriptor for reading a regular file; None if there is none, or if ``path`` is a link or
    somebody's whom neither the file nor its directory should belong to."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (2, 40):  # ENOENT, ELOOP: a planted link is not ours to follow
            return None
        raise
    status = os.fstat(fd)
    if stat.S_ISREG(status.st_mode) and (status.st_uid in (0, os.geteuid())
                                         or status.st_uid == os.stat(os.path.dirname(path)).st_uid):
        return fd
    os.close(fd)  # a device or a pipe has no content to take over, what was planted none to trust
    return None


def read(path: str) -> bytes | None:
    """The content of a regular file; None if there is none, or if ``path`` is a link."""
    fd = opened(path)
    if fd is None:
        return None
    try:
        chunks = []
        while chunk := os.read(fd, 1 << 20):
            chunks.append(chunk)
        return b"".join(chunks)
    finally:
        os.close(fd)


def staging_name(path: str) -> str:
    """Where a new version of ``path`` is prepared: beside it, on the same file system."""
    directory, _, name = path.rpartition("/")
    return f"{directory}/.{name}.new"


#: A process may have only so many descriptors.
_MOST_UNSYNCED = 64


class Staging:
    """New versions of several files: written first, then moved into place together.

    ``add`` can fail (full disk) without any effect on what is in place; ``publish`` only renames.
    ``owner`` is given to every file when the process may do so, None leaves it alone.
    """

    def __init__(self, owner: tuple[int, int] | None) -> None:
        self._owner = owner
        self._paths: list[str] = []
        self._removals: list[str] = []
        #: Descriptors of what is written and not yet known to be on the disk.
        self._unsynced: list[int] = []

    def add(self, path: str, data: bytes, mode: int) -> Signature:
        """Prepare ``data`` as the next content of ``path``; returns its signature to be."""
        fresh = staging_name(path)
        if os.path.lexists(fresh):
            os.unlink(fresh)  # left by a writer that died; we hold its lock now
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._paths.append(path)
        self._unsynced.append(fd)
        write_all(fd, data)
        os.fchmod(fd, mode)
        if self._owner is not None:
            os.fchown(fd, *self._owner)
        made = _signature(os.fstat(fd))
        if len(self._unsynced) == _MOST_UNSYNCED:
            self.sync()
        return made

    def sync(self) -> None:
        """Have everything that was added on the disk. All at the end, the file system has to
        commit its journal for the first of them only."""
        while self._unsynced:
            os.fsync(self._unsynced[-1])
            os.close(self._unsynced.pop())

    def remove(self, path: str) -> None:
        """Have ``publish`` remove ``path``."""
        self._removals.append(path)

    def publish(self, durable: bool = True) -> None:
        """Move everything into place and, if so wanted, have that on the disk."""
        self.sync()
        directories = set()
        for path in self._removals:
            if os.path.lexists(path):
                os.unlink(path)
                directories.add(os.path.dirname(path))
        for path in self._paths:
            os.rename(staging_name(path), path)
            directories.add(os.path.dirname(path))
        self._paths, self._removals = [], []
        for directory in directories if durable else ():
            sync_directory(directory)

    def discard(self) -> None:
        """Take back everything that was prepared and not published."""
        while self._unsynced:
            os.close(self._unsynced.pop())
        for path in self._paths:
            if os.path.lexists(staging_name(path)):
                os.unlink(staging_name(path))


def owner_of(root: str) -> tuple[int, int] | None:
    """Who is to own what we make in a root: when we are root its owner, None for ourselves, as
    for a root that we are to make, too."""
    if os.geteuid() != 0 or not os.path.isdir(root or "/"):
        return None
    status = os.stat(root or "/")
    return status.st_uid, status.st_gid


def give(fd: int, owner: tuple[int, int] | None) -> None:
    """Make an open file of ours the owner's. One with a second name stays: it could be anybody's,
    planted as a hard link."""
    if owner is not None and os.fstat(fd).st_nlink == 1:
        os.fchown(fd, *owner)


def make_directories(path: str, owner: tuple[int, int] | None, mode: int = 0o755) -> None:
    """Make a directory for its owner, and before that what it lies in, as far as it is missing."""
    if os.path.isdir(path):
        return
    make_directories(os.path.dirname(path), owner)
    try:
        os.mkdir(path, mode)
    except FileExistsError:
        return  # another was faster
    if owner is not None:
        os.chown(path, *owner, follow_symlinks=False)


def write_all(fd: int, data: bytes) -> None:
    """Write everything; a short write goes on where it stopped."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


def sync_directory(path: str) -> None:
    """Make the renames in a directory durable."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _signature(status: os.stat_result) -> Signature:
    return (status.st_ino, status.st_size, status.st_mtime_ns)
