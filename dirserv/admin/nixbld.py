"""The Nix build users as one thing: what there is, what there should be, one transaction between.

Attributes and ids are the official installer's (spec/installers.md 1.2); ``renumber`` reaches the
end state of its sequoia-nixbld-user-migration.sh (2.4) without its detour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dirserv.admin.errors import AdminError
from dirserv.change import Change
from dirserv.membership import add_member
from dirserv.names import (
    GROUPS,
    HOME,
    MEMBERSHIP,
    NATIVE,
    PRIMARY_GROUP_ID,
    REAL_NAME,
    SHELL,
    UNIQUE_ID,
    USERS,
)
from dirserv.record import Record

if TYPE_CHECKING:
    from dirserv.membership import Directory

_GROUP_TEXT = "Nix build group for nix-daemon"
_FIXED = {NATIVE + "IsHidden": "1", HOME: "/var/empty", SHELL: "/sbin/nologin"}


@dataclass(frozen=True)
class Plan:
    """What is wanted: ``count`` users from ``first_uid`` on, called ``prefix`` and a number from
    1 on, in the group ``group`` with the id ``gid``."""

    count: int = 32
    first_uid: int = 351
    gid: int = 350
    group: str = "nixbld"
    prefix: str = "_nixbld"

    def name(self, number: int) -> str:
        """The name of the user of a number."""
        return f"{self.prefix}{number}"

    def wanted(self, number: int) -> dict[str, str]:
        """The attributes of that user."""
        return {UNIQUE_ID: str(self.first_uid + number - 1), PRIMARY_GROUP_ID: str(self.gid),
                REAL_NAME: f"Nix build user {number}", **_FIXED}


def present(directory: Directory, plan: Plan) -> dict[int, Record]:
    """Number -> build user, in the order of the numbers."""
    pattern = re.compile(re.escape(plan.prefix) + r"([1-9][0-9]{0,5})")
    found = {}
    for user in directory.records(USERS):
        match = pattern.fullmatch(user.name)
        if match:
            found[int(match[1])] = user
    return dict(sorted(found.items()))


def faults(directory: Directory, plan: Plan, user: Record, number: int) -> list[str]:
    """What a build user lacks to be one for Nix, a word or two each."""
    group = directory.find(GROUPS, plan.group)
    found = []
    if user.first(UNIQUE_ID) != str(plan.first_uid + number - 1):
        found.append("another uid")
    if group is None or user.number(PRIMARY_GROUP_ID) != group.number(PRIMARY_GROUP_ID):
        found.append("another primary group")
    if group is None or user.name not in group.values(MEMBERSHIP):
        found.append("not listed in the group")
    return found


def create(change: Change, plan: Plan) -> Iterator[str]:
    """Make what is missing and complete what is there; yields a line for each change.

    Raises AdminError where another account has an id or the group has another gid.
    """
    group = change.find(GROUPS, plan.group)
    if group is not None and group.number(PRIMARY_GROUP_ID) != plan.gid:
        raise AdminError(f"the group {plan.group} has gid {group.first(PRIMARY_GROUP_ID) or 'none'}"
                         f", not {plan.gid}; say --gid, or remove it first")
    _check_ids(change, plan, range(1, plan.count + 1))
    if group is None:
        group = change.create(GROUPS, plan.group)
        change.write(group, PRIMARY_GROUP_ID, [str(plan.gid)])
        change.write(group, REAL_NAME, [_GROUP_TEXT])
        yield f"group {plan.group}: created with gid {plan.gid}"
    for number in range(1, plan.count + 1):
        yield from _user(change, plan, group, number)


def renumber(change: Change, plan: Plan) -> Iterator[str]:
    """Give every build user, and every one that only the group still knows, the uid of his
    number; yields a line for each change.

    Raises AdminError where another account has such a uid, or there are no build users.
    """
    group = change.find(GROUPS, plan.group)
    members = group.values(MEMBERSHIP) if group else []
    last = max([0, *present(change, plan), *_numbers(members, plan)])
    if group is None or last == 0:
        raise AdminError(f"there are no users {plan.prefix}1 … in a group {plan.group}; "
                         "`darling-dirserv nixbld create` makes them")
    gid = group.number(PRIMARY_GROUP_ID)
    plan = Plan(last, plan.first_uid, plan.gid if gid is None else gid, plan.group, plan.prefix)
    _check_ids(change, plan, range(1, last + 1))
    for number in range(1, last + 1):
        yield from _user(change, plan, group, number)


def remove(change: Change, plan: Plan) -> Iterator[str]:
    """Delete the build users and their group; yields a line for each."""
    for user in present(change, plan).values():
        change.delete(user)
        yield f"user {user.name}: deleted"
    group = change.find(GROUPS, plan.group)
    if group is not None:
        change.delete(group)
        yield f"group {plan.group}: deleted"


def _user(change: Change, plan: Plan, group: Record, number: int) -> Iterator[str]:
    name = plan.name(number)
    user = change.find(USERS, name)
    done = [] if user else ["created"]
    user = user or change.create(USERS, name)
    for attribute, value in plan.wanted(number).items():
        before = user.first(attribute)
        if before != value:
            change.write(user, attribute, [value])
            if before and attribute == UNIQUE_ID:
                done.append(f"uid {before} → {value}")
            elif before:
                done.append(f"{attribute.rpartition(':')[2]} set")
    if name not in group.values(MEMBERSHIP):
        done.append(f"listed in {plan.group}")
    add_member(change, group, user)
    if done:
        yield f"user {name}: {', '.join(done)}"


def _numbers(names: list[str], plan: Plan) -> Iterator[int]:
    for name in names:
        digits = name.removeprefix(plan.prefix)
        if name != digits and digits.isascii() and digits.isdigit():
            yield int(digits)


def _check_ids(change: Change, plan: Plan, numbers: range) -> None:
    """Raise AdminError if an account that is none of ours has an id that we need."""
    ours = {plan.name(number) for number in numbers}
    wanted = {plan.first_uid + number - 1 for number in numbers}
    taken = [f"uid {user.number(UNIQUE_ID)} is {user.name}'s" for user in change.records(USERS)
             if user.name not in ours and user.number(UNIQUE_ID) in wanted]
    taken += [f"gid {plan.gid} is {group.name}'s" for group in change.records(GROUPS)
              if group.name != plan.group and group.number(PRIMARY_GROUP_ID) == plan.gid]
    if taken:
        more = f" and {len(taken) - 3} more" if len(taken) > 3 else ""
        raise AdminError(f"nothing was changed: {', '.join(taken[:3])}{more}; "
                         "choose others with --first-uid and --gid")
