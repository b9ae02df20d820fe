"""StartOnMount: the kernel tells about new mounts through /proc/self/mountinfo (proc(5)).

Opened only when a job wants it. The file is always readable and exceptional after a change, so it
is looked at through an epoll of its own, which the event loop sees as readable then.
"""

from __future__ import annotations

import os
import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launchd_shim.supervisor.loop import Loop

    #: (mount id, device, mount point)
    Mount = tuple[bytes, bytes, bytes]


class MountWatcher:
    """Calls back after a file system was mounted; not after an unmount or a remount."""

    def __init__(self, loop: Loop) -> None:
        self._calls: dict[object, Callable[[], None]] = {}
        self._fd = os.open("/proc/self/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
        self._changes = select.epoll()
        self._changes.register(self._fd, select.EPOLLPRI)
        self._known = self._mounts()
        loop.watch(self._changes.fileno(), self._changed)

    def add(self, key: object, call: Callable[[], None]) -> None:
        """Call after each mount; ``key`` names the interest."""
        self._calls[key] = call

    def remove(self, key: object) -> None:
        """Forget an interest."""
        self._calls.pop(key, None)

    def _changed(self) -> None:
        self._changes.poll(0)  # takes the event, or we would be called for ever
        before, self._known = self._known, self._mounts()
        if self._known - before:
            for call in list(self._calls.values()):
                call()

    def _mounts(self) -> set[Mount]:
        os.lseek(self._fd, 0, os.SEEK_SET)
        text = b""
        while part := os.read(self._fd, 1 << 16):
            text += part
        lines = (line.split() for line in text.splitlines())
        return {(fields[0], fields[2], fields[4]) for fields in lines}
