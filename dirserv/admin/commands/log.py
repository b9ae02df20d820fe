"""darling-dirserv log: who changed what, when, and by which command."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime, timedelta

from dirserv.admin import trail
from dirserv.admin.access import own_directory
from dirserv.admin.cli import root_argument, show

HELP = "show who changed what, when, and by which command"
EXAMPLES = """\
examples:
  darling-dirserv log --root ./prefix --last 20
  darling-dirserv log --since 2h              what happened in the last two hours
  darling-dirserv log --since 2026-01-31 --json
"""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    root_argument(parser)
    parser.add_argument("--since", type=_moment, metavar="WHEN",
                        help="from this time on: 30m, 2h, 7d, or 2026-01-31[T12:00[+00:00]]")
    parser.add_argument("--last", type=_count, metavar="N", help="only the last N entries")


def run(options: argparse.Namespace) -> int:
    """Do it."""
    directory = own_directory(options, "read the log")
    with directory.change():
        pass  # what somebody edited belongs into the log first
    found = trail.entries(directory.root, options.since, options.last)
    show(options, [trail.as_json(entry) for entry in found],
         (line for entry in found for line in trail.lines(entry)))
    return 0


def _moment(text: str) -> datetime:
    ago = re.fullmatch(r"(\d{1,6})([smhdw])", text)
    try:
        if ago:
            return datetime.now(UTC) - timedelta(seconds=int(ago[1]) * _UNITS[ago[2]])
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no time; try 2h or 2026-01-31") from None


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of entries")
    return int(text)
