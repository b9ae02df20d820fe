"""The records of the directory as an open transaction sees and changes them: those of a snapshot,
loaded when they are looked at, with what was changed since."""

from __future__ import annotations

from dirserv.names import RECORD_NAME
from dirserv.snapshot import INDEXED, has, normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.record import Record, Value
    from dirserv.snapshot import Snapshot


class RecordSet:
    """Every record is one object, however it is found."""

    def __init__(self, base: Snapshot) -> None:
        self._base = base
        #: id -> what was looked at or changed, None for what was deleted.
        self._known: dict[int, Record | None] = {}
        #: The types (None: all) of which every record is known.
        self._whole: set[str | None] = set()
        #: (type, attribute, normal value) -> ids of the records that were given the value.
        self._given: dict[tuple[str, str, str], list[int]] = {}

    def get(self, id: int) -> Record | None:
        """The record with an id."""
        if id not in self._known:
            self._known[id] = self._base.record(id)
        return self._known[id]

    def find(self, type: str, name: str) -> Record | None:
        """The record of ``type`` that has ``name`` among its RecordNames, in any case."""
        return next(iter(self.holders(type, RECORD_NAME, name)), None)

    def holders(self, type: str, attribute: str, value: Value) -> list[Record]:
        """The records of a type that have a value of an indexed attribute."""
        wanted = normal(attribute, value)
        ids = {*self._base.ids(type, attribute, wanted),
               *self._given.get((type, attribute, wanted), ())}
        records = map(self.get, sorted(ids))
        return [record for record in records
                if record and record.type == type and has(record, attribute, wanted)]

    def records(self, type: str | None = None) -> list[Record]:
        """The records of a type (or all) in the order of their creation."""
        if not self._whole.intersection((type, None)):
            for record in self._base.records(type):
                self._known.setdefault(record.id, record)
            self._whole.add(type)
        records = (self._known[id] for id in sorted(self._known))
        return [record for record in records if record and type in (None, record.type)]

    def add(self, record: Record) -> None:
        """Take in a record that the snapshot does not hold."""
        self._known[record.id] = record

    def note(self, record: Record, attribute: str) -> None:
        """Have the record found by the values that the attribute has now."""
        if attribute in INDEXED:
            for value in record.attributes.get(attribute, ()):
                key = (record.type, attribute, normal(attribute, value))
                self._given.setdefault(key, []).append(record.id)

    def remove(self, record: Record) -> None:
        """Forget a record."""
        self._known[record.id] = None
