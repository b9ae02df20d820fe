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
from dirserv.prefix import container


def root_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--root``, which may be a prefix."""
    parser.add_argument("--root", "--prefix", metavar="DIR",
                        help="the root or prefix to work on (default: $DIRSERV_ROOT)")


def the_directory(options: argparse.Namespace, make: bool = False) -> Directory:
    """The directory of the root that the options name; ``make`` makes a missing root.

    A prefix whose container runs is entered: what the host writes below it is lost
    (spec/darling.md). Raises NoDirectory when none is named or found,
    ContainerRuns when it cannot be entered.
    """
    if options.root is not None and make:
        Path(options.root).mkdir(parents=True, exist_ok=True)
    root = find_root(None) if options.root is None else Root(os.path.abspath(options.root))
    container.settle(root.path)
    return Directory(root)


def show(options: argparse.Namespace, result: Any, lines: Iterable[str]) -> None:
    """Print a result: as JSON when that is asked for, else the lines."""
    if options.json:
        print(json.dumps(result, indent=2))
        return
    for line in lines:
        print(line)
