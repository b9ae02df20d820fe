"""A lost or damaged database: everything that can still be read, gathered into a new one.

What each source is good for, best first:

* the snapshot: every record as of the last finished change, without secrets;
* the damaged database itself, as far as SQLite reads it: all of that, secrets, and the log;
* the dslocal property lists: users and groups with their secrets;
* an export that the admin names;
* the flat files: what nobody else knows is taken over by the transaction that follows.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from dirserv import snapshot as snapshots
from dirserv import store as stores
from dirserv.admin.transfer import Item
from dirserv.defaults import new_attributes
from dirserv.files import sync_directory
from dirserv.names import RECORD_NAME, SECRETS
from dirserv.paths import Root
from dirserv.projection import dslocal

if TYPE_CHECKING:
    from dirserv.record import Attributes, Value

#: (type, name in small letters) -> attributes, secrets among them.
Found = dict[tuple[str, str], "Attributes"]


def rebuild(root: Root, owner: tuple[int, int] | None, export: Iterable[Item]) -> list[str]:
    """Make a new database from what is left; the caller holds the lock. Returns what was done.

    The old file is kept beside the new one. If there is nothing at all, no database is made and
    the first command that follows makes a fresh one.
    """
    said = [f"kept the old database as {kept}" for kept in _set_aside(root)]
    old = _aside(root)
    snapshot = snapshots.load(root.snapshot)
    published = {} if snapshot is None else _by_name(
        (record.type, record.attributes) for record in snapshot.records())
    records: Found = {}
    ids = {} if snapshot is None else {
        _key(record.type, record.attributes): record.id for record in snapshot.records()}
    salvaged = _by_name(_read_records(old)) if old else {}
    # A writer may have died between its commit and the snapshot.
    ahead = bool(snapshot and old and _generation(old) > snapshot.generation)
    plists = _by_name(_read_plists(root))
    sources = [("the snapshot", published, True), ("the damaged database", salvaged, not published),
               ("the property lists", plists, not published),
               ("the export", _by_name((item.type, item.attributes) for item in export), True)]
    if ahead:
        sources.insert(0, ("changes that were not published yet", salvaged, True))
    for name, found, new in sources:
        known = len(records)
        _add(records, found, new)
        if found:
            said.append(f"{name}: {len(found)} records, {len(records) - known} of them new")
    if not records:
        return [*said, "nothing was left to bring back"]
    log = list(_read_log(old)) if old else []
    generation = max([snapshot.generation if snapshot else 2, *(row[0] for row in log)])
    _write(root, owner, records, ids, log, generation)
    return [*said, f"the log: {len(log)} entries" if log else "the log is lost"]


def _set_aside(root: Root) -> Iterator[str]:
    stamp = time.strftime("%Y%m%dT%H%M%S")
    for name in (root.database, root.database + "-journal"):
        if os.path.lexists(name) and (name == root.database or os.lstat(name).st_size):
            kept = name.replace("directory.sqlite", f"damaged-{stamp}.sqlite")
            os.rename(name, kept)
            yield os.path.basename(kept)


def _aside(root: Root) -> str | None:
    """The newest database that was set aside, if the current one is gone."""
    names = sorted(name for name in os.listdir(root.state)
                   if name.startswith("damaged-") and name.endswith(".sqlite"))
    path = f"{root.state}/{names[-1]}" if names else ""
    return path if path and not os.path.islink(path) else None


def _key(type: str, attributes: Attributes) -> tuple[str, str]:
    return type, str(attributes[RECORD_NAME][0]).lower()


def _by_name(records: Iterable[tuple[str, Attributes]]) -> Found:
    return {_key(type, attributes): attributes for type, attributes in records
            if attributes.get(RECORD_NAME)}


def _add(records: Found, found: Found, new: bool) -> None:
    """Add the secrets of known records, and with ``new`` the records that are not known."""
    for key, attributes in found.items():
        if new and key not in records:
            records[key] = dict(attributes)
        for name, values in attributes.items():
            if name in SECRETS and key in records:
                records[key].setdefault(name, values)


def _read_plists(root: Root) -> Iterator[tuple[str, Attributes]]:
    for type in dslocal.DIRECTORIES:
        for path in sorted(dslocal.present(root.dslocal, type)):
            found = dslocal.load(path)
            if found is not None:
                yield type, {**new_attributes(type), **found}


def _read_records(path: str) -> Iterator[tuple[str, Attributes]]:
    types = dict(_rows(path, "SELECT id, type FROM record"))
    found: dict[int, dict[str, dict[int, Value]]] = {}
    for query in (
        "SELECT record, attribute, position, value FROM value",
        "SELECT record, attribute, position, value FROM value ORDER BY record DESC",
        "SELECT record, attribute, position, value FROM value INDEXED BY value_by_content "
        "WHERE attribute > ''",
    ):
        for id, attribute, position, value in _rows(path, query):
            found.setdefault(id, {}).setdefault(attribute, {})[position] = value
    for id, attributes in found.items():
        if id in types:
            yield types[id], {name: [values[at] for at in sorted(values)]
                              for name, values in attributes.items()}


def _generation(path: str) -> int:
    return max((row[0] for row in _rows(path, "SELECT generation FROM state")), default=0)


def _read_log(path: str) -> Iterator[tuple[Any, ...]]:
    columns = "SELECT generation, time, uid, euid, argv, changes FROM log ORDER BY generation"
    rows = {row[0]: row for query in (columns, columns + " DESC") for row in _rows(path, query)}
    yield from (rows[generation] for generation in sorted(rows))


def _rows(path: str, query: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a query up to where the damage begins."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            yield from database.execute(query)
    except (sqlite3.Error, UnicodeDecodeError):
        return


def _write(
    root: Root, owner: tuple[int, int] | None, records: Found,
    ids: dict[tuple[str, str], int], log: list[tuple[Any, ...]], generation: int,
) -> None:
    fresh = root.database + ".new"
    stores.create(fresh, owner)
    stores.lay_out(fresh)
    with closing(sqlite3.connect(fresh)) as database, database:
        # Those whose ids are known first, so that the others get new ones.
        for key in sorted(records, key=lambda key: (key not in ids, ids.get(key, 0))):
            id = database.execute("INSERT INTO record VALUES (?, ?)",
                                  (ids.get(key), key[0])).lastrowid
            database.executemany("INSERT INTO value VALUES (?, ?, ?, ?)", (
                (id, name, at, value) for name, values in records[key].items()
                for at, value in enumerate(values)))
        database.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)", log)
        database.execute("UPDATE state SET generation = ?", (generation,))
    os.rename(fresh, root.database)
    sync_directory(root.state)
