"""Who a job runs as: UserName, GroupName and groups from the directory of the root."""

from __future__ import annotations

from dirserv.directory import Directory
from dirserv.membership import is_member
from dirserv.names import GROUPS, HOME, PRIMARY_GROUP_ID, SHELL, UNIQUE_ID, USERS
from dirserv.paths import Root
from dirserv.record import Record


class UnknownAccount(Exception):
    """A job names a user or group that the directory does not have."""


class Account:
    """A user to become: ids as the kernel has them, and what goes into the environment."""

    def __init__(self, uid: int, gid: int, groups: list[int], variables: dict[str, str]) -> None:
        self.uid = uid
        self.gid = gid
        self.groups = groups
        self.variables = variables


def resolve(
    root: str, user: str | None, group: str | None, init_groups: bool
) -> Account | None:
    """The account for a job's UserName, GroupName and InitGroups; None for neither name.

    Raises UnknownAccount.
    """
    if user is None and group is None:
        return None
    directory = Directory(Root(root))
    record = directory.find(USERS, user or "root")
    if record is None:
        raise UnknownAccount(f"the user {user} does not exist")
    gid = _id(record, PRIMARY_GROUP_ID)
    if group is not None:
        named = directory.find(GROUPS, group)
        if named is None:
            raise UnknownAccount(f"the group {group} does not exist")
        gid = _id(named, PRIMARY_GROUP_ID)
    groups = [gid]
    if user is not None and init_groups:
        groups += [_id(item, PRIMARY_GROUP_ID) for item in directory.records(GROUPS)
                   if item.number(PRIMARY_GROUP_ID) is not None
                   and is_member(directory, record, item)]
    variables = {} if user is None else {
        "HOME": record.first(HOME, "/var/empty"), "USER": record.name, "LOGNAME": record.name,
        "SHELL": record.first(SHELL, "/bin/sh"),
    }
    return Account(_id(record, UNIQUE_ID), gid, sorted(set(groups)), variables)


def _id(record: Record, attribute: str) -> int:
    number = record.number(attribute)
    if number is None:
        raise UnknownAccount(f"{record.name} has no {attribute.partition(':')[2]}")
    return number % (1 << 32)
