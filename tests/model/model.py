"""The directory as a few dictionaries, written from spec/dirserv.md and without any of dirserv.

Methods are dscl's verbs (2.10): each returns nothing, or raises Refused with the exit status that
dscl ends with. A change that is refused leaves everything as it was (issue 2, section 2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

USERS, GROUPS = "Users", "Groups"
NATIVE = "dsAttrTypeNative:"

# Exit statuses: the low byte of the DirectoryService code (spec 1).
READ_ONLY, BAD_NAME, NO_VALUE, TAKEN, NO_RECORD = 41, 53, 54, 55, 56
NO_PATH, INDEX_ZERO, INDEX_LARGE = 185, 237, 238

LONGEST_NAME = 244  # bytes; dscl silently makes no record with a longer one

#: Names of attributes on disk that may stand for the standard ones (spec/local-mappings.tsv).
ON_DISK = {
    "uid": "UniqueID", "gid": "PrimaryGroupID", "home": "NFSHomeDirectory", "shell": "UserShell",
    "realname": "RealName", "users": "GroupMembership", "groupmembers": "GroupMembers",
    "nestedgroups": "NestedGroups", "generateduid": "GeneratedUID", "name": "RecordName",
    "passwd": "Password", "comment": "Comment",
}
STANDARD = {*ON_DISK.values(), "AuthenticationAuthority", "AuthenticationHint", "RecordType",
            "AppleMetaNodeLocation"}
COMPUTED = ("RecordType", "AppleMetaNodeLocation")
#: (kind, attribute) whose first value no two records of the kind share.
UNIQUE = {(USERS, "UniqueID"), (GROUPS, "PrimaryGroupID"),
          (USERS, "GeneratedUID"), (GROUPS, "GeneratedUID")}


class Unknown:
    """A value that only the command knows, such as a random UUID.

    It is the same wherever the model copied it; `pattern` is what the real one must look like.
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = re.compile(pattern, re.DOTALL)

    def __repr__(self) -> str:
        return f"<{self.pattern.pattern}>"


Value = str | Unknown
Record = dict[str, list[Value]]
State = dict[str, list[Record]]

RANDOM_UUID = "[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}"


class Refused(Exception):
    """dscl ends with this status and changes nothing."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def attribute(key: str) -> str:
    """The name under which the model keeps what was typed as `key` (spec 2.5)."""
    bare = key.removeprefix("dsAttrTypeStandard:")
    if bare != key or bare in STANDARD:
        return bare
    bare = key.removeprefix(NATIVE)
    return ON_DISK.get(bare, NATIVE + bare)


def number(value: Value | None) -> int | None:
    """A uid or gid, -2 and 4294967294 being the same one; None for what is no number."""
    if not isinstance(value, str) or not re.fullmatch("-?[0-9]{1,10}", value):
        return None
    if not -(1 << 31) <= int(value) < 1 << 32:
        return None
    return int(value) % (1 << 32)


def first(record: Record, key: str) -> Value | None:
    """The first value of an attribute, None if there is none."""
    return record.get(key, [None])[0]


def upper(value: Value | None) -> object:
    """A UUID for comparison: letters of either case are the same."""
    return value.upper() if isinstance(value, str) else value


class Model:
    """The users and groups of a root, in the order in which they were made."""

    def __init__(self, state: State) -> None:
        self.state = state

    def find(self, kind: str, name: str) -> Record | None:
        """The record that has this name or alias, in any case (2.4)."""
        for record in self.state[kind]:
            if name.lower() in [str(known).lower() for known in record["RecordName"]]:
                return record
        return None

    def existing(self, kind: str, name: str) -> Record:
        """The record with this name; for all verbs but read a missing one is a wrong path."""
        record = self.find(kind, name)
        if record is None:
            raise Refused(NO_PATH)
        return record

    def read(self, kind: str, name: str) -> None:
        if self.find(kind, name) is None:
            raise Refused(NO_RECORD)

    def make(self, kind: str, name: str) -> Record | None:
        """A new record (6), which dscl and dseditgroup make alike; None for an over-long name."""
        if len(name.encode()) > LONGEST_NAME:
            return None
        record: Record = {"RecordName": [name], "GeneratedUID": [Unknown(RANDOM_UUID)]}
        if kind == USERS:
            record["Password"] = ["********"]
            record[NATIVE + "accountPolicyData"] = [Unknown(".*<key>creationTime</key>.*")]
            record[NATIVE + "record_daemon_version"] = [Unknown("[0-9]+")]
        self.state[kind].append(record)
        return record

    def create(self, kind: str, name: str, key: str | None = None,
               values: Sequence[str] = ()) -> None:
        known = self.find(kind, name)
        record = known or self.make(kind, name)
        if key is None or record is None:
            return
        wanted = [] if list(values) == [""] else list(values)
        try:
            self.put(kind, record, key, wanted)
        except Refused:
            if known is None:
                self.state[kind].remove(record)
            raise

    def append(self, kind: str, name: str, key: str, values: Sequence[str]) -> None:
        record = self.existing(kind, name)
        self.put(kind, record, key, [*record.get(attribute(key), []), *values])

    def merge(self, kind: str, name: str, key: str, values: Sequence[str]) -> None:
        record = self.existing(kind, name)
        merged = list(record.get(attribute(key), []))
        for value in values:
            # Apple's client library takes the empty value for one that is never there.
            if value == "" or value not in merged:
                merged.append(value)
        if merged != record.get(attribute(key), []):
            self.put(kind, record, key, merged)

    def change(self, kind: str, name: str, key: str, old: str, new: str) -> None:
        record = self.existing(kind, name)
        values = list(record.get(attribute(key), []))
        if old not in values:
            raise Refused(NO_VALUE)
        if old != new:
            values[values.index(old)] = new
            self.put(kind, record, key, values)

    def changei(self, kind: str, name: str, key: str, index: int, new: str) -> None:
        record = self.existing(kind, name)
        values = list(record.get(attribute(key), []))
        if index < 1:
            raise Refused(INDEX_ZERO)
        if index > len(values):
            raise Refused(INDEX_LARGE)
        values[index - 1] = new
        self.put(kind, record, key, values)

    def delete(self, kind: str, name: str, key: str | None = None,
               values: Sequence[str] = ()) -> None:
        record = self.existing(kind, name)
        if key is None:
            self.remove(kind, record)
            return
        kept = list(record.get(attribute(key), []))
        for value in values:
            if value not in kept:
                raise Refused(NO_VALUE)
            kept.remove(value)
        self.put(kind, record, key, kept if values else [])

    def put(self, kind: str, record: Record, key: str, values: list[Value]) -> None:
        """Make an attribute these values, if the rules allow it."""
        key = attribute(key)
        if key in COMPUTED:
            raise Refused(READ_ONLY)
        if key == "RecordName":
            self._check_names(kind, record, values)
        elif values and (kind, key) in UNIQUE:
            self._check_unique(kind, record, key, values[0])
        if values:
            record[key] = values
        else:
            record.pop(key, None)

    def remove(self, kind: str, record: Record) -> None:
        """Take a record out; what refers to it stays."""
        self.state[kind] = [other for other in self.state[kind] if other is not record]

    def _check_names(self, kind: str, record: Record, names: list[Value]) -> None:
        if not names or "" in names:
            raise Refused(BAD_NAME)
        for name in names:
            if self.find(kind, str(name)) not in (None, record):
                raise Refused(TAKEN)

    def _check_unique(self, kind: str, record: Record, key: str, value: Value) -> None:
        def same(other: Value | None) -> bool:
            if key == "GeneratedUID":
                return upper(other) == upper(value)
            return other == value or number(value) is not None and number(other) == number(value)

        if any(same(first(other, key)) for other in self.state[kind] if other is not record):
            raise Refused(TAKEN)
