"""The four ways to name a user or group (name, id, UUID, SID) and the way from each to each.

Ids without a record have UUIDs too, and SIDs: both are computed from the id and map back to it.

Sources: spec/dirserv.md 5.1 and 6 (computed UUIDs). SIDs are the SMBSID attribute, else computed
as Samba and Apple's membership service do it for accounts outside a Windows domain: the machine's
SID and 1000 + 2 x uid for a user, 1001 + 2 x gid for a group. Ours is the machine SID that macOS
uses until it has one of its own.
"""

from __future__ import annotations

from dirserv.names import GENERATED_UID, GROUPS, PRIMARY_GROUP_ID, STANDARD, UNIQUE_ID, USERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.directory import Directory
    from dirserv.record import Record

#: Record type -> the attribute that holds the id.
IDS = {USERS: UNIQUE_ID, GROUPS: PRIMARY_GROUP_ID}
#: Record type -> what stands before the eight hexadecimal digits of the id.
_UUIDS = {
    USERS: "FFFFEEEE-DDDD-CCCC-BBBB-AAAA",
    GROUPS: "ABCDEFAB-CDEF-ABCD-EFAB-CDEF",
}
_SID = STANDARD + "SMBSID"
MACHINE_SID = "S-1-5-21-987654321-987654321-987654321"
_RIDS = {USERS: 1000, GROUPS: 1001}
_NO_UUID = "00000000-0000-0000-0000-000000000000"


def by_id(directory: Directory, type: str, id: int) -> Record | None:
    """The first user or group that has an id (signed)."""
    for record in directory.holders(type, IDS[type], str(id)):
        if record.number(IDS[type]) == id:
            return record
    return None


def by_uuid(directory: Directory, uuid: str) -> Record | None:
    """The user or group with a UUID, be it its own or the one computed from its id."""
    for type in IDS:
        for record in directory.holders(type, GENERATED_UID, uuid):
            if record.first(GENERATED_UID).upper() == uuid:
                return record
    computed = _computed(uuid)
    return computed and by_id(directory, *computed)


def uuid_of_id(directory: Directory, type: str, id: int) -> str:
    """The UUID of a user or group id; there always is one."""
    record = by_id(directory, type, id)
    stored = record.first(GENERATED_UID) if record else ""
    return stored.upper() or f"{_UUIDS[type]}{id % (1 << 32):08X}"


def uuid_of(record: Record) -> str:
    """The UUID of a user or group, "" if it has none and no id to compute one from."""
    stored, id = record.first(GENERATED_UID), record.number(IDS[record.type])
    if stored or id is None:
        return stored.upper()
    return f"{_UUIDS[record.type]}{id % (1 << 32):08X}"


def id_of_uuid(directory: Directory, uuid: str) -> tuple[str, int] | None:
    """(record type, id) for a UUID; None if it belongs to nobody and is no computed one."""
    record = by_uuid(directory, uuid)
    if record is None:
        return _computed(uuid)
    id = record.number(IDS[record.type])
    return None if id is None else (record.type, id)


def sid_of_uuid(directory: Directory, uuid: str) -> str | None:
    """The SID for a UUID; None if there is no id to compute it from."""
    record = by_uuid(directory, uuid)
    if record is not None and record.first(_SID):
        return record.first(_SID)
    known = id_of_uuid(directory, uuid)
    if known is None:
        return None
    type, id = known
    return f"{MACHINE_SID}-{(id * 2 + _RIDS[type]) % (1 << 32)}"


def uuid_of_sid(directory: Directory, sid: str) -> str | None:
    """The UUID for a SID; None if it is of no record and not of this machine."""
    for type in IDS:
        for record in directory.records(type):
            if record.first(_SID).upper() == sid:
                return uuid_of(record) or None
    machine, _, rid = sid.rpartition("-")
    if machine != MACHINE_SID:
        return None
    type = GROUPS if int(rid) % 2 else USERS
    # Below 1000 are the ids -1 and -2, which wrapped around when they were doubled.
    return uuid_of_id(directory, type, (int(rid) - _RIDS[type]) // 2)


def _computed(uuid: str) -> tuple[str, int] | None:
    for type, prefix in _UUIDS.items():
        if uuid.startswith(prefix):
            id = int(uuid[len(prefix):], 16)
            return type, id - (1 << 32) if id >= 1 << 31 else id
    return None


def parse_uuid(text: str) -> str | None:
    """A UUID in upper case, None for other text."""
    form = "".join("x" if char in "0123456789abcdefABCDEF" else char for char in text)
    if form != "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx":
        return None
    return text.upper()


def is_null(uuid: str) -> bool:
    """Whether a UUID is the one of nobody."""
    return uuid == _NO_UUID


def parse_sid(text: str) -> str | None:
    """A SID in upper case, None for other text: S-1-AUTHORITY and up to 15 numbers."""
    parts = text.upper().split("-")
    numbers = parts[1:]
    if parts[0] != "S" or not 2 <= len(numbers) <= 17 or numbers[0] != "1":
        return None
    if not all(number.isascii() and number.isdigit() and len(number) <= 10 for number in numbers):
        return None
    return "-".join(parts)
