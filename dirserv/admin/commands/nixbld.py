"""darling-dirserv nixbld: the Nix build users, all at once."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from dirserv.admin import nixbld
from dirserv.admin.access import changing, own_directory
from dirserv.admin.cli import root_argument, show, the_directory
from dirserv.admin.progress import Progress
from dirserv.directory import Directory
from dirserv.names import GROUPS, MEMBERSHIP, PRIMARY_GROUP_ID, UNIQUE_ID

HELP = "show, create, remove or renumber the Nix build users, in one transaction"
EXAMPLES = """\
examples:
  darling-dirserv nixbld status
  darling-dirserv nixbld create --count 8 --dry-run
  darling-dirserv nixbld renumber          what macOS 15 made necessary: uids from 351 on
  darling-dirserv nixbld remove
"""

_ACTIONS = {"create": nixbld.create, "remove": nixbld.remove, "renumber": nixbld.renumber}
_DEFAULT = nixbld.Plan()


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    root_argument(parser)
    parser.add_argument("action", choices=("status", *_ACTIONS))
    parser.add_argument("--count", type=_count, default=_DEFAULT.count, metavar="N",
                        help="how many users create makes (default: %(default)s)")
    parser.add_argument("--first-uid", type=_number, default=_DEFAULT.first_uid, metavar="UID",
                        help="the uid of the first one (default: %(default)s)")
    parser.add_argument("--gid", type=_number, default=_DEFAULT.gid, metavar="GID",
                        help="the id of the group (default: %(default)s)")
    parser.add_argument("--group", type=_name, default=_DEFAULT.group, metavar="NAME",
                        help="the group (default: %(default)s)")
    parser.add_argument("--user-prefix", type=_name, default=_DEFAULT.prefix, metavar="TEXT",
                        help="the names without their number (default: %(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def run(options: argparse.Namespace) -> int:
    """Do it; status is 1 if a build user is not fit for Nix, or there is none."""
    plan = nixbld.Plan(options.count, options.first_uid, options.gid, options.group,
                       options.user_prefix)
    if options.action == "status":
        return _status(options, plan)
    directory = own_directory(options, f"{options.action} build users")
    progress, done = Progress(plan.count), []
    try:
        with changing(directory, options.dry_run) as change:
            for line in _ACTIONS[options.action](change, plan):
                progress.step(line)
                done.append(line)
    finally:
        progress.close()
    show(options, {"dry_run": options.dry_run, "done": done},
         [*(f"would do: {line}" if options.dry_run else line for line in done),
          *([] if done else ["nothing to do"])])
    return 0


def _status(options: argparse.Namespace, plan: nixbld.Plan) -> int:
    directory = the_directory(options)
    rows = [
        {"name": user.name, "uid": user.number(UNIQUE_ID), "gid": user.number(PRIMARY_GROUP_ID),
         "faults": nixbld.faults(directory, plan, user, number)}
        for number, user in nixbld.present(directory, plan).items()
    ]
    group = directory.find(GROUPS, plan.group)
    result = {"group": group and {"name": group.name, "gid": group.number(PRIMARY_GROUP_ID),
                                  "members": group.values(MEMBERSHIP)}, "users": rows}
    show(options, result, _lines(directory, plan, rows))
    return int(not rows or any(row["faults"] for row in rows))


def _lines(directory: Directory, plan: nixbld.Plan, rows: list[dict[str, Any]]) -> Iterator[str]:
    group = directory.find(GROUPS, plan.group)
    yield (f"group {plan.group}: gid {group.first(PRIMARY_GROUP_ID) or '-'}, "
           f"{len(group.values(MEMBERSHIP))} listed" if group else f"no group {plan.group}")
    if not rows:
        yield f"no users {plan.prefix}1 …"
        return
    width = max(4, *(len(row["name"]) for row in rows))
    yield f"{'NAME':<{width}}  {'UID':>10}  {'GID':>10}  FIT FOR NIX"
    for row in rows:
        ids = [("-" if row[key] is None else row[key]) for key in ("uid", "gid")]
        yield (f"{row['name']:<{width}}  {ids[0]:>10}  {ids[1]:>10}  "
               f"{', '.join(row['faults']) or 'yes'}")


def _count(text: str) -> int:
    return _number(text, 10_000)


def _number(text: str, greatest: int = 2_000_000_000) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 12 and 0 < int(text) <= greatest):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {greatest}")
    return int(text)


def _name(text: str) -> str:
    if not text or not all(char.isascii() and (char.isalnum() or char in "._-") for char in text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a name that passwd can show")
    return text
