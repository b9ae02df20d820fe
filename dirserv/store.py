"""The database: the truth about every record. SQLite with a rollback journal (design.md).

Only ``directory`` uses this module, and only under the lock.
"""

from __future__ import annotations

import posix
import sys
import time

from dirserv import sqlite
from dirserv.errors import OPERATION_FAILED, PARAMETER, DSError
from dirserv.files import CREATING, remove
from dirserv.names import ACCOUNT_POLICY, PASSWORD, RECORD_NAME, SECRETS
from dirserv.record import Record
from dirserv.system import environ

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Cursor
    from typing import Any

    from dirserv.record import Attributes, Value

#: Stored in ``PRAGMA user_version``; the next write migrates an older database.
SCHEMA_VERSION = 2

#: Of these, of binary values, and of values longer than this together only the number is logged.
_UNTOLD = (*SECRETS, PASSWORD, ACCOUNT_POLICY)
_LONGEST_LOGGED = 4096


class Store:
    """One connection to the database file, which is created empty if it is not there.

    A ``fresh`` one is not in its place yet: nobody has to take a broken-off change of it back.
    """

    def __init__(self, path: str, fresh: bool = False) -> None:
        try:
            self._connection = sqlite.connect(path, timeout=60, isolation_level=None)
        except sqlite.Error as error:
            raise DSError(OPERATION_FAILED, f"the user database: {error}") from error
        self._execute("PRAGMA synchronous = FULL")
        # As safe as removing the journal, and no directory has to be synced.
        self._execute(f"PRAGMA journal_mode = {'MEMORY' if fresh else 'TRUNCATE'}")
        #: Whose wish is written: the command's, an outside "edit" or the "seed" of a new root.
        self.cause = "command"
        self._changes: list[tuple[Any, ...]] = []
        #: What records that this transaction deleted were: id -> (type, name).
        self._gone: dict[int, tuple[str, str]] = {}

    def _execute(self, statement: str, *values: object) -> Cursor:
        try:
            return self._connection.execute(statement, values)
        except sqlite.Error as error:
            raise DSError(OPERATION_FAILED, f"the user database: {error}") from error
        except UnicodeEncodeError as error:
            raise DSError(PARAMETER, "a name or a value is not UTF-8 text") from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @property
    def version(self) -> int:
        """The schema version, 0 for a new file."""
        version: int = self._execute("PRAGMA user_version").fetchone()[0]
        return version

    def create_schema(self) -> None:
        """Lay out a new database file."""
        from dirserv.schema import SCHEMA

        try:
            self._connection.executescript(SCHEMA)
        except sqlite.Error as error:
            raise DSError(OPERATION_FAILED, f"the user database: {error}") from error
        self._execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def upgrade(self) -> None:
        """Bring an older database to this schema. Raises DSError for a newer one."""
        while (found := self.version) < SCHEMA_VERSION:
            from dirserv.schema import UPGRADES

            self.begin()
            for statement in (*UPGRADES[found], f"PRAGMA user_version = {found + 1}", "COMMIT"):
                self._execute(statement)
        if found > SCHEMA_VERSION:
            raise DSError(
                OPERATION_FAILED,
                f"the database has schema {found}, this program knows up to {SCHEMA_VERSION}; "
                "use the darling-dirserv that wrote it, or a newer one",
            )

    @property
    def generation(self) -> int:
        """How many transactions have changed the directory."""
        generation: int = self._execute("SELECT generation FROM state").fetchone()[0]
        return generation

    def begin(self) -> None:
        """Start a transaction that will write."""
        self._execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Count the generation up, log what was changed, and make the transaction durable."""
        self._execute("UPDATE state SET generation = generation + 1")
        if self._changes:
            changes = [(*change[:3], *self._label(change[2]), *change[3:])
                       for change in self._changes]
            self._execute("INSERT INTO log SELECT generation, ?, ?, ?, ?, ? FROM state",
                          time.time(), posix.getuid(), environ("DIRSERV_EUID"),
                          _arguments(), repr(changes))
        self._execute("COMMIT")

    def rollback(self) -> None:
        """Forget the transaction, if one is open."""
        if self._connection.in_transaction:
            self._execute("ROLLBACK")

    def insert(self, type: str) -> int:
        """Add a record without attributes; returns its id, which is never used again."""
        id = self._execute("INSERT INTO record(type) VALUES (?)", type).lastrowid
        assert id is not None  # as after every INSERT
        self._note("create", id)
        return id

    def delete(self, record: int) -> None:
        """Remove a record and its values."""
        self._gone[record] = self._label(record)
        self._note("delete", record)
        self._execute("DELETE FROM value WHERE record = ?", record)
        self._execute("DELETE FROM record WHERE id = ?", record)

    def write(self, record: int, attribute: str, values: Iterable[Value]) -> None:
        """Replace the whole value list of an attribute; an empty list removes it."""
        values = list(values)
        if self.cause != "seed":
            self._note("set", record, attribute, self.values(record, attribute), values)
        self._execute("DELETE FROM value WHERE record = ? AND attribute = ?", record, attribute)
        for at, value in enumerate(values):
            self._execute("INSERT INTO value VALUES (?, ?, ?, ?)", record, attribute, at, value)

    def _note(
        self, verb: str, record: int, attribute: str = "",
        old: list[Value] = [], new: list[Value] = [],  # noqa: B006 - nobody changes them
    ) -> None:
        """Keep a change for the log: where the lists differ, unless that must not be told."""
        if verb == "set" and old == new:
            return
        at, end = 0, 0
        while at < min(len(old), len(new)) and old[at] == new[at]:
            at += 1
        while end < min(len(old), len(new)) - at and old[-1 - end] == new[-1 - end]:
            end += 1
        removed, added = old[at:len(old) - end], new[at:len(new) - end]
        shown = (removed, added) if _may_log(attribute, removed + added) else (None, None)
        self._changes.append(
            (self.cause, verb, record, attribute, len(old), len(new), at, *shown))

    def _label(self, record: int) -> tuple[str, str]:
        """The type and the name of a record."""
        return self._gone.get(record) or self._execute(
            "SELECT type, value FROM record JOIN value ON record = id "
            "WHERE id = ? AND attribute = ? AND position = 0", record, RECORD_NAME,
        ).fetchone()

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
    remove(path)
    fd = posix.open(path, CREATING, 0o600)
    if owner is not None:
        posix.fchown(fd, *owner)
    posix.close(fd)


def lay_out(path: str) -> None:
    """Create the schema in an empty database file."""
    store = Store(path, fresh=True)
    try:
        store.create_schema()
    finally:
        store.close()


def _may_log(attribute: str, values: list[Value]) -> bool:
    return (attribute not in _UNTOLD and sum(map(len, values)) <= _LONGEST_LOGGED
            and not any(isinstance(value, bytes) for value in values))


def _arguments() -> str:
    """This process's command line for the log, as a Python literal, without passwords."""
    words = [sys.argv[0].rpartition("/")[2], *sys.argv[1:]]
    line = repr(words)
    if words[0] in ("dscl", "dseditgroup") and len(line) <= _LONGEST_LOGGED:
        lowered = line.lower()
        if not (any(hint in lowered for hint in ("pass", "auth", "hash", "key"))
                or any(word[:1] == "-" and "P" in word for word in words)):
            return line
    from dirserv.redaction import redacted

    return repr(redacted(words))
