"""inotify(7) through the C library: who is told when a path changes. Imported only when a job
watches something."""

from __future__ import annotations

import ctypes
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launchd_shim.supervisor.loop import Loop

_MODIFY, _ATTRIB, _CLOSE_WRITE, _MOVED, _CREATE, _DELETE = 0x2, 0x4, 0x8, 0xC0, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF = 0x400, 0x800
_MASK = (_MODIFY | _ATTRIB | _CLOSE_WRITE | _MOVED | _CREATE | _DELETE | _DELETE_SELF
         | _MOVE_SELF)
_HEAD = struct.Struct("iIII")


class Watcher:
    """Tells about changes of paths; a path that is not there is waited for at its nearest
    existing parent."""

    def __init__(self, loop: Loop) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self._fd < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        #: watch descriptor -> the keys of who is interested
        self._interested: dict[int, set[object]] = {}
        self._calls: dict[object, tuple[list[str], Callable[[], None]]] = {}
        loop.watch(self._fd, self._readable)

    def add(self, key: object, paths: list[str], call: Callable[[], None]) -> None:
        """Call whenever one of ``paths`` may have changed; ``key`` names the interest."""
        self._calls[key] = (paths, call)
        for path in paths:
            self._watch(key, path)

    def remove(self, key: object) -> None:
        """Forget an interest."""
        self._calls.pop(key, None)
        for descriptor in list(self._interested):
            self._interested[descriptor].discard(key)
            if not self._interested[descriptor]:
                del self._interested[descriptor]
                self._libc.inotify_rm_watch(self._fd, descriptor)

    def _watch(self, key: object, path: str) -> None:
        for place in _places(path):
            descriptor = self._libc.inotify_add_watch(self._fd, os.fsencode(place), _MASK)
            if descriptor >= 0:
                self._interested.setdefault(descriptor, set()).add(key)

    def _readable(self) -> None:
        called: set[object] = set()
        try:
            data = os.read(self._fd, 65536)
        except BlockingIOError:
            return
        at = 0
        while at < len(data):
            descriptor, _, _, length = _HEAD.unpack_from(data, at)
            at += _HEAD.size + length
            called |= self._interested.get(descriptor, set())
        for key in called:
            if key in self._calls:
                paths, call = self._calls[key]
                for path in paths:
                    self._watch(key, path)  # what has just appeared is watched itself from now on
                call()


def _places(path: str) -> list[str]:
    """What to watch for a path: itself, and the nearest parent that exists."""
    places = [path] if os.path.lexists(path) else []
    parent = os.path.dirname(path)
    while parent and not os.path.isdir(parent) and parent != "/":
        parent = os.path.dirname(parent)
    return [*places, parent or "/"]
