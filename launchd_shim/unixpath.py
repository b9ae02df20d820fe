"""Addresses of unix sockets whose path is longer than an address may be (107 bytes)."""

from __future__ import annotations

import posix

from dirserv.system import encoded, parent

_LONGEST = 107


class Address:
    """A context manager: ``path`` as an address to bind or connect to, as it is or through its
    directory. Raises OSError when that cannot be opened."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._directory = -1

    def __enter__(self) -> str:
        if len(encoded(self._path)) <= _LONGEST:
            return self._path
        self._directory = posix.open(parent(self._path),
                                     posix.O_PATH | posix.O_DIRECTORY | posix.O_CLOEXEC)
        return f"/proc/self/fd/{self._directory}/{self._path.rpartition('/')[2]}"

    def __exit__(self, *_: object) -> None:
        if self._directory >= 0:
            posix.close(self._directory)
