"""darling-dirserv uninstall: the prefix becomes what it was."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from dirserv.admin.cli import show
from dirserv.admin.commands.install import lines, prefix_arguments, the_target
from dirserv.prefix.install import uninstall

HELP = "take an installation back: every path becomes what it was"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    prefix_arguments(parser)
    parser.add_argument("--purge", action="store_true",
                        help="forget changed accounts too, and the database")


def run(options: argparse.Namespace) -> int:
    """Do it; 1 when something had to be left."""
    result = uninstall(the_target(options), options.purge)
    show(options, asdict(result), lines(result, "put back"))
    return 1 if result.left else 0
