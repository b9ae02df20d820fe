"""Taking records into a directory, all of them or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dirserv.admin.transfer import Item, Nonsense
from dirserv.change import Change
from dirserv.names import (
    GENERATED_UID,
    GROUPS,
    PRIMARY_GROUP_ID,
    RECORD_NAME,
    UNIQUE_ID,
    USERS,
)
from dirserv.projection import flat
from dirserv.projection.adopt import adopt_flat
from dirserv.record import Record, signed_id, text

if TYPE_CHECKING:
    from dirserv.record import Attributes

MERGE, REPLACE = "merge", "replace"
#: What no two records of these types may share.
_UNIQUE = ((UNIQUE_ID, (USERS,)), (PRIMARY_GROUP_ID, (GROUPS,)), (GENERATED_UID, (USERS, GROUPS)))


def take(
    change: Change, items: list[Item], policy: str, step: Callable[[str], None] = lambda name: None
) -> dict[str, int]:
    """Apply the records of an export; returns how many were created, changed and deleted.

    ``merge`` gives each record the values of the attributes that the file names, and leaves all
    else. ``replace`` makes each record just that, and takes away the other records of the types
    in the file. Secrets that the file lacks stay in both.
    Raises Nonsense, naming the line, if names or ids would belong to two records.
    """
    before, lines = _contents(change), dict[int, int]()
    for item in items:
        step(item.name)
        record = change.find(item.type, item.name)
        if record is not None and record.id in lines:
            raise Nonsense(item.line, f"{item.name} stands on line {lines[record.id]} already")
        if record is None:
            record = change.create(item.type, item.name, {} if policy == REPLACE else None)
        _write(change, record, item, drop=policy == REPLACE)
        lines[record.id] = item.line
    if policy == REPLACE:
        types = {item.type for item in items}
        for record in change.records():
            if record.type in types and record.id not in lines:
                change.delete(record)
    _check(change, lines)
    return _counted(before, _contents(change))


def take_flat(
    change: Change, file: str, found: dict[str, tuple[int, flat.Entry]], policy: str
) -> dict[str, int]:
    """Apply the lines of a passwd or group file, as if somebody had edited ours into it; with
    ``merge`` no line of ours goes. Returns and raises as ``take`` does."""
    before, type = _contents(change), flat.TYPES[file]
    ours = flat.entries(file, change.records(), change.master)
    theirs = {name: entry for name, (_, entry) in found.items()}
    adopt_flat(change, file, ours, theirs if policy == REPLACE else {**ours, **theirs})
    records = {name: change.find(type, name) for name in found}
    _check(change, {record.id: found[name][0] for name, record in records.items() if record})
    return _counted(before, _contents(change))


def _contents(change: Change) -> dict[int, Attributes]:
    return {record.id: {**record.attributes, **change.secrets(record)}
            for record in change.records()}


def _counted(before: dict[int, Attributes], now: dict[int, Attributes]) -> dict[str, int]:
    return {"created": len(now.keys() - before.keys()), "deleted": len(before.keys() - now.keys()),
            "changed": sum(now[id] != before[id] for id in now.keys() & before.keys())}


def _write(change: Change, record: Record, item: Item, drop: bool) -> None:
    for attribute, values in item.attributes.items():
        if change.current(record, attribute) != values:
            change.write(record, attribute, values)
    for attribute in set(record.attributes) - set(item.attributes) if drop else ():
        change.write(record, attribute, [])


def _check(change: Change, lines: dict[int, int]) -> None:
    """Raise Nonsense for the first line whose record shares what must be its own."""
    held: dict[tuple[str, ...], Record] = {}
    for record in sorted(change.records(), key=lambda record: lines.get(record.id, 0)):
        for key, said in _own(record):
            other = held.setdefault(key, record)
            if other is not record:
                raise Nonsense(lines.get(record.id) or lines.get(other.id, 0),
                               f"{said} of {record.name} belongs to {other.name}")


def _own(record: Record) -> list[tuple[tuple[str, ...], str]]:
    found: list[tuple[tuple[str, ...], str]] = [
        ((RECORD_NAME, record.type, name.lower()), f"the name {name}")
        for name in {name.lower(): name for name in record.names}.values()]
    for attribute, types in _UNIQUE:
        if record.type in types and attribute in record.attributes:
            value = text(record.attributes[attribute][0])
            number = signed_id(value) if attribute != GENERATED_UID else None
            shown = value.upper() if number is None else str(number)
            kind = "" if attribute == GENERATED_UID else record.type
            found.append(((attribute, kind, shown), f"{attribute.partition(':')[2]} {value}"))
    return found


