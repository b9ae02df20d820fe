"""The supervisor's log: one readable file, rotated by size."""

from __future__ import annotations

import os
import stat
import time

from dirserv.files import give

#: The file is rotated when it has grown past this.
LONGEST = 1 << 20
KEPT = 3


class Log:
    """Appends lines ``2026-11-22 10:00:00.000 (LABEL) TEXT`` to a file of our own."""

    def __init__(self, path: str, owner: tuple[int, int] | None = None) -> None:
        self._path = path
        self._owner = owner
        self._lost = 0
        self._fd = self._open()

    def _open(self) -> int:
        """A descriptor of the file, -1 if there can be none: every line is lost then."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            if _planted(self._path):
                os.unlink(self._path)
            fd = os.open(self._path, flags, 0o644)
        except OSError:
            return -1
        give(fd, self._owner)
        return fd

    def write(self, label: str, text: str) -> None:
        """Note something about a job, or about launchd itself. A full disk loses the line, which
        a later one says: no job may stop for want of a log."""
        now = time.time()
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        begin = f"{stamp}.{int(now * 1000) % 1000:03}"
        line = f"{begin} ({label}) {text}\n"
        if self._lost:
            line = f"\n{begin} (launchd) {self._lost} lines of this log are lost\n" + line
        data = line.replace("\0", "?").encode("utf-8", "replace")
        try:
            if os.write(self._fd, data) != len(data):
                self._lost += 1  # the disk is full; the line that is cut off counts
                return
            self._lost = 0
            if os.fstat(self._fd).st_size > LONGEST:
                self._rotate()
        except OSError:
            self._lost += 1

    def _rotate(self) -> None:
        for number in range(KEPT - 1, 0, -1):
            older = f"{self._path}.{number}"
            if os.path.exists(older):
                os.rename(older, f"{self._path}.{number + 1}")
        os.rename(self._path, f"{self._path}.1")
        os.close(self._fd)
        self._fd = self._open()


def _planted(path: str) -> bool:
    """Whether what is there is no file of ours: a link, or a pipe that nobody reads."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(status.st_mode) or status.st_nlink > 1
