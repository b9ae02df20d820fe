"""What the checks look at: one root, each part of it read once and nothing changed."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from dirserv import snapshot as snapshots
from dirserv.names import GROUPS, SECRETS, USERS
from dirserv.paths import Root
from dirserv.prefix.receipt import Receipt
from dirserv.prefix.receipt import load as load_receipt
from dirserv.prefix.target import is_darling
from dirserv.prefix.tree import Tree
from dirserv.record import Record
from dirserv.snapshot import Snapshot
from dirserv.store import SCHEMA_VERSION

if TYPE_CHECKING:
    from dirserv.record import Attributes

#: How long somebody else's transaction may hold the lock before that is a finding.
LOCK_SECONDS = 5.0


class Unknown(Exception):
    """What a check needs cannot be read; another check says why."""


class Facts(NamedTuple):
    """The database's content. ``faults`` is what its integrity checks say."""

    faults: list[str]
    version: int
    generation: int
    triggers: int
    orphans: int
    records: list[Record]
    secrets: dict[int, Attributes]


class Site:
    """One root."""

    def __init__(self, root: Root) -> None:
        self.root = root
        #: Whether the lock could be had within LOCK_SECONDS.
        self.lock_free = True

    @cached_property
    def facts(self) -> Facts:
        """Raises Unknown without a database, or if it cannot be read."""
        if not os.path.isfile(self.root.database) or os.path.islink(self.root.database):
            raise Unknown
        try:
            with self.locked(), closing(sqlite3.connect(self.root.database)) as database:
                return _facts(database)
        except (sqlite3.Error, IndexError, KeyError, TypeError) as error:
            return Facts([str(error)], 0, 0, 0, 0, [], {})

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The commands' lock, if it is there and can be had; looking is safe without it."""
        try:
            fd = os.open(self.root.lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            yield
            return
        try:
            end = time.monotonic() + LOCK_SECONDS
            while self.lock_free and not _try_lock(fd):
                if time.monotonic() > end:
                    self.lock_free = False
                time.sleep(0.02)
            yield
        finally:
            os.close(fd)

    @property
    def sound(self) -> Facts:
        """The facts of a whole database of the current schema. Raises Unknown."""
        if self.facts.faults or self.facts.version != SCHEMA_VERSION:
            raise Unknown
        return self.facts

    def records(self, type: str) -> list[Record]:
        """The records of a type in the order of their creation. Raises Unknown."""
        return [record for record in self.sound.records if record.type == type]

    @property
    def users(self) -> list[Record]:
        """Every user."""
        return self.records(USERS)

    @property
    def groups(self) -> list[Record]:
        """Every group."""
        return self.records(GROUPS)

    @cached_property
    def snapshot(self) -> Snapshot | None:
        """The published snapshot, None if there is none that is whole."""
        return snapshots.load(self.root.snapshot)

    @cached_property
    def receipt(self) -> Receipt | None:
        """What `darling-dirserv install` did, None in a root that it did not install into."""
        return load_receipt(Tree(self.root.path))

    @property
    def darling(self) -> bool:
        """Whether the root is a Darling prefix."""
        return is_darling(self.root.path)


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _facts(database: sqlite3.Connection) -> Facts:
    def one(statement: str) -> Any:
        return database.execute(statement).fetchone()[0]

    faults = [row[0] for row in database.execute("PRAGMA integrity_check(5)")]
    records: dict[int, Record] = {}
    for id, type in database.execute("SELECT id, type FROM record ORDER BY id"):
        records[id] = Record(id, type, {})
    secrets: dict[int, Attributes] = {}
    orphans = 0
    for id, attribute, value in database.execute(
        "SELECT record, attribute, value FROM value ORDER BY record, attribute, position"
    ):
        if id not in records:
            orphans += 1
        elif attribute in SECRETS:
            secrets.setdefault(id, {}).setdefault(attribute, []).append(value)
        else:
            records[id].attributes.setdefault(attribute, []).append(value)
    return Facts(
        [] if faults == ["ok"] else faults, one("PRAGMA user_version"),
        one("SELECT generation FROM state"),
        one("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"),
        orphans + sum("dsAttrTypeStandard:RecordName" not in record.attributes
                      for record in records.values()),
        list(records.values()), secrets,
    )
