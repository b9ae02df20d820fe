"""A progress bar on a terminal, silence elsewhere."""

from __future__ import annotations

import shutil
import sys
from typing import TextIO


class Progress:
    """Counts ``total`` steps on ``stream`` (default: stderr) if that is a terminal."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        stream = stream or sys.stderr
        self._total = total
        self._done = 0
        self._stream = stream if stream.isatty() else None

    def step(self, what: str) -> None:
        """Note that a step, described by ``what``, begins."""
        self._done += 1
        if self._stream is None:
            return
        columns = shutil.get_terminal_size().columns
        width = max(10, min(40, columns - 40))
        filled = min(width, width * self._done // max(1, self._total))
        line = f"[{'#' * filled}{' ' * (width - filled)}] {self._done:>4}/{self._total} {what}"
        self._stream.write("\r" + line[:columns - 1].ljust(columns - 1))
        self._stream.flush()

    def close(self) -> None:
        """Clear the line."""
        if self._stream is not None:
            self._stream.write("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r")
            self._stream.flush()
