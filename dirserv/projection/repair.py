"""Bringing database and projected files together again: after an outside edit, after a writer
died, after a file was lost. Runs inside an open transaction, which projects afterwards."""

from __future__ import annotations

import posix
import time

from dirserv.defaults import new_attributes
from dirserv.files import read, remove, signature, staging_name
from dirserv.names import RECORD_NAME
from dirserv.projection import dslocal, flat
from dirserv.projection.adopt import adopt_flat, adopt_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.paths import Root
    from dirserv.record import Record
    from dirserv.snapshot import Snapshot
    from dirserv.transaction import Transaction


def take_over(change: Transaction, root: Root, base: Snapshot | None) -> None:
    """Merge every outside edit into the directory and mark what has to be projected anew.

    Without a snapshot there is no base to tell an edit from an old state: then the database wins
    and only accounts that it does not know are taken over; in a new database all lines win.
    """
    clear_staged(root)
    for file in flat.MODES:
        _take_over_flat(change, root, base, file)
    for type in dslocal.DIRECTORIES:
        _take_over_plists(change, root, base, type)


def clear_staged(root: Root) -> None:
    """Remove what a writer that died had prepared."""
    staged = [staging_name(f"{root.etc}/{file}") for file in flat.MODES]
    for directory in dslocal.DIRECTORIES.values():
        names = posix.listdir(f"{root.dslocal}/{directory}")
        staged += [f"{root.dslocal}/{directory}/{name}" for name in names
                   if name.startswith(".") and name.endswith(".plist.new")]
    for path in staged:
        remove(path)


def _take_over_flat(change: Transaction, root: Root, base: Snapshot | None, file: str) -> None:
    path = f"{root.etc}/{file}"
    if base is not None and signature(path) == base.files.get(file):
        return
    theirs = flat.parse(file, read(path) or b"")
    if base is not None:
        known = flat.entries(file, base.records(), change.master)
    elif change.fresh:
        known = {}
    else:
        ours = flat.entries(file, change.records(), change.master)
        known = {name: theirs.get(name, fields) for name, fields in ours.items()}
        theirs = {**known, **theirs}
    adopt_flat(change, file, known, theirs)


def _take_over_plists(change: Transaction, root: Root, base: Snapshot | None, type: str) -> None:
    present = dslocal.present(root.dslocal, type)
    before = {} if base is None else {record.id: record for record in base.records(type)}
    everything_gone = not present
    for record in change.records(type):
        old = before.get(record.id)
        path = dslocal.file(root.dslocal, type, record.name)
        mark = present.pop(path, None)
        record.plist = old.plist if old else None  # the database does not know it
        if old is None:
            change.touch(record, None)
            if change.fresh and mark is not None:
                adopt_record(change, record, {}, dslocal.load(path) or {})
        elif mark == old.plist:
            if old.attributes != record.attributes:
                change.touch(record, old)
        elif mark is not None:
            _edited(change, record, old, path)
        elif everything_gone or old.name != record.name:
            change.touch(record, old)
        else:
            change.delete(record)
    for old in before.values():
        if present.pop(dslocal.file(root.dslocal, type, old.name), None):
            change.mark(old)  # deleted or renamed in the database, not yet here
    for path in present:
        _added(change, type, path)


def _edited(change: Transaction, record: Record, old: Record, path: str) -> None:
    theirs = dslocal.load(path)
    mark = signature(path)
    if theirs is None and mark and time.time_ns() - mark[2] < dslocal.SETTLED_AFTER_NS:
        return  # its editor may not be done; the next command looks again
    change.touch(record, old)
    if theirs is not None:
        adopt_record(change, record, old.attributes, theirs)


def _added(change: Transaction, type: str, path: str) -> None:
    theirs = dslocal.load(path)
    if theirs is None or change.find(type, str(theirs[RECORD_NAME][0])) is not None:
        return
    name = str(theirs.pop(RECORD_NAME)[0])
    change.create(type, name, {**new_attributes(type), **theirs})
