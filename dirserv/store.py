"""The database: the truth about every record. SQLite with a rollback journal (design.md).

Only ``directory`` uses this module, and only under the lock. ``_sqlite3`` is imported rather
than ``sqlite3`` because the wrapper costs another millisecond of every write (datetime).
"""

from __future__ import annotations

import _sqlite3
import os

from dirserv.errors import OPERATION_FAILED, DSError
from dirserv.names import SECRETS
from dirserv.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dirserv.record import Attributes, Value

#: Stored in ``PRAGMA user_version``; ``darling-dirserv upgrade`` migrates older ones.
SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE record (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL
);
CREATE TABLE value (
    record INTEGER NOT NULL REFERENCES record(id),
    attribute TEXT NOT NULL,
    position INTEGER NOT NULL,
    value NOT NULL,
    PRIMARY KEY (record, attribute, position)
) WITHOUT ROWID;
CREATE INDEX value_by_content ON value(attribute, value COLLATE NOCASE);
CREATE TABLE state (
    generation INTEGER NOT NULL
);
INSERT INTO state VALUES (0);
"""


class Store:
    """One connection to the database file, which is created empty if it is not there."""

    def __init__(self, path: str) -> None:
        self._connection = _sqlite3.connect(path, timeout=60, isolation_level=None)
        self._execute("PRAGMA synchronous = FULL")

    def _execute(self, statement: str, *values: object) -> _sqlite3.Cursor:
        try:
            return self._connection.execute(statement, values)
        except _sqlite3.Error as error:
            raise DSError(OPERATION_FAILED, f"the user database: {error}") from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @property
    def version(self) -> int:
        """The schema version, 0 for a new file."""
        return self._execute("PRAGMA user_version").fetchone()[0]

    def create_schema(self) -> None:
        """Lay out a new database file."""
        self._connection.executescript(SCHEMA)
        self._execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @property
    def generation(self) -> int:
        """How many transactions have changed the directory."""
        return self._execute("SELECT generation FROM state").fetchone()[0]

    def begin(self) -> None:
        """Start a transaction that will write."""
        self._execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Count the generation up and make the transaction durable."""
        self._execute("UPDATE state SET generation = generation + 1")
        self._execute("COMMIT")

    def rollback(self) -> None:
        """Forget the transaction, if one is open."""
        if self._connection.in_transaction:
            self._execute("ROLLBACK")

    def insert(self, type: str) -> int:
        """Add a record without attributes; returns its id, which is never used again."""
        return self._execute("INSERT INTO record(type) VALUES (?)", type).lastrowid

    def delete(self, record: int) -> None:
        """Remove a record and its values."""
        self._execute("DELETE FROM value WHERE record = ?", record)
        self._execute("DELETE FROM record WHERE id = ?", record)

    def write(self, record: int, attribute: str, values: Iterable[Value]) -> None:
        """Replace the whole value list of an attribute; an empty list removes it."""
        self._execute("DELETE FROM value WHERE record = ? AND attribute = ?", record, attribute)
        for at, value in enumerate(values):
            self._execute("INSERT INTO value VALUES (?, ?, ?, ?)", record, attribute, at, value)

    def secrets(self, record: int) -> Attributes:
        """The secret attributes of a record."""
        return {name: self.values(record, name) for name in self._names(record) & SECRETS}

    def values(self, record: int, attribute: str) -> list[Value]:
        """The value list of one attribute."""
        rows = self._execute(
            "SELECT value FROM value WHERE record = ? AND attribute = ? ORDER BY position",
            record, attribute,
        )
        return [row[0] for row in rows]

    def _names(self, record: int) -> set[str]:
        rows = self._execute("SELECT DISTINCT attribute FROM value WHERE record = ?", record)
        return {row[0] for row in rows}

    def records(self) -> list[Record]:
        """Every record in the order of creation, without the content of secret attributes."""
        found = {
            id: Record(id, type, {})
            for id, type in self._execute("SELECT id, type FROM record ORDER BY id")
        }
        rows = self._execute(
            "SELECT record, attribute, value FROM value ORDER BY record, attribute, position"
        )
        for id, attribute, value in rows:
            record = found[id]
            if attribute not in SECRETS:
                record.attributes.setdefault(attribute, []).append(value)
            elif attribute not in record.secret:
                record.secret += (attribute,)
        return list(found.values())


def create(path: str, owner: tuple[int, int] | None) -> None:
    """Create an empty file for a database that only its owner may read."""
    if os.path.lexists(path):
        os.unlink(path)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    if owner is not None:
        os.fchown(fd, *owner)
    os.close(fd)


def lay_out(path: str) -> None:
    """Create the schema in an empty database file."""
    store = Store(path)
    try:
        store.create_schema()
    finally:
        store.close()
