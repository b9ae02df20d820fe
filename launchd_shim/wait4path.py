"""wait4path: wait until a path exists. Every Nix property list begins with it (spec 4.1)."""

from __future__ import annotations

import os

from dirserv.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.console import Console
    from dirserv.directory import Directory

#: Seconds between two looks: at first, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.1


def run(argv: list[str], console: Console, directory: Directory) -> Outcome:
    """The command wait4path: returns 0 once its one argument exists, 1 with its usage if wrong."""
    usage = f"usage: {argv[0]} PATH\n"
    if argv[1:] == ["--help"]:
        return Outcome(out=usage)
    if len(argv) != 2 or not argv[1] or "\0" in argv[1]:
        return Outcome(err=usage, status=1)
    path, pause = directory.root.host(argv[1]), FIRST_PAUSE
    if os.path.exists(path):
        return Outcome()
    import time

    while not os.path.exists(path):
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
    return Outcome()
