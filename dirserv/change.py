"""Changes by the rules that opendirectoryd keeps: ids and names are unique, some attributes are
computed, a record always has a name (spec/dirserv.md 2.10)."""

from __future__ import annotations

from dirserv.errors import (
    ATTRIBUTE_NOT_FOUND,
    INDEX_OUT_OF_RANGE,
    INVALID_INDEX,
    INVALID_RECORD_NAME,
    READ_ONLY,
    RECORD_EXISTS,
    DSError,
)
from dirserv.names import (
    GENERATED_UID,
    GROUPS,
    META_NODE,
    PRIMARY_GROUP_ID,
    RECORD_NAME,
    RECORD_TYPE,
    SECRETS,
    UNIQUE_ID,
    USERS,
)
from dirserv.projection.dslocal import fits
from dirserv.snapshot import normal
from dirserv.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dirserv.record import Record, Value

_UNIQUE = {UNIQUE_ID: (USERS,), PRIMARY_GROUP_ID: (GROUPS,), GENERATED_UID: (USERS, GROUPS)}


class Change(Transaction):
    """A transaction whose methods keep the directory's rules.

    Every method raises DSError with the status that the real service returns.
    """

    def new(self, type: str, name: str) -> Record | None:
        """Create a record; None where the service silently does not (an over-long name).

        Raises eDSRecordAlreadyExists for a taken name, eDSInvalidRecordName for none.
        """
        if self.find(type, name) is not None:
            raise DSError(RECORD_EXISTS)
        if not name or "\0" in name:
            raise DSError(INVALID_RECORD_NAME)
        if not fits(name):
            return None
        return self.create(type, name)

    def set(self, record: Record, attribute: str, values: Sequence[Value]) -> None:
        """Replace the whole value list; nothing, or one empty value, removes the attribute."""
        values = [] if list(values) == [""] else list(values)
        self._check(record, attribute, values)
        if values != self.current(record, attribute):
            self.write(record, attribute, values)

    def current(self, record: Record, attribute: str) -> list[Value]:
        """The values that an attribute has now, secret or not."""
        if attribute in SECRETS:
            return self.secrets(record).get(attribute, [])
        return record.attributes.get(attribute, [])

    def append(self, record: Record, attribute: str, values: Sequence[Value]) -> None:
        """Add values at the end, also such as are there already."""
        wanted = [*self.current(record, attribute), *values]
        self._check(record, attribute, wanted)
        self.write(record, attribute, wanted)

    def merge(self, record: Record, attribute: str, values: Sequence[Value]) -> None:
        """Add the values that are not there yet."""
        known = self.current(record, attribute)
        new: list[Value] = []
        for value in values:
            if value == "" or value not in (*known, *new):
                new.append(value)
        if new:
            self.append(record, attribute, new)

    def replace(self, record: Record, attribute: str, old: Value, new: Value) -> None:
        """Replace the first value equal to ``old`` in its place."""
        values = list(self.current(record, attribute))
        if old not in values:
            raise DSError(ATTRIBUTE_NOT_FOUND)
        if old != new:
            values[values.index(old)] = new
            self._check(record, attribute, values)
            self.write(record, attribute, values)

    def replace_at(self, record: Record, attribute: str, index: int, new: Value) -> None:
        """Replace the value at a 1-based index."""
        values = list(self.current(record, attribute))
        if index < 1:
            raise DSError(INVALID_INDEX)
        if index > len(values):
            raise DSError(INDEX_OUT_OF_RANGE)
        values[index - 1] = new
        self._check(record, attribute, values)
        self.write(record, attribute, values)

    def remove_values(self, record: Record, attribute: str, values: Sequence[Value]) -> None:
        """Remove one occurrence of each value; all must be there."""
        kept = list(self.current(record, attribute))
        for value in values:
            if value not in kept:
                raise DSError(ATTRIBUTE_NOT_FOUND)
            kept.remove(value)
        self._check(record, attribute, kept)
        self.write(record, attribute, kept)

    def _check(self, record: Record, attribute: str, values: list[Value]) -> None:
        if attribute in (META_NODE, RECORD_TYPE):
            raise DSError(READ_ONLY)
        if attribute == RECORD_NAME:
            self._check_names(record, values)
        elif record.type in _UNIQUE.get(attribute, ()) and values:
            self._check_unique(record, attribute, values[0])

    def _check_names(self, record: Record, values: list[Value]) -> None:
        if not values or any(
            not fits(name) for name in values
        ):
            raise DSError(INVALID_RECORD_NAME)
        for name in values:
            holder = self.find(record.type, str(name))
            if holder is not None and holder is not record:
                raise DSError(RECORD_EXISTS)

    def _check_unique(self, record: Record, attribute: str, value: Value) -> None:
        wanted = normal(attribute, value)
        for other in self.holders(record.type, attribute, value):
            if other is not record and normal(attribute, other.first(attribute)) == wanted:
                raise DSError(RECORD_EXISTS)
