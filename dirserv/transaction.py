"""One locked change of the directory: the database, and in the same breath its projection.

Order of a change, so that it is whole or absent after a kill at any instant and a full disk
stops it before anything is in place:

1. every new file is written beside its target, the snapshot last: its presence says "in progress";
2. COMMIT;
3. the files are renamed into place, then the snapshot.

Whoever finds the mark, another generation in the database than in the snapshot, or a file that is
not the one the snapshot knows, takes the lock, takes over outside edits and projects anew.
"""

from __future__ import annotations

from dirserv import snapshot as snapshots
from dirserv import state
from dirserv.defaults import new_attributes
from dirserv.errors import OPERATION_FAILED, DSError
from dirserv.files import Staging
from dirserv.lock import Lock
from dirserv.names import RECORD_NAME, SECRETS
from dirserv.paths import Root
from dirserv.projection import dslocal, flat
from dirserv.projection.project import Projection
from dirserv.record import Record
from dirserv.recordset import RecordSet
from dirserv.store import Store
from dirserv.system import exists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from dirserv.files import Signature
    from dirserv.record import Attributes, Value


class Transaction:
    """The directory under its lock. Use as a context manager; leaving it without an exception
    commits and projects, with one it leaves no trace.

    Raises DSError: eDSPermissionError if the process may not write, eDSOperationFailed if the
    disk is full or the password file is being edited.
    """

    def __init__(self, root: Root) -> None:
        self._root = root
        #: id -> the record as the projected files still show it, None if they do not show it.
        self._touched: dict[int, Record | None] = {}
        #: (type, name) of what this transaction has changed: its files are no longer a measure.
        self._own: set[tuple[str, str]] = set()

    # -- life ----------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        try:
            self._owner = state.prepare(self._root)
            self._lock = Lock(self._root.lock)
            self._lock.__enter__()
            try:
                self._open()
            except BaseException:
                self._lock.__exit__()
                raise
        except OSError as error:
            raise DSError(OPERATION_FAILED, f"nothing was changed: {error}") from error
        return self

    def _open(self) -> None:
        state.wait_for_editor(self._root)
        if not exists(self._root.database):
            from dirserv.initialise import initialise

            initialise(self._root, self._owner)
        self._store = Store(self._root.database)
        self._store.upgrade()
        self._base = snapshots.load(self._root.snapshot)
        generation = self._store.generation
        #: Whether nothing but the built-in records was ever written: every existing line wins.
        self.fresh = self._base is None and generation == 1
        in_step = (self._base is not None and self._base.generation == generation
                   and state.in_step(self._root, self._base))
        self._records = RecordSet(self._base if self._base and in_step else snapshots.of(
            snapshots.encode(generation, {}, self._store.records())))
        self._store.begin()
        self._repaired = False
        if not in_step:
            self.take_over()

    def take_over(self) -> None:
        """Merge every outside edit into the directory and have all files compared with it."""
        if not self._repaired:
            from dirserv.projection.repair import take_over

            self._repaired = True
            self._store.cause = "edit"
            take_over(self, self._root, self._base)
            self._store.cause = "command"

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None and (self._touched or self._repaired):
                self._finish()
        finally:
            self._store.rollback()
            self._store.close()
            self._lock.__exit__()

    # -- reading -------------------------------------------------------------------------------

    def find(self, type: str, name: str) -> Record | None:
        """The record of ``type`` that has ``name`` among its RecordNames, in any case."""
        record = self._records.find(type, name)
        if (type, name.lower()) not in self._own and state.edited(self._root, type, name, record):
            self.take_over()
            record = self._records.find(type, name)
        return record

    def records(self, type: str | None = None) -> list[Record]:
        """The records of a type (or all) in the order of their creation."""
        return self._records.records(type)

    def holders(self, type: str, attribute: str, value: Value) -> list[Record]:
        """The records of a type that have a value of an indexed attribute (``snapshot``)."""
        return self._records.holders(type, attribute, value)

    def secrets(self, record: Record) -> Attributes:
        """The secret attributes of a record."""
        return self._store.secrets(record.id) if record.secret else {}

    def master(self, record: Record) -> str:
        """The secret master.passwd fields of a record."""
        return flat.master_fields(self.secrets(record))

    # -- changing: no rules here, see ``change.Change`` ----------------------------------------

    def create(self, type: str, name: str, attributes: Attributes | None = None) -> Record:
        """Add a record, with the attributes that a new one of its type has unless given."""
        record = Record(self._store.insert(type), type, {})
        self._records.add(record)
        self._touched[record.id] = None
        self.write(record, RECORD_NAME, [name])
        if attributes is None:
            attributes = new_attributes(type)
        for attribute, values in attributes.items():
            self.write(record, attribute, values)
        return record

    def write(self, record: Record, attribute: str, values: Sequence[Value]) -> None:
        """Replace the whole value list of a stored attribute; an empty list removes it."""
        self.touch(record, record)
        self._store.write(record.id, attribute, values)
        if attribute in SECRETS:
            others = tuple(name for name in record.secret if name != attribute)
            record.secret = (*others, attribute) if values else others
            return
        if values:
            record.attributes[attribute] = list(values)
        else:
            record.attributes.pop(attribute, None)
        self._records.note(record, attribute)
        if attribute == RECORD_NAME:
            self._own.update((record.type, name.lower()) for name in record.names)

    def delete(self, record: Record) -> None:
        """Remove a record."""
        self.touch(record, record)
        self._store.delete(record.id)
        self._records.remove(record)

    def touch(self, record: Record, shown: Record | None) -> None:
        """Have the record projected anew; ``shown`` is what the files still show of it."""
        if record.id not in self._touched:
            self._touched[record.id] = shown and shown.copy()
            self._own.update((record.type, name.lower()) for name in record.names)

    def mark(self, gone: Record) -> None:
        """Have the files forget a record that the database no longer holds under this name."""
        self._touched.setdefault(gone.id, gone)

    # -- projection ----------------------------------------------------------------------------

    def _finish(self) -> None:
        staging, mark = Staging(self._owner), Staging(self._owner)
        try:
            pairs = [(before, self._records.get(id)) for id, before in self._touched.items()]
            projection = Projection(self._root, self, pairs, self._repaired)
            projection.stage(staging, dict(self._base.files) if self._base else {})
            mark.add(self._root.snapshot, self._published(projection.signatures), 0o644)
            staging.sync()
            mark.sync()
            self._store.commit()
        except BaseException as error:
            staging.discard()
            mark.discard()
            if isinstance(error, OSError):
                raise DSError(OPERATION_FAILED, f"nothing was changed: {error}") from error
            raise
        self._publish(staging, mark)

    def _published(self, files: dict[str, Signature | None]) -> bytes:
        """The snapshot that this transaction publishes."""
        generation = self._store.generation + 1
        if self._base is None or self._repaired:
            return snapshots.encode(generation, files, self._records.records())
        return self._base.changed(
            generation, files, {id: self._records.get(id) for id in self._touched})

    def _publish(self, staging: Staging, mark: Staging) -> None:
        try:
            staging.publish()
            # From here on a power failure costs nothing but a repair: the next command finds the
            # mark, or times that are not those of the directories.
            snapshots.stamp(self._root.snapshot, dslocal.times(self._root.dslocal))
            mark.publish(durable=False)
        except OSError as error:
            raise DSError(
                OPERATION_FAILED,
                f"changed, but {error}; the next command brings all files in step",
            ) from error
