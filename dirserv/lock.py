"""The one lock of a directory.

A blocking flock(2) around {transaction, projection}: it queues fairly, the kernel drops it when
its holder dies, and filelock's UnixFileLock on the same file excludes it (spec/ecosystem.md B3).
"""

from __future__ import annotations

import fcntl
import os


class Lock:
    """Holds ``path`` exclusively inside a ``with`` block."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> Lock:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._fd = os.open(self._path, flags, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)
