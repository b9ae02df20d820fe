"""The command line of darling-dirserv."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from pathlib import Path
from typing import Any

from dirserv import __version__
from dirserv.admin import schema
from dirserv.admin.daemonjob import DaemonRehearsal
from dirserv.admin.progress import Progress
from dirserv.admin.rehearse import Rehearsal, RehearsalFailed
from dirserv.directory import Directory
from dirserv.errors import DSError, NoDirectory
from dirserv.names import GROUPS, MEMBERSHIP, PRIMARY_GROUP_ID, UNIQUE_ID, USERS
from dirserv.paths import Root, find_root


def parser() -> argparse.ArgumentParser:
    """The argument parser; man page and completion are made from it too."""
    top = argparse.ArgumentParser(
        prog="darling-dirserv",
        description="Set up and look after the user database of a Darling prefix "
        "or of any other directory tree laid out like macOS.",
        epilog="example: darling-dirserv rehearse --root ./prefix",
    )
    top.add_argument("--version", action="version", version=f"darling-dirserv {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help in (
        ("init", "create the database of a root, or bring an older one up to date"),
        ("status", "show what the database holds and whether all files are in step with it"),
        ("rehearse", "do to accounts what the official Nix installer does, and time it"),
    ):
        command = commands.add_parser(name, help=help, description=help)
        command.add_argument("--root", metavar="DIR",
                             help="the root to work on (default: $DIRSERV_ROOT)")
        command.add_argument("--json", action="store_true", help="print the result as JSON")
        if name == "rehearse":
            command.add_argument("--users", type=int, default=32, metavar="N",
                                 help="how many build users (default: 32)")
    return top


def console() -> None:
    """The entry point of the installed command."""
    sys.exit(main(sys.argv[1:]))


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit status: 0, 1 for findings, 2 for what stopped it."""
    options = parser().parse_args(arguments)
    try:
        directory = Directory(_root(options.root))
        return _COMMANDS[options.command](directory, options)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except (NoDirectory, DSError, schema.UnknownSchema, RehearsalFailed, OSError) as error:
        print(f"darling-dirserv: {error}", file=sys.stderr)
        return 2


def _root(named: str | None) -> Root:
    if named is None:
        return find_root(None)
    Path(named).mkdir(parents=True, exist_ok=True)
    return Root(os.path.abspath(named))


def _init(directory: Directory, options: argparse.Namespace) -> int:
    created = schema.create(directory)
    before = schema.upgrade(directory)
    result = {"root": directory.root.path or "/", "created": created, "schema": before}
    _print(options, result, [
        f"{result['root']}: " + ("created the user database" if created else "already initialised")
    ])
    return 0


def _status(directory: Directory, options: argparse.Namespace) -> int:
    with directory.change():
        pass  # what somebody edited is taken over, what lags behind is projected
    result = {"root": directory.root.path or "/", **schema.inspect(directory)}
    healthy = result["integrity"] == "ok"
    counts = ", ".join(f"{number} {kind}" for kind, number in result["records"].items())
    _print(options, result, [
        f"root        {result['root']}",
        f"records     {counts}",
        f"generation  {result['generation']}",
        f"database    {result['integrity']}",
    ])
    return 0 if healthy else 1


def _rehearse(directory: Directory, options: argparse.Namespace) -> int:
    schema.create(directory)
    rehearsal = Rehearsal(directory, users=options.users)
    progress = Progress(rehearsal.expected_calls)
    rehearsal = Rehearsal(directory, users=options.users, report=progress.step)
    try:
        rehearsal.run()
        result = _result(directory, rehearsal)
        result["job"] = DaemonRehearsal(directory, rehearsal.must).run()
    finally:
        progress.close()
    _print(options, result, [*_report(directory, result), *result["job"].splitlines(),
                             "the job ran under our launchd and was ended"])
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


def _report(directory: Directory, result: dict[str, Any]) -> list[str]:
    lines = ["users"]
    lines += [f"  {user['name']:<12} uid {user['uid']:>5}  gid {user['gid']:>5}"
              for user in result["users"]]
    group = result["group"]
    lines += ["group", f"  {group['name']:<12} gid {group['gid']:>5}  "
              f"{len(group['members'])} members"]
    for file in ("passwd", "group"):
        path = f"{directory.root.etc}/{file}"
        shown = [line for line in Path(path).read_text().splitlines() if "nixbld" in line]
        lines += [f"{path}  ({len(shown)} lines of the installer's)"]
        lines += [f"  {line}" for line in (shown if len(shown) < 5 else
                                           [*shown[:2], "…", shown[-1]])]
    took = result["milliseconds"]
    lines.append(f"{result['calls']} calls in {took['total'] / 1000:.1f} s: "
                 f"median {took['median']} ms, slowest {took['slowest']} ms")
    return lines


def _print(options: argparse.Namespace, result: dict[str, Any], lines: list[str]) -> None:
    print(json.dumps(result, indent=2) if options.json else "\n".join(lines))


_COMMANDS = {"init": _init, "status": _status, "rehearse": _rehearse}
