"""The command line of sandbox-exec(1): BSD getopt, exactly one profile, a command.

Source: spec/sandbox.md 2.1; the usage text is a Mac's. bin/sandbox-exec goes by the same rules.
"""

from __future__ import annotations

from dirserv.getopt import BAD, Getopt

#: sysexits.h
EX_USAGE, EX_DATAERR, EX_OSERR = 64, 65, 71

USAGE = """\
Usage: sandbox-exec [options] command [args]
Options:
  -f profile-file     Read profile from file.
  -n profile-name     Use pre-defined profile.
  -p profile-string   Specify a profile on the command line.
  -D key=value        Define a profile parameter.
Exactly one of -f, -n, -p must be specified.
"""


class Failed(Exception):
    """The command ends with ``status`` and the text on standard error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def failed(status: int, sentence: str) -> Failed:
    """The failure that begins as callers look for it (spec/sandbox.md 2.2)."""
    return Failed(status, f"sandbox-exec: {sentence}\n")


class CommandLine:
    """``kind`` is f, n or p; ``value`` that option's value; the parameters are values, never
    source text. ``traced``: -t was given, which does nothing here."""

    __slots__ = ("command", "kind", "parameters", "traced", "value")

    def __init__(self) -> None:
        self.kind = ""
        self.value = ""
        self.parameters: dict[str, str] = {}
        self.traced = False
        self.command: list[str] = []


def parse(argv: list[str]) -> CommandLine:
    """Read a command line; ``argv[0]`` is the command as it was called. Raises Failed."""
    line = CommandLine()
    options = Getopt(argv[0], argv[1:], "D:f:n:p:t:")
    for letter, value in options:
        if letter == BAD:
            raise Failed(EX_USAGE, options.errors + USAGE)
        if letter == "D":
            key, equals, parameter = value.partition("=")
            if not equals:
                raise Failed(EX_USAGE, USAGE)
            line.parameters[key] = parameter
        elif letter == "t":
            line.traced = True
        else:
            line.kind, line.value = line.kind + letter, value
    line.command = options.operands
    if len(line.kind) != 1 or not line.command:
        raise Failed(EX_USAGE, USAGE)
    if line.traced and line.kind == "n":
        raise failed(EX_USAGE, "tracing isn't implemented for named profiles; "
                               "use -f or -p to specify a profile")
    return line
