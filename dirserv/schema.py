"""The tables of the database, and how an older one becomes a newer one. Data; the present version
is ``store.SCHEMA_VERSION``."""

from __future__ import annotations

#: The audit trail: one row for each generation that changed something. ``argv`` and ``changes``
#: are Python literals (``admin.trail`` reads them); even our own commands can only append.
_TRAIL = (
    """CREATE TABLE log (
    generation INTEGER PRIMARY KEY,
    time REAL NOT NULL,
    uid INTEGER NOT NULL,
    euid TEXT,
    argv TEXT NOT NULL,
    changes TEXT NOT NULL
)""",
    """CREATE TRIGGER log_grows BEFORE INSERT ON log
WHEN EXISTS (SELECT 1 FROM log WHERE generation >= NEW.generation)
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
    """CREATE TRIGGER log_stays BEFORE UPDATE ON log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
    """CREATE TRIGGER log_keeps BEFORE DELETE ON log
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END""",
)
#: version -> the statements that bring a database of that version to the next one.
UPGRADES = {1: _TRAIL}

SCHEMA = """
CREATE TABLE record (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL
);
CREATE TABLE value (
    record INTEGER NOT NULL REFERENCES record(id),
    attribute TEXT NOT NULL,
    position INTEGER NOT NULL,
    value NOT NULL,
    PRIMARY KEY (record, attribute, position)
) WITHOUT ROWID;
CREATE INDEX value_by_content ON value(attribute, value COLLATE NOCASE);
CREATE TABLE state (
    generation INTEGER NOT NULL
);
INSERT INTO state VALUES (0);
""" + ";\n".join(_TRAIL) + ";\n"
