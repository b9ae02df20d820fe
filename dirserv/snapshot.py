"""The published snapshot: what everybody may read, in a form that needs no SQLite.

One file, replaced by rename after every transaction, so a reader sees one whole generation and
needs neither lock nor privilege. It saves a reader the import of sqlite3 (4.5 of 12 ms), and it
is the base against which outside edits of the projected files are found.

Layout: MAGIC, the modification times of the two dslocal directories (8 bytes each, patched in
after the last rename), the length of the head, the head, then one blob per record. Head and
blobs are in marshal's version 2 format, which every Python 3 reads and writes alike.
"""

from __future__ import annotations

import marshal
import os

from dirserv.files import read, staging_name
from dirserv.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dirserv.files import Signature

MAGIC = b"DIRSERV1"
_HEAD = len(MAGIC) + 16 + 4


class Snapshot:
    """A loaded snapshot. ``files`` maps 'passwd', 'master.passwd', 'group' and 'database' to the
    signatures they had; ``directories`` holds the mtimes of dslocal's users and groups."""

    def __init__(self, data: bytes) -> None:
        times = data[len(MAGIC):len(MAGIC) + 16]
        self.directories = (_number(times[:8]), _number(times[8:]))
        end = _HEAD + _number(data[_HEAD - 4:_HEAD])
        self.generation, self.files, self._index, self._ends = marshal.loads(data[_HEAD:end])
        self._data = data
        self._start = end

    def find(self, type: str, name: str) -> Record | None:
        """The record of ``type`` that has ``name`` among its RecordNames, in any case."""
        at = self._index.get(type, {}).get(name.lower())
        return None if at is None else self._record(at)

    def records(self, type: str | None = None) -> list[Record]:
        """All records of a type (or all) in the order of their creation."""
        if type is None:
            return [self._record(at) for at in range(len(self._ends))]
        return [self._record(at) for at in sorted(set(self._index.get(type, {}).values()))]

    def blob(self, at: int) -> bytes:
        """The stored form of one record."""
        begin = self._ends[at - 1] if at else 0
        return self._data[self._start + begin:self._start + self._ends[at]]

    def _record(self, at: int) -> Record:
        return Record(*marshal.loads(self.blob(at)))


def load(path: str) -> Snapshot | None:
    """The snapshot at ``path``; None if there is none or it is not whole."""
    data = read(path)
    if data is None or not data.startswith(MAGIC) or len(data) < _HEAD:
        return None
    try:
        return Snapshot(data)
    except (ValueError, EOFError, TypeError):
        return None


def encode(generation: int, files: dict[str, Signature | None], records: Iterable[Record]) -> bytes:
    """The content of a snapshot, with the directory times still zero."""
    index: dict[str, dict[str, int]] = {}
    ends, blobs, size = [], [], 0
    for at, record in enumerate(records):
        names = index.setdefault(record.type, {})
        for name in record.names:
            names.setdefault(name.lower(), at)
        blob = marshal.dumps(
            (record.id, record.type, record.attributes, record.secret, record.plist), 2
        )
        blobs.append(blob)
        size += len(blob)
        ends.append(size)
    head = marshal.dumps((generation, files, index, ends), 2)
    return b"".join([MAGIC, bytes(16), len(head).to_bytes(4, "little"), head, *blobs])


def stamp(path: str, directories: tuple[int, int]) -> None:
    """Write the directory times into the staged snapshot that will replace ``path``.

    Nothing is allocated here, so a full disk cannot stop a transaction at this late point.
    """
    fd = os.open(staging_name(path), os.O_WRONLY | os.O_CLOEXEC)
    try:
        times = b"".join(time.to_bytes(8, "little") for time in directories)
        os.pwrite(fd, times, len(MAGIC))
        os.fdatasync(fd)
    finally:
        os.close(fd)


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
