"""The database's schema from the admin's side: creation, upgrade and inspection (sqlite-utils).

A hot command lays out a new database itself (``dirserv.schema``), because it may run on a bare
python3; here older databases are brought to the current version.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlite_utils import Database

from dirserv import state
from dirserv.admin.errors import AdminError
from dirserv.directory import Directory
from dirserv.initialise import initialise
from dirserv.schema import SCHEMA
from dirserv.schema import UPGRADES as STATEMENTS
from dirserv.store import SCHEMA_VERSION


def _statements(version: int) -> Callable[[Database], None]:
    def run(database: Database) -> None:
        for statement in STATEMENTS[version]:
            database.execute(statement)
    return run


#: version -> what brings a database of that version to the next one.
UPGRADES: dict[int, Callable[[Database], None]] = {
    version: _statements(version) for version in STATEMENTS
}


class UnknownSchema(AdminError):
    """The database was written by a version that this one does not know."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"the database has schema {version}, this program knows up to {SCHEMA_VERSION}; "
            "use the darling-dirserv that wrote it, or a newer one"
        )


def create(directory: Directory) -> bool:
    """Initialise a root's directory if it has none; returns whether it had none.

    Raises DSError eDSPermissionError if this process may not write there.
    """
    root = directory.root
    owner = state.prepare(root)
    with FileLock(root.lock):
        new = not Path(root.database).exists()
        if new:
            initialise(root, owner, _lay_out)
    with directory.change():
        pass  # takes over what the flat files hold, and projects
    return new


def _lay_out(path: str) -> None:
    database = Database(path)
    try:
        database.conn.executescript(SCHEMA)
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    finally:
        database.close()


def upgrade(directory: Directory) -> int:
    """Bring an existing database to the current schema; returns the version it had.

    Holds the same lock as every command (filelock and flock(2) exclude each other on one file).
    Raises UnknownSchema for a newer database.
    """
    state.make_lock(directory.root)
    with FileLock(directory.root.lock):
        database = Database(directory.root.database)
        try:
            found = database.execute("PRAGMA user_version").fetchone()[0]
            if found > SCHEMA_VERSION:
                raise UnknownSchema(found)
            for version in range(found, SCHEMA_VERSION):
                with database.conn:
                    database.execute("BEGIN IMMEDIATE")  # or each statement is on its own
                    UPGRADES[version](database)
                    database.execute(f"PRAGMA user_version = {version + 1}")
            return int(found)
        finally:
            database.close()


def inspect(directory: Directory) -> dict[str, Any]:
    """What the database holds: schema version, generation, records per type, integrity."""
    state.make_lock(directory.root)
    with FileLock(directory.root.lock):
        database = Database(directory.root.database)
        try:
            return {
                "schema": database.execute("PRAGMA user_version").fetchone()[0],
                "generation": next(iter(database["state"].rows))["generation"],
                "records": {
                    row["type"].rpartition(":")[2]: row["number"]
                    for row in database.query(
                        "SELECT type, count(*) AS number FROM record GROUP BY type"
                    )
                },
                "integrity": database.execute("PRAGMA integrity_check").fetchone()[0],
            }
        finally:
            database.close()
