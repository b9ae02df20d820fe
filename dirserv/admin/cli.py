"""What the subcommands share: the root they work on, and how a result is shown."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dirserv.directory import Directory
from dirserv.paths import Root, find_root


def root_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--root``."""
    parser.add_argument("--root", metavar="DIR",
                        help="the root to work on (default: $DIRSERV_ROOT)")


def the_directory(options: argparse.Namespace, make: bool = False) -> Directory:
    """The directory of the root that the options name; ``make`` makes a missing root.

    Raises NoDirectory when none is named or found.
    """
    if options.root is None:
        return Directory(find_root(None))
    if make:
        Path(options.root).mkdir(parents=True, exist_ok=True)
    return Directory(Root(os.path.abspath(options.root)))


def show(options: argparse.Namespace, result: Any, lines: Iterable[str]) -> None:
    """Print a result: as JSON when that is asked for, else the lines."""
    if options.json:
        print(json.dumps(result, indent=2))
        return
    for line in lines:
        print(line)
