"""What a Mac would answer to the calls in traces/: a small independent model of its directory.

It knows only the calls that Nix's scripts make, and for each the exit status and the text that
the script reads back (spec/installers.md 1.2, 1.5 and 2.4; spec/dirserv.md 1, 2.6 and 3.2).
"""

from __future__ import annotations

import re

from tests.clients.trace import Call, Seen

RECORD_NOT_FOUND = 56  # the low byte of 14136, eDSRecordNotFound
NOT_A_MEMBER = 67
NO_SUCH_USER = 64


class Mac:
    """A directory of users and groups: name to attributes, each with one value."""

    def __init__(self, users: dict[str, dict[str, str]]) -> None:
        """users: those that are there at the start."""
        self.users = users
        self.groups: dict[str, dict[str, str]] = {}
        self.members: dict[str, list[str]] = {}

    def answer(self, call: Call) -> Seen:
        """Do the call, and say what its caller has to see."""
        if call.argv[0] == "dseditgroup":
            return self._dseditgroup(call.argv)
        verb, path, *rest = call.argv[2:]
        kind, name = path.removeprefix("/").partition("/")[::2]
        records = {"Users": self.users, "Groups": self.groups}[kind]
        match verb.removeprefix("-"):
            case "create":
                return create(records, name, *rest)
            case "read":
                return read(records, name, call)
            case "list":
                return list_numbers(records, call)
        raise ValueError(f"{call}: not a call that the model knows")

    def _dseditgroup(self, argv: list[str]) -> Seen:
        match argv[2:]:
            case ["create", "-r", real_name, "-i", gid, group]:
                self.groups[group] = {"RealName": real_name, "PrimaryGroupID": gid}
                self.members[group] = []
                return Seen(0)
            case ["edit", "-t", "user", "-a", user, group]:
                if user not in self.members[group]:
                    self.members[group].append(user)
                return Seen(0)
            case ["checkmember", "-m", user, group]:
                return self._checkmember(user, group)
        raise ValueError(f"{argv}: not a call that the model knows")

    def _checkmember(self, user: str, group: str) -> Seen:
        if user not in self.users:
            return Seen(NO_SUCH_USER)
        same_gid = self.users[user].get("PrimaryGroupID") == self.groups[group]["PrimaryGroupID"]
        return Seen(0 if same_gid or user in self.members[group] else NOT_A_MEMBER)


def create(records: dict[str, dict[str, str]], name: str, key: str, value: str) -> Seen:
    """Set an attribute; the record is made when it is missing."""
    records.setdefault(name, {})[key] = value
    return Seen(0)


def read(records: dict[str, dict[str, str]], name: str, call: Call) -> Seen:
    """The one word that awk finds; a value with a blank stands on a line of its own, unfound."""
    if name not in records:
        return Seen(RECORD_NOT_FOUND)
    value = records[name].get(call.awk, "")
    return Seen(0, "" if " " in value else value)


def list_numbers(records: dict[str, dict[str, str]], call: Call) -> Seen:
    """The lines `name uid` that match the call's pattern, in the order of the names."""
    lines = (f"{name} {records[name]['UniqueID']}" for name in sorted(records, key=str.lower))
    return Seen(0, "\n".join(line for line in lines if re.search(call.grep, line)))
