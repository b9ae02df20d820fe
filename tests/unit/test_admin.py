"""darling-dirserv: init, status, rehearse, upgrade."""

from __future__ import annotations

import json
import os
import pty
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dirserv.admin import main as admin
from dirserv.admin import schema
from dirserv.store import SCHEMA_VERSION
from tests.support import CHECKOUT, directory, group_entries, passwd_entries, run


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = admin.main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_init_creates_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(tmp_path / "new")
    assert called(capsys, "init", "--root", root) == (
        0, f"{root}: created the user database\n", "")
    assert called(capsys, "init", "--root", root) == (0, f"{root}: already initialised\n", "")
    assert len(passwd_entries(tmp_path / "new")) == 132


def test_both_ways_to_lay_out_a_database_make_the_same_one(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    called(capsys, "init", "--root", str(tmp_path / "new"))
    shapes = []
    for place in (root, tmp_path / "new"):
        path = place / "private/var/db/dirserv/directory.sqlite"
        database = sqlite3.connect(path)
        shapes.append((
            database.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall(),
            database.execute("PRAGMA user_version").fetchone(),
            database.execute("SELECT count(*) FROM value").fetchone(),
            path.stat().st_mode,
        ))
        database.close()
    assert shapes[0] == shapes[1]


def test_status_as_text_and_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = called(capsys, "status", "--root", str(root), "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert found["records"] == {"Users": 132, "Groups": 161}
    assert (found["schema"], found["integrity"]) == (SCHEMA_VERSION, "ok")
    status, out, err = called(capsys, "status", "--root", str(root))
    assert [line.split()[0] for line in out.splitlines()] == [
        "root", "records", "generation", "database"]


def test_status_takes_over_edits(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (root / "private/etc/passwd").open("a") as file:
        file.write("me:*:501:20:Me:/Users/me:/bin/zsh\n")
    _, out, _ = called(capsys, "status", "--root", str(root), "--json")
    assert json.loads(out)["records"]["Users"] == 133


def test_a_newer_database_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = sqlite3.connect(root / "private/var/db/dirserv/directory.sqlite")
    database.execute("PRAGMA user_version = 99")
    database.close()
    status, out, err = called(capsys, "init", "--root", str(root))
    assert (status, out) == (2, "")
    assert err.startswith("darling-dirserv: the database has schema 99, this program knows up to")


def test_upgrades_run_in_order(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    monkeypatch.setattr(schema, "SCHEMA_VERSION", SCHEMA_VERSION + 2)
    for version in (SCHEMA_VERSION, SCHEMA_VERSION + 1):
        monkeypatch.setitem(schema.UPGRADES, version, lambda db, v=version: done.append(v))
    assert schema.upgrade(directory(root)) == SCHEMA_VERSION
    assert done == [SCHEMA_VERSION, SCHEMA_VERSION + 1]
    assert schema.inspect(directory(root))["schema"] == SCHEMA_VERSION + 2


def test_the_installers_account_phase_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("rehearse", "--root", str(tmp_path), "--users", "3")
    status, out, err = called(capsys, *arguments, "--json")
    first = json.loads(out)
    assert (status, err) == (0, "")
    assert first["group"] == {"name": "nixbld", "gid": "350",
                              "members": ["_nixbld1", "_nixbld2", "_nixbld3"]}
    assert [user["uid"] for user in first["users"]] == ["351", "352", "353"]
    assert first["calls"] == 2 + 14 * 3
    assert passwd_entries(tmp_path)["_nixbld2"] == [
        "_nixbld2", "*", "352", "350", "Nix build user 2", "/var/empty", "/sbin/nologin"]
    assert group_entries(tmp_path)["nixbld"][3] == "_nixbld1,_nixbld2,_nixbld3"
    before = (tmp_path / "private/etc/passwd").read_bytes()
    status, out, _ = called(capsys, *arguments, "--json")
    assert json.loads(out)["calls"] == 2 + 9 * 3, "the second run finds everything in place"
    assert (tmp_path / "private/etc/passwd").read_bytes() == before
    status, out, _ = called(capsys, *arguments)
    assert "  _nixbld3     uid   353  gid   350" in out.splitlines()
    assert "\tstate = running" in out.splitlines()
    sockets = list((tmp_path / "private/var/run").glob("*.sock"))
    assert sockets == [], "no launchd is left behind"
    log = (tmp_path / "private/var/log/launchd.log").read_text()
    assert log.count("exited due to signal 15") == 6 == log.count("exited"), "no job ends itself"


def test_a_conflict_stops_the_rehearsal(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, "dscl", ".", "-create", "/Users/other", "UniqueID", "351").returncode == 0
    status, out, err = called(capsys, "rehearse", "--root", str(root), "--users", "1")
    assert (status, out) == (2, "")
    assert err == (
        "darling-dirserv: dscl . create /Users/_nixbld1 UniqueID 351 ended with 55: "
        "<main> attribute status: eDSRecordAlreadyExists\n"
        "<dscl_cmd> DS Error: -14135 (eDSRecordAlreadyExists)\n")


@pytest.mark.parametrize(
    ("path", "attribute", "said"),
    [("/Groups/nixbld", "gid", "the group nixbld has another gid than 350"),
     ("/Users/_nixbld1", "uid", "the user _nixbld1 has another uid than 351")],
)
def test_other_ids_stop_the_rehearsal(
    root: Path, capsys: pytest.CaptureFixture[str], path: str, attribute: str, said: str
) -> None:
    assert run(root, "dscl", ".", "-create", path, attribute, "999").returncode == 0
    assert called(capsys, "rehearse", "--root", str(root), "--users", "1") == (
        2, "", f"darling-dirserv: {said}\n")


def test_progress_is_for_terminals(tmp_path: Path) -> None:
    command = [sys.executable, str(CHECKOUT / "bin/darling-dirserv"), "rehearse",
               "--root", str(tmp_path), "--users", "1"]
    quiet = subprocess.run(command, capture_output=True, text=True, check=True)
    assert quiet.stderr == ""
    leader, follower = pty.openpty()
    subprocess.run(command, stdout=subprocess.PIPE, stderr=follower, check=True)
    os.close(follower)
    shown = os.read(leader, 1 << 20).decode()
    os.close(leader)
    assert "dscl . -read /Groups/nixbld" in shown and shown.count("\r") > 5


def test_a_python_without_the_packages(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-I", "-S", str(CHECKOUT / "bin/darling-dirserv"), "status"],
        capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("darling-dirserv: this Python has no ")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["init", "--nonsense"]])
def test_bad_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        admin.main(arguments)
    assert left.value.code == 2
    assert capsys.readouterr().err.startswith("usage: darling-dirserv")


def test_no_root_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIRSERV_ROOT", "/nonexistent")
    assert called(capsys, "status") == (
        2, "", "darling-dirserv: DIRSERV_ROOT=/nonexistent is not a directory; create it first\n")
