"""darling-dirserv log: every change has its entry, and only together with it."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dirserv.admin import trail
from dirserv.names import RECORD_NAME, USERS
from dirserv.paths import Root
from dirserv.store import SCHEMA_VERSION
from tests.support import directory, run
from tests.unit.admin.conftest import Called

DATABASE = "private/var/db/dirserv/directory.sqlite"


def entries(root: Path) -> list[trail.Entry]:
    return trail.entries(Root(str(root)))


def plain(out: str) -> str:
    """The output with every time replaced."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", out)


def test_a_line_for_each_change_as_text(root: Path, called: Called) -> None:
    run(root, "dscl", ".", "-append", "/Groups/staff", "GroupMembership", "a", "b c")
    run(root, "dscl", ".", "-delete", "/Groups/staff", "GroupMembership", "a", env={
        "DIRSERV_EUID": "0"})
    run(root, "dscl", ".", "-read", "/Groups/staff")
    run(root, "dscl", ".", "-delete", "/Users/_www")
    status, out, err = called("log", "--last", "3")
    uid = os.getuid()
    assert (status, err) == (0, "")
    assert plain(out) == (
        f"     4  TIME  uid {uid}  dscl . -append /Groups/staff GroupMembership a 'b c'\n"
        "        Groups/staff GroupMembership 1 → 3 +a +'b c'\n"
        f"     5  TIME  uid {uid} as 0  dscl . -delete /Groups/staff GroupMembership a\n"
        "        Groups/staff GroupMembership 3 → 2 -a\n"
        f"     6  TIME  uid {uid}  dscl . -delete /Users/_www\n"
        "        Users/_www deleted\n")


def test_as_json(root: Path, called: Called) -> None:
    began = datetime.now(UTC)
    run(root, "dscl", ".", "-change", "/Users/_www", "UniqueID", "70", "7070")
    status, out, err = called("log", "--last", "1", "--json")
    [entry] = json.loads(out)
    assert (status, err) == (0, "")
    assert began <= datetime.fromisoformat(entry.pop("time")) <= datetime.now(UTC)
    record = directory(root).find(USERS, "_www")
    assert record is not None
    assert entry == {
        "generation": 4, "uid": os.getuid(), "euid": None,
        "argv": ["dscl", ".", "-change", "/Users/_www", "UniqueID", "70", "7070"],
        "changes": [{
            "cause": "command", "verb": "set", "record": record.id,
            "type": "dsRecTypeStandard:Users", "name": "_www",
            "attribute": "dsAttrTypeStandard:UniqueID", "old": 1, "new": 1, "at": 0,
            "removed": ["70"], "added": ["7070"]}],
    }


def test_seeding_is_the_first_entry(root: Path, called: Called) -> None:
    status, out, _ = called("log")
    assert (status, plain(out).splitlines()[1]) == (0, "        new root: 293 built-in records")
    [first] = entries(root)
    assert {change.cause for change in first.changes} == {"seed"}
    assert {change.verb for change in first.changes} == {"create"}


def test_an_outside_edit_is_logged_as_one(root: Path, called: Called) -> None:
    path = root / "private/etc/passwd"
    path.write_text(path.read_text().replace(":/Library/WebServer:", ":/elsewhere:"))
    status, out, _ = called("log", "--last", "1")
    assert status == 0
    assert plain(out).splitlines()[1:] == [
        "        outside edit: Users/_www NFSHomeDirectory 1 → 1 -/Library/WebServer +/elsewhere"]
    assert {change.cause for change in entries(root)[-1].changes} == {"edit"}


def test_an_edit_and_the_commands_own_change_are_told_apart(root: Path) -> None:
    with (root / "private/etc/passwd").open("a") as file:
        file.write("me:*:501:20:Me:/Users/me:/bin/zsh\n")
    assert run(root, "dscl", ".", "-create", "/Users/you", "UniqueID", "502").returncode == 0
    causes = {change.name: change.cause for entry in entries(root) for change in entry.changes
              if change.cause != "seed"}
    assert causes == {"me": "edit", "you": "command"}


def test_what_changes_nothing_has_no_entry(root: Path) -> None:
    run(root, "dscl", ".", "-create", "/Users/_www", "UniqueID", "70")
    run(root, "dscl", ".", "-read", "/Users/_www")
    assert run(root, "dscl", ".", "-create", "/Users/_www", "UniqueID", "0").returncode == 55
    assert len(entries(root)) == 1


def test_since(root: Path, called: Called) -> None:
    run(root, "dscl", ".", "-create", "/Users/_www", "Comment", "x")
    with sqlite3.connect(root / DATABASE) as database:
        generation, time = database.execute("SELECT max(generation), max(time) FROM log").fetchone()
    database.close()
    moment = datetime.fromtimestamp(time, UTC)
    just_before = moment - timedelta(milliseconds=1)  # a moment is rounded
    for since, shown in (("1h", 2), (just_before.isoformat(), 1),
                         ((moment + timedelta(seconds=1)).isoformat(), 0), ("2001-01-01", 2)):
        _, out, _ = called("log", "--since", since, "--json")
        assert len(json.loads(out)) == shown, since


@pytest.mark.parametrize(("arguments", "said"), [
    (["--since", "yesterday"], "argument --since: 'yesterday' is no time; try 2h or 2026-01-31"),
    (["--since", "999999w"], "argument --since: '999999w' is no time; try 2h or 2026-01-31"),
    (["--last", "-1"], "argument --last: '-1' is not a number of entries"),
    (["--last", "x"], "argument --last: 'x' is not a number of entries"),
])
def test_bad_arguments(
    called: Called, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as left:
        called("log", *arguments)
    assert left.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"darling-dirserv log: error: {said}"


def test_only_the_owner_reads_it(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRSERV_EUID", "501")
    assert called("log") == (
        2, "", "darling-dirserv: only root, or the owner of ROOT, may read the log\n")


@pytest.mark.parametrize("statement", [
    "DELETE FROM log", "UPDATE log SET uid = 5",
    "INSERT OR REPLACE INTO log SELECT * FROM log",
    "INSERT INTO log VALUES (0, 0, 0, NULL, '[]', '[]')",
])
def test_even_we_can_only_append(root: Path, statement: str) -> None:
    database = sqlite3.connect(root / DATABASE)
    before = database.execute("SELECT * FROM log").fetchall()
    with pytest.raises(sqlite3.DatabaseError, match="the log is append-only"):
        database.execute(statement)
    database.rollback()
    assert database.execute("SELECT * FROM log").fetchall() == before
    database.close()


def test_replaying_the_entries_gives_the_directory(root: Path) -> None:
    """What each entry says, applied in order to the seeded records, is what is there now."""
    seeded = {record.id: dict(record.attributes) for record in directory(root).records(USERS)}
    for words in (
        ["-create", "/Users/a", "UniqueID", "900"], ["-append", "/Users/a", "Comment", "1", "2"],
        ["-append", "/Users/a", "Comment", "3", "2"], ["-delete", "/Users/a", "Comment", "2"],
        ["-changei", "/Users/a", "Comment", "2", "x"], ["-change", "/Users/a", "RecordName", "a",
                                                        "b"],
        ["-merge", "/Users/b", "Comment", "1", "9"], ["-delete", "/Users/_www"],
    ):
        assert run(root, "dscl", ".", *words).returncode == 0, words
    for entry in entries(root)[1:]:
        for change in entry.changes:
            if change.verb != "set":
                seeded.pop(change.record, None)
                if change.verb == "create":
                    seeded[change.record] = {}
            elif change.removed is not None and change.added is not None:
                values = list(seeded[change.record].get(change.attribute, []))
                assert len(values) == change.old
                end = change.at + len(change.removed)
                assert values[change.at:end] == change.removed
                values[change.at:end] = change.added
                assert len(values) == change.new
                seeded[change.record][change.attribute] = values
    untold = ("dsAttrTypeStandard:Password", "dsAttrTypeNative:accountPolicyData")
    now = {record.id: record.attributes for record in directory(root).records(USERS)}
    assert {id: {name: values for name, values in found.items() if name not in untold}
            for id, found in now.items()} == {
        id: {name: values for name, values in found.items() if name not in untold}
        for id, found in seeded.items()}
    assert [found[RECORD_NAME] for found in now.values()][-1] == ["b"]


def test_a_first_write_upgrades_an_older_database(root: Path) -> None:
    with sqlite3.connect(root / DATABASE) as database:
        new = database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        database.execute("DROP TABLE log")
        database.execute("PRAGMA user_version = 1")
    database.close()
    assert run(root, "dscl", ".", "-create", "/Users/x", "UniqueID", "900").returncode == 0
    with sqlite3.connect(root / DATABASE) as database:
        old = database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        version = database.execute("PRAGMA user_version").fetchone()[0]
    database.close()
    assert (old, version) == (new, SCHEMA_VERSION)
    [entry] = entries(root)
    assert entry.argv == ["dscl", ".", "-create", "/Users/x", "UniqueID", "900"]


def test_the_admin_upgrades_as_well(root: Path, called: Called) -> None:
    with sqlite3.connect(root / DATABASE) as database:
        database.execute("DROP TABLE log")
        database.execute("PRAGMA user_version = 1")
    database.close()
    assert called("init") == (0, "ROOT: already initialised\n", "")
    assert called("log") == (0, "", "")


def test_a_command_refuses_a_newer_database(root: Path) -> None:
    with sqlite3.connect(root / DATABASE) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    result = run(root, "dscl", ".", "-create", "/Users/x")
    assert (result.returncode, result.stdout) == (147, "")
    assert result.stderr.splitlines()[0] == (
        f"the database has schema 99, this program knows up to {SCHEMA_VERSION}; "
        "use the darling-dirserv that wrote it, or a newer one")
