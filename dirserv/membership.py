"""Who belongs to which group: by name, by UUID, by nesting, by primary group, by rule.

Sources: spec/dirserv.md 3.3 and 7.4.
"""

from __future__ import annotations

from dirserv.names import (
    GENERATED_UID,
    GROUPS,
    MEMBERS,
    MEMBERSHIP,
    NESTED_GROUPS,
    PRIMARY_GROUP_ID,
    USERS,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from dirserv.record import Record
    from dirserv.transaction import Transaction

    class Directory(Protocol):
        """Anything that finds records: a Directory or an open Transaction."""

        def find(self, type: str, name: str) -> Record | None: ...
        def records(self, type: str) -> list[Record]: ...


#: Groups whose members the system computes: everyone, and the accounts of the local node.
_COMPUTED = (12, 61)


def is_member(directory: Directory, user: Record, group: Record) -> bool:
    """Whether ``user`` is in ``group``, directly or through nested groups."""
    by_uuid: dict[str, Record] = {}
    pending, seen = [group], set()
    while pending:
        current = pending.pop()
        if current.id in seen:
            continue
        seen.add(current.id)
        if is_direct_member(user, current):
            return True
        nested = current.values(NESTED_GROUPS)
        if nested and not by_uuid:
            by_uuid = _groups_by_uuid(directory)
        pending += [by_uuid[uuid.upper()] for uuid in nested if uuid.upper() in by_uuid]
    return False


def is_direct_member(user: Record, group: Record) -> bool:
    """Whether ``user`` is in ``group`` without looking into nested groups."""
    gid = group.number(PRIMARY_GROUP_ID)
    if gid is not None and (gid in _COMPUTED or gid == user.number(PRIMARY_GROUP_ID)):
        return True
    if not set(user.names).isdisjoint(group.values(MEMBERSHIP)):
        return True
    uuid = user.first(GENERATED_UID).upper()
    return bool(uuid) and uuid in [value.upper() for value in group.values(MEMBERS)]


def _groups_by_uuid(directory: Directory) -> dict[str, Record]:
    return {
        group.first(GENERATED_UID).upper(): group for group in directory.records(GROUPS)
    }


def add_member(change: Transaction, group: Record, member: Record) -> None:
    """Add a user by name and UUID; a group that has only one of the two kinds gets that one."""
    names, uuids = group.values(MEMBERSHIP), group.values(MEMBERS)
    by_name, by_uuid = bool(names) or not uuids, bool(uuids) or not names
    uuid = member.first(GENERATED_UID)
    if by_name and member.name not in names:
        change.write(group, MEMBERSHIP, [*names, member.name])
    if by_uuid and uuid and uuid.upper() not in map(str.upper, uuids):
        change.write(group, MEMBERS, [*uuids, uuid])


def remove_member(change: Transaction, group: Record, member: Record) -> None:
    """Remove a user by every name and by UUID; not being a member is no error."""
    _without(change, group, MEMBERSHIP, set(member.names))
    _without_uuid(change, group, MEMBERS, member)


def nest(change: Transaction, group: Record, member: Record) -> None:
    """Add a group to a group."""
    nested, uuid = group.values(NESTED_GROUPS), member.first(GENERATED_UID)
    if uuid and uuid.upper() not in map(str.upper, nested):
        change.write(group, NESTED_GROUPS, [*nested, uuid])


def unnest(change: Transaction, group: Record, member: Record) -> None:
    """Remove a group from a group."""
    _without_uuid(change, group, NESTED_GROUPS, member)


def _without_uuid(change: Transaction, group: Record, attribute: str, member: Record) -> None:
    """Remove a member's UUID in whatever case it is written."""
    uuid = member.first(GENERATED_UID).upper()
    _without(change, group, attribute,
             {value for value in group.values(attribute) if value.upper() == uuid})


def _without(change: Transaction, group: Record, attribute: str, unwanted: set[str]) -> None:
    values = group.values(attribute)
    kept = [value for value in values if value not in unwanted]
    if kept != values:
        change.write(group, attribute, kept)


def follow_names(change: Transaction, group: Record, before: list[str]) -> None:
    """Bring the UUID members in step after somebody else edited the names of a group."""
    after, uuids = group.values(MEMBERSHIP), group.values(MEMBERS)

    def uuids_of(names: list[str]) -> list[str]:
        users = (change.find(USERS, name) for name in names)
        return [user.first(GENERATED_UID) for user in users if user is not None]

    gone = uuids_of([name for name in before if name not in after])
    new = uuids_of([name for name in after if name not in before])
    wanted = [uuid for uuid in uuids if uuid not in gone]
    if uuids or not before:
        wanted += [uuid for uuid in new if uuid not in wanted]
    if wanted != uuids:
        change.write(group, MEMBERS, wanted)
