"""A command with a controlling terminal, at which somebody types."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import tempfile
import termios
import time
from typing import IO, Any

_SECONDS = 60


def run(argv: list[str], typed: str, settings: dict[str, Any]) -> tuple[str, str, int, str]:
    """Run ``argv``; type a line of ``typed`` each time the command has asked for one.

    Standard input is empty. Returns stdout, stderr, the exit status and what the terminal showed.
    """
    master, slave = pty.openpty()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - no threads
            pass_fds=(slave,), **settings,
        )
        try:
            shown = _converse(master, slave, process, typed.splitlines(keepends=True))
        finally:
            process.kill()
            status = process.wait()
            os.close(slave)
            os.close(master)
        return _content(out), _content(err), status, shown


def _converse(master: int, slave: int, process: subprocess.Popen[bytes], lines: list[str]) -> str:
    """Answer prompts until the command ends; a prompt is text that no line end follows."""
    shown, end = b"", time.monotonic() + _SECONDS
    while process.poll() is None:
        if time.monotonic() > end:
            raise TimeoutError(f"still waiting at its terminal after {shown!r}")
        if select.select([master], [], [], 0.02)[0]:
            shown += os.read(master, 4096)
        elif lines and shown and not shown.endswith(b"\n") and not _echoes(slave):
            # The prompt comes after the echo was switched off, so nothing typed is thrown away.
            os.write(master, lines.pop(0).encode())
    while select.select([master], [], [], 0)[0]:
        shown += os.read(master, 4096)
    return shown.decode().replace("\r\n", "\n")


def _echoes(slave: int) -> bool:
    return bool(termios.tcgetattr(slave)[3] & termios.ECHO)


def _content(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()
