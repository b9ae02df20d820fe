"""The one lock of a directory.

A blocking flock(2) around {transaction, projection}: it queues fairly, the kernel drops it when
its holder dies, and filelock's UnixFileLock on the same file excludes it (spec/ecosystem.md B3).
"""

from __future__ import annotations

import fcntl
import posix


class Lock:
    """Holds ``path`` exclusively inside a ``with`` block."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> Lock:
        flags = posix.O_RDWR | posix.O_CREAT | posix.O_CLOEXEC | posix.O_NOFOLLOW
        self._fd = posix.open(self._path, flags, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: object) -> None:
        posix.close(self._fd)
