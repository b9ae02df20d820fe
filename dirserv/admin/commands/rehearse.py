"""darling-dirserv rehearse: the Nix installer's account phase and a daemon job, shown and timed."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dirserv.admin import schema
from dirserv.admin.cli import root_argument, show, the_directory
from dirserv.admin.daemonjob import DaemonRehearsal
from dirserv.admin.progress import Progress
from dirserv.admin.rehearse import Rehearsal
from dirserv.directory import Directory
from dirserv.names import GROUPS, MEMBERSHIP, PRIMARY_GROUP_ID, UNIQUE_ID, USERS

HELP = "do to accounts what the official Nix installer does, and time it"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    root_argument(parser)
    parser.add_argument("--users", type=int, default=32, metavar="N",
                        help="how many build users (default: 32)")


def run(options: argparse.Namespace) -> int:
    """Do it."""
    directory = the_directory(options, make=True)
    schema.create(directory)
    rehearsal = Rehearsal(directory, users=options.users)
    progress = Progress(rehearsal.expected_calls)
    rehearsal.report = progress.step
    try:
        rehearsal.run()
        result = _result(directory, rehearsal)
        result["job"] = DaemonRehearsal(directory, rehearsal.must).run()
    finally:
        progress.close()
    show(options, result, _lines(directory, result))
    return 0


def _result(directory: Directory, rehearsal: Rehearsal) -> dict[str, Any]:
    group = directory.find(GROUPS, "nixbld")
    members = group.values(MEMBERSHIP) if group else []
    users = [directory.find(USERS, name) for name in members]
    times = [seconds * 1000 for _, seconds in rehearsal.calls]
    return {
        "group": {"name": "nixbld", "gid": group.first(PRIMARY_GROUP_ID) if group else None,
                  "members": members},
        "users": [{"name": user.name, "uid": user.first(UNIQUE_ID),
                   "gid": user.first(PRIMARY_GROUP_ID)} for user in users if user],
        "calls": len(times),
        "milliseconds": {"total": round(sum(times)), "median": round(statistics.median(times), 1),
                         "slowest": round(max(times), 1)},
    }


def _lines(directory: Directory, result: dict[str, Any]) -> Iterator[str]:
    yield "users"
    for user in result["users"]:
        yield f"  {user['name']:<12} uid {user['uid']:>5}  gid {user['gid']:>5}"
    group = result["group"]
    yield "group"
    yield f"  {group['name']:<12} gid {group['gid']:>5}  {len(group['members'])} members"
    for file in ("passwd", "group"):
        path = f"{directory.root.etc}/{file}"
        shown = [line for line in Path(path).read_text().splitlines() if "nixbld" in line]
        yield f"{path}  ({len(shown)} lines of the installer's)"
        for line in shown if len(shown) < 5 else [*shown[:2], "…", shown[-1]]:
            yield f"  {line}"
    took = result["milliseconds"]
    yield (f"{result['calls']} calls in {took['total'] / 1000:.1f} s: "
           f"median {took['median']} ms, slowest {took['slowest']} ms")
    yield from result["job"].splitlines()
    yield "the job ran under our launchd and was ended"
