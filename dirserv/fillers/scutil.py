"""scutil --get: the names of this machine, which darwin-rebuild asks for to find a flake."""

from __future__ import annotations

import os
import re

from dirserv.outcome import Outcome
from dirserv.paths import Root

_NAMES = ("ComputerName", "LocalHostName", "HostName")


def run(argv: list[str], root: Root) -> Outcome:
    """The command scutil: only ``--get NAME``; 1 for everything else."""
    if len(argv) != 3 or argv[1] != "--get" or argv[2] not in _NAMES:
        names = "|".join(_NAMES)
        return Outcome(err=f"usage: scutil --get {names}\n", status=1)
    name = os.uname().nodename
    if argv[2] == "LocalHostName":
        name = re.sub(r"[^A-Za-z0-9-]+", "-", name.partition(".")[0]).strip("-") or "localhost"
    return Outcome(name + "\n")
