"""The database for commands that only look: under the lock, and never made by looking."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from sqlite_utils import Database

from dirserv import identity, state
from dirserv.admin.cli import the_directory
from dirserv.admin.errors import AdminError
from dirserv.change import Change
from dirserv.directory import Directory
from dirserv.paths import Root


def must_own(root: Root, what: str) -> None:
    """Raise AdminError unless this process may write the root; ``what`` is what it wanted."""
    if not identity.may_write(root):
        raise AdminError(f"only root, or the owner of {root.path or '/'}, may {what}")


@contextmanager
def locked_database(root: Root) -> Iterator[Database]:
    """The database of a root under the lock of every command.

    Raises AdminError if there is none, or for who may not read it.
    """
    must_own(root, "read the database")
    if not Path(root.database).exists():
        raise AdminError(f"{root.path or '/'} has no user database; `darling-dirserv init` makes "
                         "one, `darling-dirserv repair` brings a lost one back")
    state.make_lock(root)
    with FileLock(root.lock):
        database = Database(root.database)
        try:
            yield database
        finally:
            database.close()


class _DryRun(Exception):
    """Ends a transaction without a trace."""


@contextmanager
def changing(directory: Directory, dry_run: bool) -> Iterator[Change]:
    """A change of the directory; after a dry run nothing of it is left."""
    try:
        with directory.change() as change:
            yield change
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass  # taken back, as it was to be


def own_directory(options: argparse.Namespace, what: str) -> Directory:
    """The directory of the root that the options name, for a command that changes it.

    Raises AdminError, NoDirectory.
    """
    directory = the_directory(options)
    must_own(directory.root, what)
    return directory
