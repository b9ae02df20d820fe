"""darling-dirserv repair: a root made whole again."""

from __future__ import annotations

import argparse
from pathlib import Path

from dirserv.admin import transfer
from dirserv.admin.access import own_directory
from dirserv.admin.cli import root_argument, show
from dirserv.admin.repair import repair

HELP = "bring files in step with the database, or a lost database back from the files"
EXAMPLES = """\
examples:
  darling-dirserv repair --root ./prefix
  darling-dirserv repair --export backup.jsonl    fill in what nothing else holds any more

A damaged database is kept beside the new one, as damaged-TIME.sqlite. Make an export now and
then (darling-dirserv export --secrets FILE): no copy is kept by itself.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    root_argument(parser)
    parser.add_argument("--export", metavar="FILE",
                        help="an export to fill in what nothing else holds, if the database is "
                        "lost")


def run(options: argparse.Namespace) -> int:
    """Do it."""
    export = transfer.load(Path(options.export).read_text()) if options.export else []
    directory = own_directory(options, "repair it")
    done = repair(directory, export)
    show(options, {"root": directory.root.path or "/", "done": done}, done)
    return 0
