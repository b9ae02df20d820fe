"""A running installer: its output handed on as it is, and what it tells of where it stands."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

from dirserv.admin.progress import Progress

#: How the installer announces a step, and a command that it runs as root; colours come before.
_STEP = re.compile(rb"^(?:\033\[[0-9;]*m)*~~> (.*?)(?:\033\[[0-9;]*m)*$")
_COMMAND = re.compile(rb"^    \$ \S+ (.*)$")
_COLOUR = re.compile(r"\033\[[0-9;]*m")
#: How much of the last command's output a report repeats: lines, up to what ends every failure.
_TOLD = 12
_GIVES_UP = re.compile(r"-+ oh no! -*")

#: Sourced by the installer's bash before its own first line. Where a command's failure ends the
#: script, it writes down the status and the command with its arguments, and changes nothing.
WATCHER = """\
unset BASH_ENV
set -o errtrace
trap 'case $- in *e*) printf "%s\\\\n" "$?" "$BASH_COMMAND" "$*" >>{fault} ;; esac' ERR
"""


class _Steps(Progress):
    """A bar that comes back below what was printed over it."""

    def again(self, what: str) -> None:
        """Show where we are, without a step."""
        self._done -= 1
        self.step(what)


class Watch:
    """Follows an installer's output; afterwards its attributes say where it stood."""

    def __init__(self, steps: int, show: BinaryIO, log: BinaryIO) -> None:
        self.step = self.command = ""
        self.said: list[str] = []
        self._over = False
        self._progress = _Steps(steps)
        self._show, self._log = show, log
        self._line = b""

    def run(self, argv: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run it to its end; returns its status, 130 if the user interrupted it.

        The end is that of the process: what it leaves running may keep its output open.
        """
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, env=environment)
        assert process.stdout is not None
        try:
            _follow(process, process.stdout.fileno(), self._take)
            return process.wait()
        except KeyboardInterrupt:
            process.wait()  # it got the same signal and cleans up
            return 130
        finally:
            process.stdout.close()
            self._progress.close()

    def _take(self, data: bytes) -> None:
        self._progress.close()
        for stream in (self._show, self._log):
            stream.write(data)
            stream.flush()
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            self._read(line)
        if self.step and not self._line:
            self._progress.again(self.step)

    def _read(self, line: bytes) -> None:
        if found := _STEP.match(line):
            self.step, self.command, self.said = found[1].decode(errors="replace"), "", []
            self._progress.step(self.step)
        elif found := _COMMAND.match(line):
            self.command, self.said = found[1].decode(errors="replace"), []
        elif text := _COLOUR.sub("", line.decode(errors="replace")).strip():
            self._over |= _GIVES_UP.fullmatch(text) is not None
            self.said = self.said if self._over else [*self.said, text][-_TOLD:]


def _follow(process: subprocess.Popen[bytes], output: int, take: Callable[[bytes], None]) -> None:
    """Hand on what a process writes, until it has ended and nothing is left to read."""
    end = os.pidfd_open(process.pid)
    os.set_blocking(output, False)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            selector.register(end, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select()}
                data = _read(output) if output in ready else b""
                if data:
                    take(data)
                elif end in ready:
                    return
                else:
                    selector.unregister(output)  # closed; only the end is still to come
    finally:
        os.close(end)


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 1 << 16)
    except BlockingIOError:
        return b""
