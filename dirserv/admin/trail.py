"""Reading the audit trail that ``dirserv.store`` writes with every change."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlite_utils import Database

from dirserv.admin.access import locked_database
from dirserv.paths import Root

#: So many changes of one line are shown one by one.
_SHOWN = 6


class Change(NamedTuple):
    """One change of a record, in the order of ``store.Store``'s log.

    ``cause`` is command, edit (an outside edit that the command took over) or seed; ``verb`` is
    create, delete or set. ``old`` and ``new`` count the values of ``attribute``; from index ``at``
    on ``removed`` was replaced by ``added``, both None where that must not be told.
    """

    cause: str
    verb: str
    record: int
    type: str
    name: str
    attribute: str
    old: int
    new: int
    at: int
    removed: list[str] | None
    added: list[str] | None


class Entry(NamedTuple):
    """One committed transaction. ``euid`` is what the launcher said, None without one."""

    generation: int
    time: datetime
    uid: int
    euid: str | None
    argv: list[str]
    changes: list[Change]


def entries(root: Root, since: datetime | None = None, last: int | None = None) -> list[Entry]:
    """The trail, oldest first: since a time, and of that the last so many entries.

    Raises AdminError for who may not read it.
    """
    with locked_database(root) as database:
        rows = list(_rows(database, since, last))
    return [_entry(*row) for row in reversed(rows)]


def _rows(database: Database, since: datetime | None, last: int | None) -> Iterator[tuple[Any]]:
    yield from database.execute(
        "SELECT generation, time, uid, euid, argv, changes FROM log WHERE time >= ? "
        "ORDER BY generation DESC LIMIT ?",
        (since.timestamp() if since else 0, -1 if last is None else last),
    )


def _entry(
    generation: int, time: float, uid: int, euid: str | None, argv: str, changes: str
) -> Entry:
    return Entry(
        generation, datetime.fromtimestamp(time, UTC), uid, euid, ast.literal_eval(argv),
        [Change(*change) for change in ast.literal_eval(changes)],
    )


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry for ``--json``."""
    return {
        **entry._asdict(), "time": entry.time.isoformat(timespec="microseconds"),
        "changes": [change._asdict() for change in entry.changes],
    }


def lines(entry: Entry) -> Iterator[str]:
    """An entry for people: when, who and what was called, then what changed."""
    who = f"uid {entry.uid}" + (f" as {entry.euid}" if entry.euid is not None else "")
    yield (f"{entry.generation:>6}  {entry.time.astimezone():%Y-%m-%d %H:%M:%S}  {who}  "
           f"{shlex.join(entry.argv)}")
    told = [change for change in entry.changes if change.cause != "seed"]
    if len(told) < len(entry.changes):
        yield f"        new root: {len(entry.changes) - len(told)} built-in records"
    for change in told[:_SHOWN]:
        yield f"        {_what(change)}"
    if len(told) > _SHOWN:
        yield f"        … {len(told) - _SHOWN} more changes (--json shows all)"


def _what(change: Change) -> str:
    by = "outside edit: " if change.cause == "edit" else ""
    record = f"{by}{_bare(change.type)}/{change.name}"
    if change.verb != "set":
        return f"{record} {change.verb}d"
    counts = f"{record} {_bare(change.attribute)} {change.old} → {change.new}"
    signs = [f"{sign}{shlex.quote(value)}" for sign, values in
             (("-", change.removed), ("+", change.added)) for value in values or ()]
    return " ".join([counts, *(sign if len(sign) <= 60 else sign[:60] + "…" for sign in signs)])


def _bare(constant: str) -> str:
    return constant.partition(":")[2]
