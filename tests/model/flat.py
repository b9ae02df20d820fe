"""What the C library must know of the model: the lines of passwd and group (spec/dirserv.md 6.3).

A name that cannot stand in a line, because it would end its field or be read as something else,
is in no line; the same goes for a member of a group.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.model.model import GROUPS, USERS, Model, Record, first, number

NO_HOME, NO_SHELL = "/var/empty", "/usr/bin/false"


class User(NamedTuple):
    """A line of passwd; ids are unsigned."""

    name: str
    uid: int
    gid: int
    gecos: str
    home: str
    shell: str


class Group(NamedTuple):
    """A line of group."""

    name: str
    gid: int
    members: tuple[str, ...]


def fits(name: object) -> bool:
    """Whether a name can be the first field of a line and one of a group's members.

    C libraries pass over white space and comment and NIS marks at the beginning of a name.
    """
    return (isinstance(name, str) and name != "" and name[0] not in "#+- \t\v\f"
            and not any(char in ":,\n\r" for char in name))


def users(model: Model) -> dict[str, User]:
    """The lines of passwd by name."""
    lines = [_user(record) for record in model.state[USERS]]
    return {line.name: line for line in lines if line is not None}


def _user(record: Record) -> User | None:
    name = record["RecordName"][0]
    uid, gid = number(first(record, "UniqueID")), number(first(record, "PrimaryGroupID"))
    if not isinstance(name, str) or not fits(name) or uid is None or gid is None:
        return None
    gecos = str(first(record, "RealName") or "").replace(":", " ").replace("\n", " ")
    return User(name, uid, gid, gecos, _path(record, "NFSHomeDirectory", NO_HOME),
                _path(record, "UserShell", NO_SHELL))


def _path(record: Record, key: str, default: str) -> str:
    path = first(record, key)
    return path if isinstance(path, str) and path and not set(path) & set(":\n") else default


def groups(model: Model) -> dict[str, Group]:
    """The lines of group by name."""
    lines = {}
    for record in model.state[GROUPS]:
        name, gid = record["RecordName"][0], number(first(record, "PrimaryGroupID"))
        if isinstance(name, str) and fits(name) and gid is not None:
            members = tuple(str(member) for member in record.get("GroupMembership", [])
                            if fits(member))
            lines[name] = Group(name, gid, members)
    return lines


def group_ids(user: User, known: dict[str, Group]) -> set[int]:
    """What `id -G` says of a user: the primary group and those that list the name."""
    return {user.gid} | {group.gid for group in known.values() if user.name in group.members}
