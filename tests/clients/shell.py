"""Command lines as clients' scripts have them, run with our commands on the PATH."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.support import CHECKOUT

Result = subprocess.CompletedProcess[str]
# An id that knows the users of the root: `id NAME` succeeds, `id -u NAME` says the number.
ID = """
for name; do :; done
awk -F: -v name="$name" '$1 == name { print $3; found = 1 } END { exit !found }' \\
    "$DIRSERV_ROOT/private/etc/passwd"
"""
PLUTIL = f"""import sys
sys.path.insert(0, {str(CHECKOUT)!r})
from dirserv.fillers.command import main
main("plutil")"""
ACCOUNT_COMMANDS = ("dscl", "dseditgroup", "dsmemberutil", "dsimport", "dscacheutil",
                    "sysadminctl", "createhomedir")


class Shell:
    """Runs command lines as clients' scripts have them, over a root."""

    def __init__(self, root: Path, commands: Path, scripts: dict[str, str]) -> None:
        """scripts: what the PATH begins with, below the new directory `commands`."""
        self.root = root
        commands.mkdir()
        for name, script in scripts.items():
            (commands / name).write_text(f"#!/bin/sh\n{script}\n")
            (commands / name).chmod(0o755)
        self._environment = {
            "PATH": f"{commands}:/usr/bin:/bin", "DIRSERV_ROOT": str(root),
            "HOME": "/Users/me", "LC_ALL": "C.UTF-8",
        }

    def shell(self, line: str, input: str | bytes = "") -> Result:
        """Run a command line in bash; its output is text, if need be with surrogates."""
        data = input if isinstance(input, bytes) else input.encode()
        result = subprocess.run(
            ["/bin/bash", "-c", line], env=self._environment, input=data,
            capture_output=True, timeout=60, check=False)
        out, err = (text.decode(errors="surrogateescape")
                    for text in (result.stdout, result.stderr))
        return Result(result.args, result.returncode, out, err)

    def run(self, *argv: str, input: str | bytes = "") -> Result:
        """Run a command with these words."""
        return self.shell(shlex.join(argv), input)

    def log(self) -> str:
        """What else there is to say when a call went wrong."""
        return ""


def ours(name: str) -> str:
    """The script that runs a command of ours."""
    launch = shlex.join([sys.executable, "-I", "-S", f"{CHECKOUT}/bin/{name}"])
    return f'exec {launch} "$@"'


def accounts_shell(root: Path, commands: Path) -> Shell:
    """A client of the account commands."""
    plutil = shlex.join([sys.executable, "-I", "-S", "-c", PLUTIL])
    scripts = {name: ours(name) for name in ACCOUNT_COMMANDS}
    return Shell(root, commands, {**scripts, "id": ID, "plutil": f'exec {plutil} "$@"'})


class Row(NamedTuple):
    """One call: the line, its status, and what the client reads in it (None: nothing)."""

    line: str
    status: int = 0
    reads: Callable[[Result], object] | None = None
    value: object = None
    stderr: str | None = ""


def play(caller: Shell, *rows: Row, **words: object) -> None:
    """Make the calls in order; `{word}` in a line is replaced.  stderr None: anything."""
    for row in rows:
        line = row.line.format(**words)
        result = caller.shell(line)
        assert result.returncode == row.status, (line, result, caller.log())
        assert row.stderr is None or result.stderr == row.stderr, (line, result)
        if row.reads is not None:
            assert row.reads(result) == row.value, (line, result)
