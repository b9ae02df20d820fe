"""What a command did: its standard output, its standard error, its exit status."""

from __future__ import annotations


class Outcome:
    """The result of a command, or of one line of an interactive one."""

    __slots__ = ("out", "err", "status")

    def __init__(self, out: str = "", err: str = "", status: int = 0) -> None:
        self.out = out
        self.err = err
        self.status = status

    def say(self, line: str) -> None:
        """Add a line to standard output."""
        self.out += line + "\n"

    def complain(self, line: str) -> None:
        """Add a line to standard error."""
        self.err += line + "\n"
