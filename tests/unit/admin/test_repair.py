"""darling-dirserv repair: after it the doctor is silent, and nothing that could be read is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from dirserv.admin import trail
from dirserv.names import USERS
from dirserv.paths import Root
from tests.support import directory, passwd_entries, run
from tests.unit.admin.conftest import Called
from tests.unit.admin.test_doctor import DATABASE, FAULTS, STATE, USERS_DIR, findings, sql

SNAPSHOT = "private/var/db/dirserv.snapshot"
#: What repair is the remedy of.
MENDED = [(code, plant) for code, plant, _ in FAULTS
          if code in ("no-database", "damaged-database", "old-schema", "orphans", "snapshot",
                      "log-unprotected", "flat-file", "plist", "leftover", "link", "mode")]


@pytest.fixture
def used(root: Path) -> Path:
    """A root in which something was done: a user with a password, and a record of a type that has
    no files."""
    for words in (["dscl", ".", "-create", "/Users/me", "UniqueID", "501"],
                  ["dscl", ".", "-create", "/Users/me", "PrimaryGroupID", "20"],
                  ["dscl", ".", "-passwd", "/Users/me", "geheim"],
                  ["dscl", ".", "-create", "/Computers/box", "Comment", "kept"]):
        assert run(root, *words).returncode == 0
    return root


def whole(root: Path) -> None:
    """All that ``used`` has made is there."""
    me, box = directory(root).find(USERS, "me"), directory(root).find(
        "dsRecTypeStandard:Computers", "box")
    assert me is not None and box is not None
    assert box.first("dsAttrTypeStandard:Comment") == "kept"
    assert passwd_entries(root)["me"][2] == "501"
    assert run(root, "dscl", ".", "-authonly", "me", "geheim").returncode == 0


@pytest.mark.parametrize(("code", "plant"), MENDED,
                         ids=[f"{code}-{at}" for at, (code, _) in enumerate(MENDED)])
def test_what_the_doctor_finds_is_mended(
    used: Path, called: Called, code: str, plant: Callable[[Path], object]
) -> None:
    plant(used)
    assert called("repair")[0] == 0
    assert [finding for finding in findings(used) if finding.code != "macos-id"] == []
    whole(used)


def test_a_healthy_root(used: Path, called: Called) -> None:
    before = directory(used).records(USERS)
    assert called("repair") == (0, "brought every projected file in step\n", "")
    assert [record.attributes for record in directory(used).records(USERS)] == [
        record.attributes for record in before]
    whole(used)


def test_a_lost_database_comes_back_with_its_ids_and_edits(used: Path, called: Called) -> None:
    ids = {record.name: record.id for record in directory(used).records(USERS)}
    (used / DATABASE).unlink()
    path = used / "private/etc/passwd"
    path.write_text(path.read_text() + "you:*:502:20:You:/Users/you:/bin/zsh\n")
    status, out, err = called("repair")
    assert (status, err) == (0, "")
    assert out == ("the snapshot: 295 records, 295 of them new\n"
                   "the property lists: 294 records, 0 of them new\n"
                   "the log is lost\n"
                   "brought every projected file in step\n")
    whole(used)
    now = {record.name: record.id for record in directory(used).records(USERS)}
    assert {name: now[name] for name in ids} == ids
    assert "you" in now


def test_a_damaged_database_is_kept_and_its_log_brought_back(used: Path, called: Called) -> None:
    before = trail.entries(Root(str(used)))
    sql("DROP TABLE state")(used)
    damaged = (used / DATABASE).read_bytes()
    status, out, _ = called("repair")
    [kept] = (used / STATE).glob("damaged-*.sqlite")
    assert (status, kept.read_bytes()) == (0, damaged)
    assert out.splitlines()[0] == f"kept the old database as {kept.name}"
    assert f"the log: {len(before)} entries" in out.splitlines()
    assert trail.entries(Root(str(used)))[:len(before)] == before
    whole(used)


def test_pages_full_of_zeros(used: Path, called: Called) -> None:
    size = (used / DATABASE).stat().st_size
    with (used / DATABASE).open("r+b") as file:
        file.seek(size // 3)
        file.write(bytes(size // 3))
    assert [finding.code for finding in findings(used)] == ["damaged-database"]
    assert called("repair")[0] == 0
    assert findings(used) == []
    whole(used)


def test_without_snapshot_the_property_lists_serve(used: Path, called: Called) -> None:
    (used / DATABASE).unlink()
    (used / SNAPSHOT).unlink()
    status, out, _ = called("repair")
    assert (status, out.splitlines()[0]) == (
        0, "the property lists: 294 records, 294 of them new")
    assert passwd_entries(used)["me"][2] == "501"
    assert run(used, "dscl", ".", "-authonly", "me", "geheim").returncode == 0
    assert findings(used) == []


def test_an_export_fills_the_gaps(used: Path, called: Called, tmp_path: Path) -> None:
    export = str(tmp_path / "export")
    assert called("export", "--secrets", export)[0] == 0
    for path in (DATABASE, SNAPSHOT, f"{USERS_DIR}/me.plist"):
        (used / path).unlink()
    path = used / "private/etc/passwd"
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True)
                            if not line.startswith("me:")))
    assert called("repair", "--export", export)[0] == 0
    whole(used)


def test_only_flat_files_are_left(used: Path, called: Called) -> None:
    shutil.rmtree(used / "private/var/db")
    status, out, _ = called("repair")
    assert (status, out) == (0, "nothing was left to bring back\n"
                             "brought every projected file in step\n")
    assert passwd_entries(used)["me"][2] == "501"
    assert findings(used) == []


def test_a_change_that_was_not_published(used: Path, called: Called) -> None:
    """A writer died after its commit, and the database was damaged then."""
    published = (used / SNAPSHOT).read_bytes()
    run(used, "dscl", ".", "-create", "/Computers/late", "Comment", "late")
    (used / SNAPSHOT).write_bytes(published)
    with sqlite3.connect(used / DATABASE) as database:
        database.execute("INSERT INTO value VALUES (99999, 'x', 0, 'y')")
    database.close()
    status, out, _ = called("repair")
    assert (status, out.splitlines()[1]) == (
        0, "changes that were not published yet: 296 records, 296 of them new")
    assert directory(used).find("dsRecTypeStandard:Computers", "late") is not None
    whole(used)


def test_a_newer_database_is_left_alone(used: Path, called: Called) -> None:
    sql("PRAGMA user_version = 99")(used)
    before = (used / DATABASE).read_bytes()
    status, out, err = called("repair")
    assert (status, out) == (2, "")
    assert err.startswith("darling-dirserv: the database has schema 99, this program knows up to")
    assert (used / DATABASE).read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
def test_owners(used: Path, called: Called) -> None:
    os.chown(used / "private/etc/group", 12345, 12345)
    status, out, _ = called("repair")
    assert (status, out.splitlines()[0]) == (0, "ROOT/private/etc/group belongs to 0:0 again")
    assert findings(used) == []


def test_only_the_owner_repairs(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRSERV_EUID", "501")
    assert called("repair") == (
        2, "", "darling-dirserv: only root, or the owner of ROOT, may repair it\n")
