"""darling-dirserv init: a root gets its database, or an older one is brought up to date."""

from __future__ import annotations

import argparse
import os

from dirserv.admin import schema
from dirserv.admin.cli import root_argument, show, the_directory

HELP = "create the database of a root, or bring an older one up to date"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    root_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    directory = the_directory(options, make=True)
    root = directory.root.path or "/"
    before = schema.upgrade(directory) if os.path.exists(directory.root.database) else None
    created = schema.create(directory)
    show(options, {"root": root, "created": created, "schema": before},
         [f"{root}: " + ("created the user database" if created else "already initialised")])
    return 0
