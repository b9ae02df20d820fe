"""Recorded calls of Nix's scripts: reading them, running them, and what the caller reads back.

The files in traces/ hold one call a line, in shell quoting, in the recorded order.  `| awk KEY`
stands for the scripts' `| awk "/KEY/ { print \\$2 }"`, `| grep RE` for their `grep -E 'RE'`; both
mean that the caller goes on with what they let through.  A call without a reader is judged by
its exit status alone.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.darwin.layout import CHECKOUT, GROUP, MASTER_PASSWD, PASSWD

TRACES = Path(__file__).absolute().parent / "traces"


class Call(NamedTuple):
    """One call, and the key and pattern by which its output is read."""

    line: int
    argv: list[str]
    awk: str = ""
    grep: str = ""

    def __str__(self) -> str:
        """Where the call stands and what it is, for a report."""
        return f"line {self.line}: {shlex.join(self.argv)}"


class Seen(NamedTuple):
    """What the calling script learns from a call."""

    status: int
    value: str = ""


def calls(name: str) -> Iterator[Call]:
    """The calls of the trace of that name."""
    for number, line in enumerate((TRACES / f"{name}.txt").read_text().splitlines(), start=1):
        if not line.startswith("#"):
            yield parse(number, line)


def parse(number: int, line: str) -> Call:
    """The call that one line of a trace describes."""
    words = shlex.split(line)
    readers = {"awk": "", "grep": ""}
    while len(words) > 3 and words[-3] == "|":
        readers[words[-2]] = words[-1]
        words = words[:-3]
    return Call(number, words, **readers)


def read_back(call: Call, stdout: str) -> str:
    """What the call's readers let through, with blanks squeezed as the shell's `read` does.

    Empty for a call that has no reader.
    """
    lines = stdout.splitlines() if call.awk or call.grep else []
    if call.awk:
        lines = [second_field(line) for line in lines if re.search(call.awk, line)]
    if call.grep:
        lines = [line for line in lines if re.search(call.grep, line)]
    return "\n".join(" ".join(line.split()) for line in lines)


def second_field(line: str) -> str:
    """awk's $2: empty when the line has fewer than two fields."""
    fields = line.split()
    return fields[1] if len(fields) > 1 else ""


def new_prefix(directory: Path) -> Path:
    """Make `directory` what a fresh Darling prefix is, as far as accounts go; returns it."""
    etc = directory / "private/etc"
    etc.mkdir(parents=True)
    for name, content in (("passwd", PASSWD), ("master.passwd", MASTER_PASSWD), ("group", GROUP)):
        (etc / name).write_text(content)
    return directory


def run(root: Path, argv: list[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run one of our commands from the checkout on that root, as its own process."""
    command = [sys.executable, "-I", "-S", str(CHECKOUT / "bin" / argv[0]), *argv[1:]]
    environment = {"DIRSERV_ROOT": str(root), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command,
        input=stdin,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
