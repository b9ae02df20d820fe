"""Checks of the records: ids, members, names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from dirserv.admin.doctor.site import Site
from dirserv.initialise import builtin
from dirserv.names import (
    GENERATED_UID,
    GROUPS,
    MEMBERS,
    MEMBERSHIP,
    NESTED_GROUPS,
    PRIMARY_GROUP_ID,
    RECORD_NAME,
    UNIQUE_ID,
    USERS,
)
from dirserv.record import Record

#: Group UUIDs of macOS's own groups begin with this (spec/dirserv.md 6).
_BUILTIN_GROUP = "ABCDEFAB-CDEF-ABCD-EFAB-CDEF"
_NIXBLD = re.compile(r"_?nixbld\d+")
#: macOS 15 took what the Nix installer used to give its users (spec/installers.md 2.4).
SEQUOIA_TOOK = range(300, 351)


def clashing_uids(site: Site) -> Iterator[str]:
    """Two users with one uid."""
    return _clashes(site.users, UNIQUE_ID, "uid")


def clashing_gids(site: Site) -> Iterator[str]:
    """Two groups with one gid."""
    return _clashes(site.groups, PRIMARY_GROUP_ID, "gid")


def _clashes(records: Iterable[Record], attribute: str, called: str) -> Iterator[str]:
    holders = defaultdict(list)
    for record in records:
        if record.number(attribute) is not None:
            holders[record.number(attribute)].append(record.name)
    for id, names in holders.items():
        if len(names) > 1:
            yield f"{called} {id} belongs to {_listed(names)}"


def duplicate_uuids(site: Site) -> Iterator[str]:
    """Two records with one GeneratedUID."""
    holders = defaultdict(list)
    for record in [*site.users, *site.groups]:
        if record.first(GENERATED_UID):
            holders[record.first(GENERATED_UID).upper()].append(record.name)
    for uuid, names in holders.items():
        if len(names) > 1:
            yield f"{uuid} is the GeneratedUID of {_listed(names)}"


def duplicate_names(site: Site) -> Iterator[str]:
    """Two records of a type with one name."""
    for records in (site.users, site.groups):
        holders = defaultdict(list)
        for record in records:
            for name in {name.lower() for name in record.names}:
                holders[name].append(record)
        for name, sharing in holders.items():
            if len(sharing) > 1:
                yield f"{name} names {len(sharing)} {sharing[0].type.partition(':')[2].lower()}"


def dangling_names(site: Site) -> Iterator[str]:
    """Members by name that are no users."""
    known = {name for user in site.users for name in user.names}
    return _dangling(site.groups, MEMBERSHIP, known, "no user")


def dangling_uuids(site: Site) -> Iterator[str]:
    """Members by UUID that are no records."""
    known = {record.first(GENERATED_UID).upper() for record in site.sound.records}
    return _dangling(site.groups, MEMBERS, known, "no record")


def dangling_groups(site: Site) -> Iterator[str]:
    """Nested groups that are no groups."""
    known = {group.first(GENERATED_UID).upper() for group in site.groups}
    return _dangling(site.groups, NESTED_GROUPS, known, "no group")


def _dangling(
    groups: Iterable[Record], attribute: str, known: set[str], what: str
) -> Iterator[str]:
    for group in groups:
        lost = [value for value in group.values(attribute)
                if (value if attribute == MEMBERSHIP else value.upper()) not in known]
        if lost:
            yield f"the group {group.name} has {_listed(lost)}, which is {what}"


def no_primary_group(site: Site) -> Iterator[str]:
    """Users whose primary group does not exist."""
    gids = {group.number(PRIMARY_GROUP_ID) for group in site.groups}
    for user in site.users:
        gid = user.number(PRIMARY_GROUP_ID)
        if gid is not None and gid not in gids:
            yield f"the primary group {gid} of {user.name} does not exist"


def primary_only(site: Site) -> Iterator[str]:
    """Members by primary group alone, whom gr_mem lacks: Nix finds nobody in such a group.

    macOS's own groups, and a user's own group of his name, are like this everywhere.
    """
    for group in site.groups:
        if group.first(GENERATED_UID).upper().startswith(_BUILTIN_GROUP):
            continue
        gid, listed = group.number(PRIMARY_GROUP_ID), set(group.values(MEMBERSHIP))
        lost = [user.name for user in site.users
                if gid is not None and user.number(PRIMARY_GROUP_ID) == gid
                and listed.isdisjoint(user.names) and user.name != group.name]
        if lost:
            yield (f"the group {group.name} does not list {_listed(lost)}, whose primary group "
                   "it is")


def old_nixbld_ids(site: Site) -> Iterator[str]:
    """Build users in the range that macOS 15 took."""
    lost = [user.name for user in site.users
            if _NIXBLD.fullmatch(user.name) and user.number(UNIQUE_ID) in SEQUOIA_TOOK]
    if lost:
        yield (f"{_listed(lost)}: uid below {SEQUOIA_TOOK.stop}, in the range that macOS 15 "
               "took for itself")


def builtin_ids(site: Site) -> Iterator[str]:
    """Ids of macOS's own accounts that belong to others."""
    for type, attribute in ((USERS, UNIQUE_ID), (GROUPS, PRIMARY_GROUP_ID)):
        own = {int(str(item[attribute][0])): str(item[RECORD_NAME][0]) for item in builtin(type)}
        present = {name for record in site.records(type) for name in record.names}
        for record in site.records(type):
            name = own.get(record.number(attribute) or 0)
            if name and record.number(attribute) and name not in {*record.names, *present}:
                called = "uid" if type == USERS else "gid"
                yield (f"{record.name} has {called} {record.number(attribute)}, which is "
                       f"{name}'s on macOS")


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
