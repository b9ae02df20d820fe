"""Whether everything that shows the directory shows the same one, and whether its log tells it.

Database, snapshot, flat files, property lists and the fold of the log are read here with as little
of our own code as can be, so that one of them cannot hide a fault of another.
"""

from __future__ import annotations

import os
import plistlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from dirserv import snapshot, state
from dirserv.admin.trail import Entry
from dirserv.names import GROUPS, RECORD_NAME, SECRETS, USERS, from_disk
from dirserv.paths import Root
from dirserv.projection import dslocal, flat
from dirserv.record import Record
from dirserv.store import _UNTOLD as UNTOLD

#: (type, name) -> attributes: what a reader can know of a directory.
View = dict[tuple[str, str], dict[str, list[object]]]
#: What has a content for a moment only.
_PASSING = (".new", "-journal")


def published(root: Path) -> View | None:
    """What a reader without any rights sees; None before there is a snapshot."""
    found = snapshot.load(Root(str(root)).snapshot)
    return None if found is None else view(found.records())


def view(records: Iterable[Record]) -> View:
    """The public attributes of records."""
    return {(record.type, record.name): dict(record.attributes) for record in records}


def stored(root: Path) -> View:
    """What the database holds, secrets and all; it must be sound."""
    database = sqlite3.connect(Root(str(root)).database)
    try:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        records = {id: (type, {}) for id, type in database.execute("SELECT id, type FROM record")}
        for id, attribute, value in database.execute(
                "SELECT record, attribute, value FROM value ORDER BY record, attribute, position"):
            records[id][1].setdefault(attribute, []).append(value)
    finally:
        database.close()
    found = {(type, attributes[RECORD_NAME][0]): attributes
             for type, attributes in records.values()}
    assert len(found) == len(records), "two records of one name"
    return found


def check(root: Path) -> View:
    """Assert that every view agrees with the database; returns the public part of it."""
    paths, held = Root(str(root)), stored(root)
    shown = {key: {name: values for name, values in attributes.items() if name not in SECRETS}
             for key, attributes in held.items()}
    assert published(root) == shown, "the snapshot"
    _check_flat(paths, held, shown)
    _check_plists(paths, held)
    # What a writer that died left in /private/etc stays until the next one that writes the file.
    for directory in (paths.state, paths.dslocal + "/users", paths.dslocal + "/groups"):
        left = [entry.name for entry in os.scandir(directory)
                if entry.name.endswith(_PASSING) and entry.stat().st_size]
        assert not left, f"left behind in {directory}: {left}"
    loaded = snapshot.load(paths.snapshot)
    assert loaded is not None and state.in_step(paths, loaded), "not in step"
    return shown


def _check_flat(paths: Root, held: View, shown: View) -> None:
    records = [Record(0, type, attributes) for (type, _), attributes in shown.items()]
    for file, mode in flat.MODES.items():
        def master(record: Record) -> str:
            return flat.master_fields(held[record.type, record.name])

        wanted = flat.render(file, flat.entries(file, records, master)).decode()
        found = Path(paths.etc, file)
        assert sorted(found.read_text().split("\n")) == sorted(wanted.split("\n")), file
        assert found.lstat().st_mode & 0o7777 == mode, file


def _check_plists(paths: Root, held: View) -> None:
    for type, directory in dslocal.DIRECTORIES.items():
        wanted = {dslocal.file_name(name): attributes
                  for (kind, name), attributes in held.items() if kind == type}
        files = {path.name: path for path in Path(paths.dslocal, directory).iterdir()}
        assert files.keys() == wanted.keys(), directory
        for name, path in files.items():
            content = plistlib.loads(path.read_bytes())
            found = {from_disk(key): values for key, values in content.items()}
            assert found == wanted[name], name
            assert path.lstat().st_mode & 0o7777 == dslocal.MODE, name


def replayed(before: View, ids: dict[int, tuple[str, str]], entries: Iterable[Entry]) -> View:
    """The fold of log entries over what was there before them; ``ids`` names the records of then.

    What the log must not tell (``UNTOLD`` and very long values) is left out of the result.
    """
    records = {id: dict(before[key]) for id, key in ids.items()}
    types = {id: key[0] for id, key in ids.items()}
    for entry in entries:
        for change in entry.changes:
            if change.verb == "create":
                assert change.record not in types, "an id is never used again"
                records[change.record], types[change.record] = {}, change.type
            elif change.verb == "delete":
                del records[change.record]
            elif change.removed is not None and change.added is not None:
                _fold(records[change.record], change)
    return told({(types[id], str(attributes[RECORD_NAME][0])): attributes
                 for id, attributes in records.items()})


def _fold(attributes: dict[str, list[object]], change) -> None:  # noqa: ANN001
    values = list(attributes.get(change.attribute, []))
    end = change.at + len(change.removed)
    assert (len(values), values[change.at:end]) == (change.old, change.removed), "a lost update"
    values[change.at:end] = change.added
    assert len(values) == change.new
    attributes[change.attribute] = values
    if not values:
        del attributes[change.attribute]


def told(found: View) -> View:
    """A view without what the log never tells."""
    return {key: {name: values for name, values in attributes.items() if name not in UNTOLD}
            for key, attributes in found.items()}


def ids(root: Path) -> dict[int, tuple[str, str]]:
    """Id -> type and name of every record that a reader sees."""
    found = snapshot.load(Root(str(root)).snapshot)
    assert found is not None
    return {record.id: (record.type, record.name) for record in found.records()}


__all__ = ["GROUPS", "USERS", "View", "check", "ids", "published", "replayed", "stored", "told",
           "view"]
