"""The published snapshot: what everybody may read, in a form that needs no SQLite.

One file, replaced by rename after every transaction, so a reader sees one whole generation and
needs neither lock nor privilege. It saves a reader the import of sqlite3 (4.5 of 12 ms), and it
is the base against which outside edits of the projected files are found.

Layout: MAGIC, the modification times of the two dslocal directories (8 bytes each, patched in
after the last rename), the length of the head (4 bytes), the head, and three parts whose lengths
the head tells:

* records: id (4 bytes), place among the blobs (8), length (4), ordered by id;
* keys: CRC-32 of a key (4 bytes) and the id of a record that has it (4), ordered. A key is a type,
  or a type with one of the attributes in ``INDEXED`` and a value;
* blobs: one for each record, and waste between them. The head also tells how long they are.

So a lookup takes some small reads, however many records there are, and a change of one record
copies the rest as it is. Numbers are big-endian. Head and blobs are in marshal's version 2
format, which every Python 3 reads and writes alike.
"""

from __future__ import annotations

import marshal
import posix
from binascii import crc32

from dirserv.files import opened, staging_name
from dirserv.names import GENERATED_UID, PRIMARY_GROUP_ID, RECORD_NAME, UNIQUE_ID
from dirserv.record import Record, signed_id, text
from dirserv.table import BLOCK, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dirserv.files import Signature
    from dirserv.record import Value

MAGIC = b"DIRSERV2"
_HEAD = len(MAGIC) + 16 + 4
_RECORD, _KEY = 16, 8

#: Attributes by whose values records are found without looking at all of them.
INDEXED = (RECORD_NAME, GENERATED_UID, UNIQUE_ID, PRIMARY_GROUP_ID)
_IDS = (UNIQUE_ID, PRIMARY_GROUP_ID)


def normal(attribute: str, value: Value) -> str:
    """The form in which values of an indexed attribute are the same for a lookup: without case,
    ids as signed numbers."""
    words = text(value)
    if attribute in _IDS:
        number = signed_id(words)
        return words if number is None else str(number)
    return words.lower()


def has(record: Record, attribute: str, wanted: str) -> bool:
    """Whether one of the attribute's values has this normal form."""
    return any(normal(attribute, value) == wanted
               for value in record.attributes.get(attribute, ()))


class Snapshot:
    """A snapshot of ``size`` bytes, of which ``part(offset, length)`` gives the bytes asked for.

    ``files`` maps 'passwd', 'master.passwd', 'group' and 'database' to the signatures they had;
    ``directories`` holds the mtimes of dslocal's users and groups. Raises ValueError, EOFError or
    TypeError for what is no whole snapshot.
    """

    def __init__(self, part: Callable[[int, int], bytes], size: int) -> None:
        self._part = part
        start = part(0, BLOCK)
        if not start.startswith(MAGIC) or len(start) < _HEAD:
            raise ValueError("not a snapshot")
        times = start[len(MAGIC):len(MAGIC) + 16]
        self.directories = (_number(times[:8]), _number(times[8:]))
        end = _HEAD + _number(start[_HEAD - 4:_HEAD])
        head = start[_HEAD:end] if end <= len(start) else part(_HEAD, end - _HEAD)
        self.generation, self.files, lengths = marshal.loads(head)
        self._records = Table(part, end, lengths[0], _RECORD)
        self._keys = Table(part, end + lengths[0], lengths[1], _KEY)
        self._blobs = end + lengths[0] + lengths[1]
        if self._blobs + lengths[2] != size:
            raise ValueError("not a whole snapshot")
        self._size = lengths[2]
        #: How much of the blobs is records, not waste.
        self._live = lengths[-1]

    def find(self, type: str, name: str) -> Record | None:
        """The record of ``type`` that has ``name`` among its RecordNames, in any case."""
        return next(iter(self.holders(type, RECORD_NAME, name)), None)

    def holders(self, type: str, attribute: str, value: Value) -> list[Record]:
        """The records of a type that have a value (see ``normal``) of an indexed attribute."""
        wanted = normal(attribute, value)
        found = [self.record(id) for id in self.ids(type, attribute, wanted)]
        return [record for record in found
                if record and record.type == type and has(record, attribute, wanted)]

    def ids(self, type: str, attribute: str = "", wanted: str = "") -> list[int]:
        """The ids of the records of a type, or of those that may have a value, in the order of
        their creation. Two keys can have one CRC: who asks has to look at the records."""
        prefix = _hash(type, attribute, wanted)
        return [_number(entry[4:]) for entry in self._keys.starting_with(prefix)]

    def record(self, id: int) -> Record | None:
        """The record with an id."""
        for entry in self._records.starting_with(id.to_bytes(4, "big")):
            return self._load(self._part(self._blobs + _number(entry[4:12]), _number(entry[12:])))
        return None

    def records(self, type: str | None = None) -> list[Record]:
        """All records of a type (or all) in the order of their creation."""
        wanted = None if type is None else {*self.ids(type)}
        blobs = self._part(self._blobs, self._size)
        found = []
        for entry in self._records:
            if wanted is None or _number(entry[:4]) in wanted:
                begin = _number(entry[4:12])
                found.append(self._load(blobs[begin:begin + _number(entry[12:])]))
        return [record for record in found if type in (None, record.type)]

    def _load(self, blob: bytes) -> Record:
        return Record(*marshal.loads(blob))

    def changed(
        self, generation: int, files: dict[str, Signature | None],
        records: dict[int, Record | None],
    ) -> bytes:
        """The content of the next snapshot, in which ``records`` replaces (None: removes) some.

        What is replaced stays behind as waste, until that is more than half of the blobs.
        """
        gone, gone_keys, new, new_keys = set[bytes](), set[bytes](), set[bytes](), set[bytes]()
        blobs: list[bytes] = []
        end, live = self._size, self._live
        for id, record in records.items():
            for entry in self._records.starting_with(id.to_bytes(4, "big")):
                gone.add(entry)
                live -= _number(entry[12:])
                old = self.record(id)
                gone_keys.update(_keys(old) if old else ())
            if record is not None:
                blob = _dump(record)
                blobs.append(blob)
                new.add(_entry(id, end, len(blob)))
                new_keys.update(_keys(record))
                end += len(blob)
                live += len(blob)
        if end > 2 * live:
            kept = [record for record in self.records() if record.id not in records]
            kept += [record for record in records.values() if record]
            return encode(generation, files, sorted(kept, key=lambda record: record.id))
        table = self._records.changed(gone, new)
        keys = self._keys.changed(gone_keys - new_keys, new_keys - gone_keys)
        return _joined(generation, files, table, keys,
                       [self._part(self._blobs, self._size), *blobs], live)


def load(path: str) -> Snapshot | None:
    """The snapshot at ``path``; None if there is none or it is not whole."""
    fd = opened(path)
    if fd is None:
        return None
    try:
        return Snapshot(_File(fd).part, posix.fstat(fd).st_size)
    except (ValueError, EOFError, TypeError):
        return None


class _File:
    """An open file; whoever keeps ``part`` keeps it open, also when it has been replaced."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def part(self, offset: int, length: int) -> bytes:
        return posix.pread(self._fd, length, offset)

    def __del__(self) -> None:
        posix.close(self._fd)


def of(data: bytes) -> Snapshot:
    """The snapshot with this content."""
    return Snapshot(lambda offset, length: data[offset:offset + length], len(data))


def encode(generation: int, files: dict[str, Signature | None], records: Iterable[Record]) -> bytes:
    """The content of a snapshot, with the directory times still zero."""
    table, keys, blobs, end = list[bytes](), list[bytes](), list[bytes](), 0
    for record in records:
        blob = _dump(record)
        table.append(_entry(record.id, end, len(blob)))
        keys += _keys(record)
        blobs.append(blob)
        end += len(blob)
    return _joined(generation, files, b"".join(table), b"".join(sorted(keys)), blobs, end)


def _joined(
    generation: int, files: dict[str, Signature | None], table: bytes, keys: bytes,
    blobs: list[bytes], live: int,
) -> bytes:
    lengths = (len(table), len(keys), sum(map(len, blobs)), live)
    head = marshal.dumps((generation, files, lengths), 2)
    return b"".join([MAGIC, bytes(16), len(head).to_bytes(4, "big"), head, table, keys, *blobs])


def _dump(record: Record) -> bytes:
    return marshal.dumps(
        (record.id, record.type, record.attributes, record.secret, record.plist), 2)


def _entry(id: int, place: int, length: int) -> bytes:
    return id.to_bytes(4, "big") + place.to_bytes(8, "big") + length.to_bytes(4, "big")


def _keys(record: Record) -> set[bytes]:
    """The entries that a record has among the keys."""
    id = record.id.to_bytes(4, "big")
    return {_hash(record.type) + id} | {
        _hash(record.type, attribute, normal(attribute, value)) + id
        for attribute in INDEXED for value in record.attributes.get(attribute, ())
    }


def _hash(*key: str) -> bytes:
    return crc32("\0".join(filter(None, key)).encode("utf-8", "surrogateescape")).to_bytes(4, "big")


def stamp(path: str, directories: tuple[int, int]) -> None:
    """Write the directory times into the staged snapshot that will replace ``path``.

    Nothing is allocated here, so a full disk cannot stop a transaction at this late point.
    """
    fd = posix.open(staging_name(path), posix.O_WRONLY | posix.O_CLOEXEC)
    try:
        times = b"".join(time.to_bytes(8, "big") for time in directories)
        posix.pwrite(fd, times, len(MAGIC))
    finally:
        posix.close(fd)


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
