"""Making a root whole: the database, what is published from it, and the files' permissions."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterable
from contextlib import closing

from dirserv import state
from dirserv.admin import salvage
from dirserv.admin.doctor.files import ours
from dirserv.admin.doctor.site import Site, Unknown
from dirserv.admin.transfer import Item
from dirserv.directory import Directory
from dirserv.lock import Lock
from dirserv.paths import Root
from dirserv.projection import dslocal
from dirserv.schema import UPGRADES
from dirserv.store import SCHEMA_VERSION, Store


def repair(directory: Directory, export: Iterable[Item] = ()) -> list[str]:
    """Do it; returns what was done, a line each.

    Outside edits are taken over first, as by every command. Raises DSError, OSError.
    """
    root = directory.root
    done = [f"removed the link {path}" for path in (
        root.lock, root.database, f"{root.database}-journal", root.snapshot)
            if _unlinked(path)]
    owner = state.prepare(root)
    done += _permissions(root, owner)
    with Lock(root.lock):
        site = Site(root)
        if _is_lost(site):
            done += salvage.rebuild(root, owner, export)
        else:
            _protect_log(root.database)
        if os.path.lexists(root.database + ".new"):
            os.unlink(root.database + ".new")
    with directory.change() as change:
        change.take_over()
        for record in change.records():
            change.touch(record, record)
        known = {dslocal.file(root.dslocal, record.type, record.name)
                 for type in dslocal.DIRECTORIES for record in change.records(type)}
    done.append("brought every projected file in step")
    return [*done, *_strays(root, known), *_permissions(root, owner)]


def _strays(root: Root, known: set[str]) -> list[str]:
    """Move property lists that are no record's out of the node: the name in them is another's."""
    done = []
    for type, folder in dslocal.DIRECTORIES.items():
        for path in sorted(set(dslocal.present(root.dslocal, type)) - known):
            kept = f"{root.state}/stray-{folder}-{os.path.basename(path)}"
            os.replace(path, kept)
            done.append(f"{path} is no record's: moved to {kept}")
    return done


def _unlinked(path: str) -> bool:
    """Take away a link where only a file of ours may be."""
    if os.path.islink(path):
        os.unlink(path)
        return True
    return False


def _is_lost(site: Site) -> bool:
    try:
        facts = site.facts
    except Unknown:
        return True
    return bool(facts.faults or (facts.version == SCHEMA_VERSION and facts.orphans))


def _protect_log(path: str) -> None:
    """Bring the schema up to date, and the log's triggers back."""
    store = Store(path)
    try:
        store.upgrade()
    finally:
        store.close()
    with closing(sqlite3.connect(path)) as database:
        for statement in UPGRADES[1][1:]:
            database.execute(statement.replace("TRIGGER", "TRIGGER IF NOT EXISTS", 1))


def _permissions(root: Root, owner: tuple[int, int] | None) -> list[str]:
    """Give every file of ours its owner and mode; returns a line for each that was wrong."""
    done = []
    for path, mode in ours(Site(root)).items():
        if not os.path.lexists(path) or os.path.islink(path):
            continue
        found = os.stat(path)
        if owner is not None and (found.st_uid, found.st_gid) != owner:
            os.chown(path, *owner)
            done.append(f"{path} belongs to {owner[0]}:{owner[1]} again")
        if mode is not None and stat.S_IMODE(found.st_mode) != mode:
            os.chmod(path, mode)
            done.append(f"{path} has mode {mode:04o} again")
    return done
