"""Addresses of unix sockets whose path is longer than an address may be (107 bytes)."""

from __future__ import annotations

import os

_LONGEST = 107


class Address:
    """A context manager: ``path`` as an address to bind or connect to, as it is or through its
    directory. Raises OSError when that cannot be opened."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._directory = -1

    def __enter__(self) -> str:
        if len(os.fsencode(self._path)) <= _LONGEST:
            return self._path
        self._directory = os.open(os.path.dirname(self._path),
                                  os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        return f"/proc/self/fd/{self._directory}/{os.path.basename(self._path)}"

    def __exit__(self, *_: object) -> None:
        if self._directory >= 0:
            os.close(self._directory)
