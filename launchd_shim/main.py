"""The launchd-shim command: its subcommands, and the process around them."""

from __future__ import annotations

import os
import sys

from dirserv.command import internal_error, settle_process
from dirserv.console import Console
from dirserv.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

EX_USAGE = 64

HELP = """\
usage: launchd-shim <command> [options]

commands:
  check    say what launchd property lists mean, and what in them has no effect or is refused

launchd-shim <command> --help says more. --version prints the version.
"""


def main() -> NoReturn:
    """Run the command with this process's arguments and end the process."""
    settle_process()
    outcome = _run(sys.argv)
    Console().show(outcome)
    os._exit(outcome.status)


def _run(argv: list[str]) -> Outcome:
    try:
        return run(argv)
    except Exception as error:  # noqa: BLE001 - the last resort
        return internal_error("launchd-shim", error)


def run(argv: list[str]) -> Outcome:
    """The command; ``argv[0]`` is its name. Usage errors are 64."""
    words = argv[1:]
    if words and words[0] == "check":
        from launchd_shim.check import command

        return command.run(words[1:])
    if words and words[0] in ("-h", "--help", "help"):
        return Outcome(out=HELP)
    if words == ["--version"]:
        from dirserv import __version__

        return Outcome(out=f"launchd-shim {__version__}\n")
    complaint = f"launchd-shim: no such command: {words[0]}\n" if words else ""
    return Outcome(err=complaint + HELP, status=EX_USAGE)
