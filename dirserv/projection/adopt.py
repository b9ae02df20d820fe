"""Taking over what somebody else did to the projected files since we last wrote them.

The base is always the snapshot: a difference between a file and what the snapshot would render
is an outside edit, also when a writer died between its commit and its projection (then the
database is ahead of both, and only the edits are merged into it).
"""

from __future__ import annotations

from dirserv.membership import follow_names
from dirserv.names import (
    HOME,
    MASTER_PASSWORD,
    MEMBERSHIP,
    PRIMARY_GROUP_ID,
    REAL_NAME,
    RECORD_NAME,
    SECRETS,
    SHELL,
    UNIQUE_ID,
)
from dirserv.projection import flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.projection.flat import Entry
    from dirserv.record import Attributes, Record
    from dirserv.transaction import Transaction

_ATTRIBUTES = {
    "passwd": (UNIQUE_ID, PRIMARY_GROUP_ID, REAL_NAME, HOME, SHELL),
    "master.passwd": (UNIQUE_ID, PRIMARY_GROUP_ID, REAL_NAME, HOME, SHELL, MASTER_PASSWORD),
    "group": (PRIMARY_GROUP_ID, MEMBERSHIP),
}


def adopt_flat(
    change: Transaction, file: str, base: dict[str, Entry], theirs: dict[str, Entry]
) -> None:
    """Merge the edits that turned ``base`` into ``theirs`` into the directory.

    A file without a single entry is damage, not an edit, and is left to be projected anew.
    """
    if not theirs:
        return
    type = flat.TYPES[file]
    gone = {fields[0]: name for name, fields in base.items() if name not in theirs}
    for name, fields in theirs.items():
        known = base.get(name)
        if known == fields:
            continue
        record = change.find(type, name)
        if record is None and known is None and fields[0] in gone:
            record, known = _renamed(change, type, gone.pop(fields[0]), name, base)
        if record is None:
            record = change.create(type, name)
        _set_fields(change, file, record, known, fields)
    for name in gone.values():
        record = change.find(type, name)
        if record is not None:
            change.delete(record)


def _renamed(
    change: Transaction, type: str, old: str, new: str, base: dict[str, Entry]
) -> tuple[Record | None, Entry]:
    """A line that kept its id and changed its name renames the record."""
    record = change.find(type, old)
    if record is not None:
        names = [new if name == old else name for name in record.names]
        change.write(record, RECORD_NAME, names)
    return record, base[old]


def _set_fields(
    change: Transaction, file: str, record: Record, known: Entry | None, fields: Entry
) -> None:
    ours = flat.entry(file, record, change.master)
    for at, attribute in enumerate(_ATTRIBUTES[file]):
        value = fields[at]
        # A writer that died may have projected what the base does not have yet.
        if value in [entry[at] for entry in (known, ours) if entry is not None]:
            continue
        if attribute == MASTER_PASSWORD and known is None and value == flat.NO_PASSWORD:
            continue
        if attribute == MEMBERSHIP:
            before = record.values(MEMBERSHIP)
            change.write(record, MEMBERSHIP, list(value))
            follow_names(change, record, before)
        elif record.first(attribute) != str(value):
            others = record.attributes.get(attribute, [])[1:]  # root has a second home
            change.write(record, attribute, [str(value), *others] if value != "" else [])


def adopt_record(
    change: Transaction, record: Record, base: Attributes, theirs: Attributes
) -> None:
    """Merge the edits that turned ``base`` into ``theirs`` (a dslocal file) into a record.

    The snapshot has no secrets to compare with: those are compared with the database.
    """
    secrets = change.secrets(record)
    for attribute in sorted({*base, *theirs, *secrets}):
        known = secrets.get(attribute) if attribute in SECRETS else base.get(attribute)
        values = theirs.get(attribute)
        if values != known:
            change.write(record, attribute, values or [])
