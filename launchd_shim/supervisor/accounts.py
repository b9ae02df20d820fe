"""Who a job runs as: UserName, GroupName and groups from the directory of the root."""

from __future__ import annotations

import contextlib
import os

from dirserv.directory import Directory
from dirserv.errors import NoDirectory
from dirserv.identities import by_id
from dirserv.membership import is_member
from dirserv.names import GROUPS, HOME, PRIMARY_GROUP_ID, SHELL, UNIQUE_ID, USERS
from dirserv.paths import Root
from dirserv.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from launchd_shim.job import Process


class UnknownAccount(Exception):
    """A job is to run as a user or group that the directory does not have, or that we cannot
    become."""


class Account:
    """A user to become: ids as the kernel has them, and what goes into the environment."""

    def __init__(self, uid: int, gid: int, groups: list[int], variables: dict[str, str]) -> None:
        self.uid = uid
        self.gid = gid
        self.groups = groups
        self.variables = variables


def uid_of(domain: str) -> int:
    """The uid of a user's domain, 0 for the system's."""
    return int(domain.rpartition("/")[2]) if domain != "system" else 0


def resolve(root: str, domain: str, process: Process) -> Account | None:
    """Who a job of a domain runs as; None for whoever we are.

    UserName, GroupName and InitGroups count in the system domain; the jobs of a user's domain
    are that user's (spec/launchd.md 1.2). Raises UnknownAccount.
    """
    try:
        if domain == "system":
            return _named(root, process.user, process.group, process.init_groups)
        return None if uid_of(domain) == os.geteuid() else _of_uid(root, uid_of(domain))
    except NoDirectory as error:
        raise UnknownAccount(f"the root has no accounts: {error}") from error


@contextlib.contextmanager
def acting_as(account: Account | None) -> Iterator[None]:
    """Open files and sockets with a user's rights and as their owner; None is as we are."""
    if account is None:
        yield
        return
    before = os.geteuid(), os.getegid(), os.getgroups()
    os.setgroups(account.groups)
    os.setegid(account.gid)
    os.seteuid(account.uid)
    try:
        yield
    finally:
        os.seteuid(before[0])
        os.setegid(before[1])
        os.setgroups(before[2])


def _of_uid(root: str, uid: int) -> Account:
    if os.geteuid() != 0:
        raise UnknownAccount(f"launchd is not root and cannot run the jobs of uid {uid}")
    record = by_id(Directory(Root(root)), USERS, uid if uid < 1 << 31 else uid - (1 << 32))
    if record is None:
        raise UnknownAccount(f"no user has the uid {uid}")
    account = _named(root, record.name, None, True)
    assert account is not None
    return account


def _named(
    root: str, user: str | None, group: str | None, init_groups: bool
) -> Account | None:
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
