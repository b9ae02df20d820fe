"""Taking back one record of an import while the others stay: a transaction has no parts."""

from __future__ import annotations

from dirserv.names import RECORD_NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.change import Change
    from dirserv.record import Attributes, Record


class Undo:
    """What the import of one record has done so far."""

    def __init__(self, change: Change) -> None:
        self._change = change
        self._made: list[Record] = []
        self._kept: list[tuple[Record, Attributes]] = []
        self._gone: list[tuple[str, Attributes]] = []

    def made(self, record: Record) -> None:
        """Note a record that was created."""
        self._made.append(record)

    def keep(self, record: Record) -> None:
        """Note a record that is about to be changed."""
        self._kept.append((record, self._whole(record)))

    def gone(self, record: Record) -> None:
        """Note a record that is about to be deleted."""
        self._gone.append((record.type, self._whole(record)))

    def __call__(self) -> None:
        """Make everything as it was (a deleted record comes back as the youngest)."""
        for record in self._made:
            self._change.delete(record)
        for record, attributes in self._kept:
            for attribute in {*self._whole(record), *attributes}:
                self._change.write(record, attribute, attributes.get(attribute, []))
        for type, attributes in self._gone:
            names = attributes.pop(RECORD_NAME)
            record = self._change.create(type, str(names[0]), attributes)
            self._change.write(record, RECORD_NAME, names)

    def _whole(self, record: Record) -> Attributes:
        attributes = {**record.attributes, **self._change.secrets(record)}
        return {name: list(values) for name, values in attributes.items()}
