"""A hundred processes that write ten times each, against bare SQLite that is as durable."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from dirserv.directory import Directory
from dirserv.names import REAL_NAME, USERS
from dirserv.paths import Root
from tests.bench.measure import Row
from tests.bench.roots import initialised, place

PROCESSES, WRITES = 100, 10


def main() -> list[Row]:
    """Seconds for all the writes; the goal of 0.8 times the rate is 1.25 times the seconds."""
    with place() as directory:
        root = initialised(directory / "root")
        with Directory(Root(str(root))).change() as change:
            for number in range(PROCESSES):
                change.create(USERS, f"u{number}")
        database = directory / "bare.sqlite"
        bare = sqlite3.connect(database)
        bare.execute("CREATE TABLE value (record INTEGER PRIMARY KEY, value TEXT)")
        bare.commit()
        bare.close()
        ours = _seconds(lambda number: _write(root, number))
        peer = _seconds(lambda number: _insert(database, number))
    return [Row(f"{PROCESSES} x {WRITES} writes", ours, peer, "s", "sqlite3 alone", 1.25,
                "ours also project every write")]


def _seconds(work: Callable[[int], None]) -> float:
    begin = time.perf_counter()
    children = []
    for number in range(PROCESSES):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                work(number)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    failed = sum(os.waitpid(child, 0)[1] != 0 for child in children)
    if failed:
        raise RuntimeError(f"{failed} of {PROCESSES} processes failed")
    return time.perf_counter() - begin


def _write(root: Path, number: int) -> None:
    directory = Directory(Root(str(root)))
    for turn in range(WRITES):
        with directory.change() as change:
            user = change.find(USERS, f"u{number}")
            if user is None:
                raise RuntimeError(f"u{number} is lost")
            change.set(user, REAL_NAME, [f"turn {turn}"])


def _insert(database: Path, number: int) -> None:
    for turn in range(WRITES):
        connection = sqlite3.connect(database, timeout=60, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT OR REPLACE INTO value VALUES (?, ?)", (number, f"turn {turn}"))
        connection.execute("COMMIT")
        connection.close()
