"""The process's side of a command: standard streams and the terminal.

Output goes out with write(2) at the end of a command (or of an interactive line), errors first
unless standard output is a terminal: as from the C library's buffering on macOS, where merged
logs show the DS Error line before the text (spec/dirserv.md 2.3).
"""

from __future__ import annotations

import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dirserv.outcome import Outcome


class Console:
    """Standard input, output and the controlling terminal of this process."""

    def lines(self) -> Iterator[str]:
        """The lines of standard input without their ends."""
        while line := sys.stdin.buffer.readline():
            yield line.decode("utf-8", "surrogateescape").removesuffix("\n")

    def interactive(self) -> bool:
        """Whether a person types the commands."""
        return posix.isatty(0)

    def show(self, outcome: Outcome) -> None:
        """Write out and empty an outcome."""
        streams = [(2, outcome.err), (1, outcome.out)]
        if posix.isatty(1):
            streams.reverse()
        for fd, text in streams:
            _write(fd, text.encode("utf-8", "surrogateescape"))
        outcome.out = outcome.err = ""

    def prompt(self, text: str) -> None:
        """Show a prompt for the next line."""
        _write(1, text.encode("utf-8", "surrogateescape"))

    def ask(self, prompt: str) -> str:
        """Read a line from the terminal without showing it, as getpass(3) does.

        Without a terminal the prompt goes to standard error and the answer is read from standard
        input.
        """
        try:
            fd = posix.open("/dev/tty", posix.O_RDWR | posix.O_NOCTTY)
        except OSError:
            _write(2, prompt.encode())
            return next(self.lines(), "")
        try:
            return _ask_quietly(fd, prompt)
        finally:
            posix.close(fd)


def _ask_quietly(fd: int, prompt: str) -> str:
    import termios

    before = termios.tcgetattr(fd)
    quiet = before[:3] + [before[3] & ~(termios.ECHO | termios.ISIG)] + before[4:]
    termios.tcsetattr(fd, termios.TCSAFLUSH, quiet)
    try:
        _write(fd, prompt.encode())
        answer = b""
        while (char := posix.read(fd, 1)) not in (b"", b"\n", b"\r"):
            answer += char
        _write(fd, b"\n")
    finally:
        termios.tcsetattr(fd, termios.TCSAFLUSH, before)
    return answer.decode("utf-8", "surrogateescape")


def _write(fd: int, data: bytes) -> None:
    """Write everything. What cannot be written is lost, as it is from a C program: the command
    has done its work and its status must say so."""
    from dirserv.files import write_all

    try:
        write_all(fd, data)
    except OSError:
        return
