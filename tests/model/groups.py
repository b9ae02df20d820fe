"""What dseditgroup makes of the model (spec/dirserv.md 3, membership 7.4)."""

from __future__ import annotations

from collections.abc import Mapping

from tests.model.model import GROUPS, USERS, Model, Record, Value, first, number, upper

OK, USAGE, NOT_MEMBER, CANNOT_CREATE, NO_MEMBER_RECORD = 0, 64, 67, 73, 200
FIRST_GID = 501
EVERYONE, LOCAL_ACCOUNTS = 12, 61
#: Options that only set an attribute, in the order in which they act.
TEXTS = {"-r": "RealName", "-k": "Keywords", "-c": "Comment"}

Options = Mapping[str, str]


def create(model: Model, name: str, options: Options) -> int:
    """-o create; without -q an existing group would need an answer, and there is none."""
    known = model.find(GROUPS, name)
    if known is not None:
        if "-q" not in options:
            return CANNOT_CREATE
        model.remove(GROUPS, known)
    group = model.make(GROUPS, name)
    if group is None:
        return USAGE
    return edit_record(model, group, options, FIRST_GID)


def edit(model: Model, name: str, options: Options) -> int:
    """-o edit."""
    group = model.find(GROUPS, name)
    return USAGE if group is None else edit_record(model, group, options, None)


def edit_record(model: Model, group: Record, options: Options, default_gid: int | None) -> int:
    """-a, -d, -i and the texts; the first that fails ends it, what was done before stays."""
    kind = GROUPS if options.get("-t") == "group" else USERS
    for option, act in (("-a", add), ("-d", take_out)):
        if option in options:
            member = model.find(kind, options[option])
            if member is None:
                return NO_MEMBER_RECORD
            act(group, kind, member)
    taken = [first(other, "PrimaryGroupID") for other in model.state[GROUPS]]
    if "-i" in options:
        wanted = options["-i"]
        if wanted in taken or (number(wanted) is not None
                               and number(wanted) in [number(gid) for gid in taken]):
            return USAGE
        model.put(GROUPS, group, "PrimaryGroupID", [wanted])
    elif default_gid is not None:
        while default_gid in [number(gid) for gid in taken]:
            default_gid += 1
        model.put(GROUPS, group, "PrimaryGroupID", [str(default_gid)])
    for option, key in TEXTS.items():
        if option in options:
            model.put(GROUPS, group, key, [] if options[option] == "" else [options[option]])
    return OK


def delete(model: Model, name: str) -> int:
    """-o delete."""
    group = model.find(GROUPS, name)
    if group is None:
        return USAGE
    model.remove(GROUPS, group)
    return OK


def check_member(model: Model, user_name: str, name: str) -> int:
    """-o checkmember."""
    user, group = model.find(USERS, user_name), model.find(GROUPS, name)
    if user is None or group is None:
        return USAGE
    return OK if is_member(model, user, group) else NOT_MEMBER


def add(group: Record, kind: str, member: Record) -> None:
    """-a: the name and the UUID; a group that has only one of the two kinds gets only that."""
    uuid = first(member, "GeneratedUID")
    if kind == GROUPS:
        _include(group, "NestedGroups", uuid)
        return
    names, uuids = group.get("GroupMembership"), group.get("GroupMembers")
    if names or not uuids:
        _include(group, "GroupMembership", member["RecordName"][0])
    if uuids or not names:
        _include(group, "GroupMembers", uuid)


def take_out(group: Record, kind: str, member: Record) -> None:
    """-d: every name of the member and its UUID."""
    uuid = [upper(first(member, "GeneratedUID"))]
    if kind == GROUPS:
        _exclude(group, "NestedGroups", uuid)
        return
    kept = [name for name in group.get("GroupMembership", []) if name not in member["RecordName"]]
    _replace(group, "GroupMembership", kept)
    _exclude(group, "GroupMembers", uuid)


def is_member(model: Model, user: Record, group: Record) -> bool:
    """By primary group, by name, by UUID, or by being in a nested group."""
    pending, seen = [group], []
    while pending:
        current = pending.pop()
        if any(current is other for other in seen):
            continue
        seen.append(current)
        if _is_direct_member(user, current):
            return True
        nested = [upper(uuid) for uuid in current.get("NestedGroups", [])]
        pending += [other for other in model.state[GROUPS]
                    if upper(first(other, "GeneratedUID")) in nested]
    return False


def _is_direct_member(user: Record, group: Record) -> bool:
    gid = number(first(group, "PrimaryGroupID"))
    if gid in (EVERYONE, LOCAL_ACCOUNTS):
        return True
    if gid is not None and gid == number(first(user, "PrimaryGroupID")):
        return True
    if any(name in group.get("GroupMembership", []) for name in user["RecordName"]):
        return True
    uuid = first(user, "GeneratedUID")
    return uuid is not None and upper(uuid) in map(upper, group.get("GroupMembers", []))


def _include(group: Record, key: str, value: Value | None) -> None:
    values = group.get(key, [])
    same = str if key == "GroupMembership" else upper
    if value is not None and same(value) not in map(same, values):
        _replace(group, key, [*values, value])


def _exclude(group: Record, key: str, unwanted: list[object]) -> None:
    _replace(group, key, [value for value in group.get(key, []) if upper(value) not in unwanted])


def _replace(group: Record, key: str, values: list[Value]) -> None:
    if values:
        group[key] = values
    else:
        group.pop(key, None)
