"""Replacing files whole or not at all, and telling whether a file is still the one we left."""

from __future__ import annotations

import _stat
import posix

from dirserv.system import exists, is_directory, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    #: (inode, size, modification time in ns): equal exactly while nobody wrote or replaced a file.
    Signature = tuple[int, int, int]

_READING = posix.O_RDONLY | posix.O_CLOEXEC
#: How to open a file that must not be there yet.
CREATING = posix.O_RDWR | posix.O_CREAT | posix.O_EXCL | posix.O_CLOEXEC


def signature(path: str) -> Signature | None:
    """The signature of what ``path`` names, not following a link; None if there is nothing."""
    try:
        return _signature(posix.lstat(path))
    except FileNotFoundError:
        return None


def opened(path: str) -> int | None:
    """A descriptor for reading a regular file; None if there is none, or if ``path`` is a link or
    somebody's whom neither the file nor its directory should belong to."""
    try:
        fd = posix.open(path, _READING | posix.O_NOFOLLOW | posix.O_NONBLOCK)
    except OSError as error:
        if error.errno in (2, 40):  # ENOENT, ELOOP: a planted link is not ours to follow
            return None
        raise
    status = posix.fstat(fd)
    if _stat.S_ISREG(status.st_mode) and (status.st_uid in (0, posix.geteuid())
                                         or status.st_uid == posix.stat(parent(path)).st_uid):
        return fd
    # A device or a pipe has no content to take over, what was planted none to trust.
    posix.close(fd)
    return None


def read(path: str) -> bytes | None:
    """The content of a regular file; None if there is none, or if ``path`` is a link."""
    fd = opened(path)
    if fd is None:
        return None
    try:
        chunks = []
        while chunk := posix.read(fd, 1 << 20):
            chunks.append(chunk)
        return b"".join(chunks)
    finally:
        posix.close(fd)


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
        remove(fresh)  # left by a writer that died; we hold its lock now
        fd = posix.open(fresh, CREATING, 0o600)
        self._paths.append(path)
        self._unsynced.append(fd)
        write_all(fd, data)
        posix.fchmod(fd, mode)
        if self._owner is not None:
            posix.fchown(fd, *self._owner)
        made = _signature(posix.fstat(fd))
        if len(self._unsynced) == _MOST_UNSYNCED:
            self.sync()
        return made

    def sync(self) -> None:
        """Have everything that was added on the disk. All at the end, the file system has to
        commit its journal for the first of them only."""
        while self._unsynced:
            posix.fsync(self._unsynced[-1])
            posix.close(self._unsynced.pop())

    def remove(self, path: str) -> None:
        """Have ``publish`` remove ``path``."""
        self._removals.append(path)

    def publish(self, durable: bool = True) -> None:
        """Move everything into place and, if so wanted, have that on the disk."""
        self.sync()
        directories = set()
        for path in self._removals:
            if remove(path):
                directories.add(parent(path))
        for path in self._paths:
            posix.rename(staging_name(path), path)
            directories.add(parent(path))
        self._paths, self._removals = [], []
        for directory in directories if durable else ():
            sync_directory(directory)

    def discard(self) -> None:
        """Take back everything that was prepared and not published."""
        while self._unsynced:
            posix.close(self._unsynced.pop())
        for path in self._paths:
            remove(staging_name(path))


def remove(path: str) -> bool:
    """Remove a file or a link, if there is one; returns whether there was."""
    if not exists(path, follow=False):
        return False
    posix.unlink(path)
    return True


def owner_of(root: str) -> tuple[int, int] | None:
    """Who is to own what we make in a root: when we are root its owner, None for ourselves, as
    for a root that we are to make, too."""
    if posix.geteuid() != 0 or not is_directory(root or "/"):
        return None
    status = posix.stat(root or "/")
    return status.st_uid, status.st_gid


def give(fd: int, owner: tuple[int, int] | None) -> None:
    """Make an open file of ours the owner's. One with a second name stays: it could be anybody's,
    planted as a hard link."""
    if owner is not None and posix.fstat(fd).st_nlink == 1:
        posix.fchown(fd, *owner)


def make_directories(path: str, owner: tuple[int, int] | None, mode: int = 0o755) -> None:
    """Make a directory for its owner, and before that what it lies in, as far as it is missing."""
    if is_directory(path):
        return
    make_directories(parent(path), owner)
    try:
        posix.mkdir(path, mode)
    except FileExistsError:
        return  # another was faster
    if owner is not None:
        posix.chown(path, *owner, follow_symlinks=False)


def write_all(fd: int, data: bytes) -> None:
    """Write everything; a short write goes on where it stopped."""
    view = memoryview(data)
    while view:
        view = view[posix.write(fd, view):]


def sync_directory(path: str) -> None:
    """Make the renames in a directory durable."""
    fd = posix.open(path, _READING | posix.O_DIRECTORY)
    try:
        posix.fsync(fd)
    finally:
        posix.close(fd)


def _signature(status: posix.stat_result) -> Signature:
    return (status.st_ino, status.st_size, status.st_mtime_ns)
