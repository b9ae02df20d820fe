"""The records of an open transaction: one object each, found by what they are now."""

from __future__ import annotations

from dirserv import snapshot
from dirserv.names import GROUPS, RECORD_NAME, UNIQUE_ID, USERS
from dirserv.record import Record
from dirserv.recordset import RecordSet


def some() -> RecordSet:
    records = [Record(id, USERS, {RECORD_NAME: [name], UNIQUE_ID: [str(500 + id)]})
               for id, name in ((1, "ann"), (2, "bob"))]
    records.append(Record(3, GROUPS, {RECORD_NAME: ["ann"]}))
    return RecordSet(snapshot.of(snapshot.encode(1, {}, records)))


def names(found: list[Record]) -> list[str]:
    return [record.name for record in found]


def test_a_record_is_one_object_however_it_is_found() -> None:
    records = some()
    ann = records.find(USERS, "ANN")
    assert ann is not None
    assert ann is records.get(1) is records.records(USERS)[0] is records.records()[0]
    assert ann is records.holders(USERS, UNIQUE_ID, "501")[0]


def test_what_was_changed_is_found_by_its_new_values_only() -> None:
    records = some()
    ann = records.find(USERS, "ann")
    assert ann is not None
    ann.attributes = {RECORD_NAME: ["eve"], UNIQUE_ID: ["777"]}
    for attribute in (RECORD_NAME, UNIQUE_ID):
        records.note(ann, attribute)
    assert records.find(USERS, "ann") is None and records.find(USERS, "eve") is ann
    assert records.holders(USERS, UNIQUE_ID, "501") == []
    assert records.holders(USERS, UNIQUE_ID, "0777") == [ann]
    assert names(records.records(GROUPS)) == ["ann"]


def test_what_was_removed_and_made_is_gone_and_there() -> None:
    records = some()
    bob = records.find(USERS, "bob")
    assert bob is not None
    records.remove(bob)
    carl = Record(9, USERS, {RECORD_NAME: ["carl"]})
    records.add(carl)
    records.note(carl, RECORD_NAME)
    assert records.find(USERS, "bob") is None and records.get(2) is None
    assert names(records.records(USERS)) == ["ann", "carl"]
    assert names(records.records()) == ["ann", "ann", "carl"]
