"""The directory of one root, as commands see it: find, list, change."""

from __future__ import annotations

from dirserv import identity
from dirserv.errors import NoDirectory
from dirserv.paths import Root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.change import Change
    from dirserv.record import Attributes, Record, Value
    from dirserv.snapshot import Snapshot


class Directory:
    """Reads come from the published snapshot; who may write first makes sure it is in step.

    Raises NoDirectory when there is no snapshot and this process may not make one.
    """

    def __init__(self, root: Root) -> None:
        self.root = root
        self.forget()

    def forget(self) -> None:
        """Look at the disk again with the next read: a session outlives other people's changes."""
        self._loaded: Snapshot | None = None
        self._trusted = not identity.may_write(self.root)

    @property
    def euid(self) -> int:
        """The user id that the command acts as (see ``identity.effective_uid``)."""
        return identity.effective_uid(self.root)

    def find(self, type: str, name: str) -> Record | None:
        """The record of ``type`` that has ``name`` among its RecordNames, in any case."""
        record = self._snapshot().find(type, name)
        if self._edited(type, name, record):
            self._refresh()
            record = self._snapshot().find(type, name)
        return record

    def records(self, type: str) -> list[Record]:
        """The records of a type in the order of their creation."""
        from dirserv.projection.dslocal import DIRECTORIES

        records = self._snapshot().records(type)
        if not self._trusted and type in DIRECTORIES:
            edited = any(self._edited(type, record.name, record) for record in records)
            self._trusted = True
            if edited:
                self._refresh()
                records = self._snapshot().records(type)
        return records

    def holders(self, type: str, attribute: str, value: Value) -> list[Record]:
        """The records of a type that have a value of an indexed attribute (``snapshot``).

        Who may write looks for edits of the files of these records only: one that gave another
        record the value is noticed when that record is listed or asked for by name.
        """
        found = self._snapshot().holders(type, attribute, value)
        if any(self._edited(type, record.name, record) for record in found):
            self._refresh()
            found = self._snapshot().holders(type, attribute, value)
        return found

    def secrets(self, record: Record) -> Attributes:
        """The secret attributes of a record, none for who may not see them."""
        if not record.secret or not identity.may_write(self.root):
            return {}
        from dirserv.lock import Lock
        from dirserv.store import Store

        with Lock(self.root.lock):
            store = Store(self.root.database)
            try:
                return store.secrets(record.id)
            finally:
                store.close()

    def change(self) -> Change:
        """A locked change of the directory, a context manager."""
        from dirserv.change import Change

        self._loaded = None
        return Change(self.root)

    # What is imported below is needed by who reads records; launchctl does not.

    def _edited(self, type: str, name: str, record: Record | None) -> bool:
        from dirserv.state import edited

        return not self._trusted and edited(self.root, type, name, record)

    def _snapshot(self) -> Snapshot:
        from dirserv.snapshot import load

        if self._loaded is None:
            self._loaded = load(self.root.snapshot)
            if not self._trusted:
                self._bring_in_step()
        if self._loaded is None:
            raise NoDirectory(
                "there is no user database here yet; run any command once as its owner"
            )
        return self._loaded

    def _bring_in_step(self) -> None:
        """Repair what is not in step. While somebody edits the password file a reader does not
        wait for that, as long as it has something to read."""
        from dirserv.state import being_edited, in_step

        if self._loaded is None or not (
            in_step(self.root, self._loaded) or being_edited(self.root)
        ):
            self._refresh()

    def _refresh(self) -> None:
        """Bring database and files in step."""
        with self.change() as change:
            change.take_over()
        from dirserv.snapshot import load

        self._loaded = load(self.root.snapshot)
