"""A dslocal node directory opened by its path (``dscl -f``): the plists are the records.

The path usually lies on another volume's system, so there is no database behind it and nothing
else to project. Secrets are ordinary attributes here: who can read the files sees them.
"""

from __future__ import annotations

import os

from dirserv.attribute_names import LOCAL_RECORD_TYPES
from dirserv.change import Change
from dirserv.directory import Directory
from dirserv.errors import OPERATION_FAILED, PERMISSION, UNKNOWN_NODE_NAME, DSError
from dirserv.files import Staging
from dirserv.lock import Lock
from dirserv.names import RECORD_NAME, STANDARD_TYPE
from dirserv.projection import dslocal
from dirserv.record import Record
from dirserv.snapshot import has, normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from dirserv.record import Attributes, Value


def open_target(directory: Directory, path: str) -> Directory | Target:
    """The node at ``path``, which is the directory itself if it is this root's own node.

    Raises DSError eDSUnknownNodeName if there is no node directory.
    """
    host = directory.root.host(path)
    if os.path.realpath(host) == os.path.realpath(directory.root.dslocal):
        return directory
    if not os.path.isdir(host):
        raise DSError(UNKNOWN_NODE_NAME)
    return Target(host)


class Target:
    """The records below one node directory."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._types: dict[str, list[Record]] = {}

    def records(self, type: str) -> list[Record]:
        """The records of a type in the order of their file names."""
        if type not in self._types:
            self._types[type] = list(self._load(type))
        return self._types[type]

    def _load(self, type: str) -> list[Record]:
        directory = self.directory(type)
        names = sorted(os.listdir(directory)) if os.path.isdir(directory) else []
        loaded = (dslocal.load(f"{directory}/{name}") for name in names
                  if name.endswith(".plist"))
        return [Record(number, type, found) for number, found in enumerate(loaded) if found]

    def directory(self, type: str) -> str:
        """The directory of a record type."""
        bare = type.partition(":")[2]
        known = LOCAL_RECORD_TYPES.get(bare, bare) if type.startswith(STANDARD_TYPE) else bare
        return f"{self.path}/{known}"

    def find(self, type: str, name: str) -> Record | None:
        """The record of ``type`` that has ``name`` among its RecordNames, in any case."""
        wanted = name.lower()
        return next((record for record in self.records(type)
                     if wanted in [known.lower() for known in record.names]), None)

    def holders(self, type: str, attribute: str, value: Value) -> list[Record]:
        """The records of a type that have a value of an attribute."""
        wanted = normal(attribute, value)
        return [record for record in self.records(type) if has(record, attribute, wanted)]

    def forget(self) -> None:
        """Read the files again with the next look."""
        self._types.clear()

    def secrets(self, record: Record) -> Attributes:
        """Nothing apart: all attributes are in ``record.attributes``."""
        return {}

    def change(self) -> TargetChange:
        """A locked change of the node, a context manager."""
        return TargetChange(self)


class TargetChange(Change):
    """The rules of a change over plist files instead of a database."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._before: dict[tuple[str, int], tuple[Record, str | None]] = {}

    def __enter__(self) -> Self:
        if not os.access(self._target.path, os.W_OK | os.X_OK):
            raise DSError(PERMISSION)
        self._lock = Lock(self._target.path + "/.lock")
        self._lock.__enter__()
        self._target.forget()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._save()
        finally:
            self._lock.__exit__()

    def find(self, type: str, name: str) -> Record | None:
        return self._target.find(type, name)

    def records(self, type: str | None = None) -> list[Record]:
        return [] if type is None else self._target.records(type)

    def holders(self, type: str, attribute: str, value: Value) -> list[Record]:
        return self._target.holders(type, attribute, value)

    def secrets(self, record: Record) -> Attributes:
        return record.attributes

    def create(self, type: str, name: str, attributes: Attributes | None = None) -> Record:
        from dirserv.defaults import new_attributes

        number = -1 - len(self._before)
        content = new_attributes(type) if attributes is None else attributes
        record = Record(number, type, {RECORD_NAME: [name], **content})
        self._before[type, number] = (record, None)
        self._target.records(type).append(record)
        return record

    def write(self, record: Record, attribute: str, values: Sequence[Value]) -> None:
        self._note(record)
        if values:
            record.attributes[attribute] = list(values)
        else:
            record.attributes.pop(attribute, None)

    def delete(self, record: Record) -> None:
        self._note(record)
        self._target.records(record.type).remove(record)

    def _note(self, record: Record) -> None:
        self._before.setdefault((record.type, record.id), (record, self._file(record)))

    def _file(self, record: Record) -> str:
        return f"{self._target.directory(record.type)}/{dslocal.file_name(record.name)}"

    def _save(self) -> None:
        staging = Staging(None)
        try:
            for record, old in self._before.values():
                kept = record in self._target.records(record.type)
                new = self._file(record) if kept else None
                if old is not None and old != new:
                    staging.remove(old)
                if new is not None:
                    os.makedirs(os.path.dirname(new), mode=0o700, exist_ok=True)
                    staging.add(new, dslocal.render(record.attributes), dslocal.MODE)
        except OSError as error:
            staging.discard()
            raise DSError(OPERATION_FAILED, f"nothing was changed: {error}") from error
        staging.publish()
