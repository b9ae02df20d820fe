"""darling-dirserv doctor: silent on a healthy root, and each planted fault found by its check."""

from __future__ import annotations

import fcntl
import json
import os
import plistlib
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dirserv import __version__
from dirserv.admin import main as admin
from dirserv.admin.doctor import files
from dirserv.admin.doctor import site as sites
from dirserv.admin.doctor.table import CHECKS, Finding, examine
from dirserv.change import Change
from dirserv.names import (
    GENERATED_UID,
    GROUPS,
    MEMBERS,
    MEMBERSHIP,
    NESTED_GROUPS,
    PRIMARY_GROUP_ID,
    RECORD_NAME,
    UNIQUE_ID,
    USERS,
)
from dirserv.paths import Root
from tests.support import directory, run
from tests.unit.admin.conftest import Called

STATE = "private/var/db/dirserv"
DATABASE = f"{STATE}/directory.sqlite"
USERS_DIR = "private/var/db/dslocal/nodes/Default/users"
ELSEWHERE = "00000000-0000-4000-8000-000000000000"

Plant = Callable[[Path], object]


def findings(root: Path) -> list[Finding]:
    """What the checks find, without the command around them."""
    return list(examine(sites.Site(Root(str(root)))))


def sql(*statements: str) -> Plant:
    """Do something to the database behind everybody's back."""

    def plant(root: Path) -> None:
        with sqlite3.connect(root / DATABASE) as database:
            for statement in statements:
                database.execute(statement)
        database.close()

    return plant


def changed(change: Callable[[Change], object]) -> Plant:
    """Change records without the rules that commands keep."""

    def plant(root: Path) -> None:
        with directory(root).change() as transaction:
            change(transaction)

    return plant


def user(change: Change, name: str = "planted", **attributes: str) -> None:
    """A user who is as he should be, but for the given attributes."""
    record = change.create(USERS, name)
    for attribute, value in {"uid": "777", "gid": "20", **attributes}.items():
        key = {"uid": UNIQUE_ID, "gid": PRIMARY_GROUP_ID, "uuid": GENERATED_UID}[attribute]
        change.write(record, key, [value])


def group(change: Change, name: str, gid: str, **attributes: str) -> None:
    """A group of somebody's own."""
    record = change.create(GROUPS, name)
    change.write(record, PRIMARY_GROUP_ID, [gid])
    for attribute, value in attributes.items():
        key = {"names": MEMBERSHIP, "uuids": MEMBERS, "groups": NESTED_GROUPS}[attribute]
        change.write(record, key, [value])


def _two_names(change: Change) -> None:
    user(change)
    record = change.find(USERS, "planted")
    assert record is not None
    change.write(record, RECORD_NAME, ["planted", "DAEMON"])


def _unlisted(change: Change) -> None:
    group(change, "nixbld", "350")
    user(change, "_nixbld1", uid="351", gid="350")


def _old_ids(change: Change) -> None:
    group(change, "nixbld", "30000", names="_nixbld9")
    user(change, "_nixbld9", uid="309", gid="30000")


def _taken_id(change: Change) -> None:
    record = change.find(USERS, "_www")
    assert record is not None
    change.write(record, RECORD_NAME, ["planted"])


def text(path: str, content: str | bytes) -> Plant:
    """A file with a content."""

    def plant(root: Path) -> None:
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    return plant


def _appended(root: Path) -> None:
    with (root / "private/etc/passwd").open("a") as file:
        file.write("me:*:501:20:Me:/Users/me:/bin/zsh\n")


def _linked(root: Path) -> None:
    os.rename(root / "private/etc/group", root / "elsewhere")
    os.symlink("../../elsewhere", root / "private/etc/group")


def _dead_socket(root: Path) -> None:
    (root / "private/var/run").mkdir(parents=True)
    here = os.getcwd()
    os.chdir(root / "private/var/run")  # the path may be too long for an address
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("launchd.sock")
    finally:
        os.chdir(here)


def _newer_macos(version: str) -> Plant:
    return text("System/Library/CoreServices/SystemVersion.plist",
                plistlib.dumps({"ProductVersion": version}))


def _daemon_in_darling(environment: dict[str, str]) -> Plant:
    def plant(root: Path) -> None:
        text("Library/LaunchDaemons/org.nixos.nix-daemon.plist",
             plistlib.dumps({"Label": "org.nixos.nix-daemon",
                             "EnvironmentVariables": environment}))(root)
        (root / ".darlingserver.sock").touch()

    return plant


#: The check that finds it, what is planted, and what the line says.
FAULTS: list[tuple[str, Plant, str]] = [
    ("no-database", lambda root: (root / DATABASE).unlink(),
     "the user database is gone, what it published is still there"),
    ("damaged-database", text(DATABASE, b"x" * 4096),
     "the user database is damaged: file is not a database"),
    ("damaged-database", sql("DROP TABLE state"),
     "the user database is damaged: no such table: state"),
    ("old-schema", sql("DROP TABLE log", "PRAGMA user_version = 1"),
     "the database has schema 1, the commands write 2"),
    ("new-schema", sql("PRAGMA user_version = 99"),
     "the database has schema 99, newer than these commands know"),
    ("orphans", sql("INSERT INTO value VALUES (99999, 'x', 0, 'y')"),
     "1 entries in the database belong to no record or have no name"),
    ("log-unprotected", sql("DROP TRIGGER log_keeps"),
     "the log is not append-only: a trigger of the database is gone"),
    ("snapshot", lambda root: (root / "private/var/db/dirserv.snapshot").unlink(),
     "the snapshot that readers use is gone or damaged"),
    ("snapshot", sql("UPDATE state SET generation = 7"),
     "readers see generation 3, the database has 7"),
    ("flat-file", _appended, "private/etc/passwd differs from the database"),
    ("flat-file", lambda root: (root / "private/etc/master.passwd").unlink(),
     "private/etc/master.passwd is missing"),
    ("plist", lambda root: (root / USERS_DIR / "_www.plist").unlink(),
     "users/_www.plist differs from the database"),
    ("plist", lambda root: shutil.copy2(root / USERS_DIR / "_www.plist",
                                        root / USERS_DIR / "stray.plist"),
     "users/stray.plist differs from the database"),
    ("leftover", text("private/etc/.passwd.new", "half"),
     "private/etc/.passwd.new was left by a command that died"),
    ("leftover", text("private/var/db/.dirserv.snapshot.new", "half"),
     "private/var/db/.dirserv.snapshot.new was left by a command that died"),
    ("link", _linked, "private/etc/group is a link to ../../elsewhere, not a file of ours"),
    ("mode", lambda root: (root / "private/etc/group").chmod(0o666),
     "private/etc/group has mode 0666, not 0644"),
    ("mode", lambda root: (root / STATE).chmod(0o755),
     f"{STATE} has mode 0755, not 0700"),
    ("open-directory", lambda root: (root / "private/etc").chmod(0o777),
     "private/etc has mode 0777: others may replace our files"),
    ("open-directory", lambda root: (root / "private/var").chmod(0o750),
     "private/var has mode 0750: readers cannot get in"),
    ("two-etc", text("etc/passwd", "root:*:0:0::/root:/bin/sh\n"),
     "/etc is not /private/etc: programs look there and do not see our files"),
    ("ptmp", text("private/etc/ptmp", ""),
     "private/etc/ptmp exists: somebody edits the password file, or an editor died"),
    ("uid-clash", changed(lambda change: user(change, uid="70")),
     "uid 70 belongs to _www, planted"),
    ("gid-clash", changed(lambda change: group(change, "planted", "20")),
     "gid 20 belongs to staff, planted"),
    ("uuid-clash", changed(lambda change: user(
        change, uuid="ffffeeee-dddd-cccc-bbbb-aaaa00000046")),
     "FFFFEEEE-DDDD-CCCC-BBBB-AAAA00000046 is the GeneratedUID of _www, planted"),
    ("name-clash", changed(_two_names), "daemon names 2 users"),
    ("dangling-name", changed(lambda change: group(change, "planted", "777", names="nobody9")),
     "the group planted has nobody9, which is no user"),
    ("dangling-uuid", changed(lambda change: group(change, "planted", "777", uuids=ELSEWHERE)),
     f"the group planted has {ELSEWHERE}, which is no record"),
    ("dangling-group", changed(lambda change: group(change, "planted", "777", groups=ELSEWHERE)),
     f"the group planted has {ELSEWHERE}, which is no group"),
    ("no-primary-group", changed(lambda change: user(change, gid="4711")),
     "the primary group 4711 of planted does not exist"),
    ("unlisted-members", changed(_unlisted),
     "the group nixbld does not list _nixbld1, whose primary group it is"),
    ("old-nixbld-ids", changed(_old_ids),
     "_nixbld9: uid below 351, in the range that macOS 15 took for itself"),
    ("macos-id", changed(_taken_id), "planted has uid 70, which is _www's on macOS"),
    ("stale-container", text(".init.pid", "2147483647\n"),
     ".init.pid is there, but no container runs in this prefix"),
    ("launchd", _dead_socket,
     "launchd's socket is there, but no launchd answers behind it"),
    ("disabled-plist", text("private/var/db/com.apple.xpc.launchd/disabled.plist", "<plist>"),
     "private/var/db/com.apple.xpc.launchd/disabled.plist does not say for each label whether it "
     "is disabled"),
    ("sandbox-conf", text("private/etc/sandbox-exec.conf", "mode = enfroce\n"),
     "sandbox-exec runs nothing: /private/etc/sandbox-exec.conf: line 1: 'mode = enfroce' is none "
     "of mode = passthrough|check|enforce|enforce-strict, strict = yes|no"),
    ("macos-version", _newer_macos("11.7.4"),
     "this root says that it is macOS 11.7.4; today's Nix needs 14"),
    ("nix-config", _daemon_in_darling({"NIX_CONFIG": "max-jobs = 1"}),
     "the Nix daemon's job has no NIX_CONFIG with `build-users-group =`"),
]


@pytest.mark.parametrize(("code", "plant", "said"), FAULTS,
                         ids=[f"{code}-{at}" for at, (code, _, _) in enumerate(FAULTS)])
def test_each_fault_is_found_and_nothing_else(
    root: Path, code: str, plant: Plant, said: str
) -> None:
    with directory(root).change():
        pass  # a copied root is new to its snapshot
    plant(root)
    found = [(finding.code, finding.text) for finding in findings(root)]
    assert found == [(code, said)]


def test_every_check_has_a_fault(root: Path) -> None:
    elsewhere = {"lock-held", "disk", "owner", "receipt", "version", "interpreter", "byte-code",
                 "changed-file", "filler"}
    assert {check.code for check in CHECKS} == {code for code, _, _ in FAULTS} | elsewhere
    assert len(CHECKS) >= 25


def test_looking_changes_nothing(root: Path) -> None:
    _appended(root)
    before = _everything(root)
    findings(root)
    assert _everything(root) == before


def _everything(root: Path) -> dict[str, tuple[int, int, int]]:
    paths = sorted(root.rglob("*"))
    return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns, path.lstat().st_mode)
            for path in paths}


def test_a_healthy_root_is_one_line(called: Called) -> None:
    called("status")
    assert called("doctor") == (0, f"ROOT: healthy ({len(CHECKS)} checks)\n", "")


def test_a_root_with_32_build_users_is_healthy(called: Called) -> None:
    called("nixbld", "create")
    assert called("doctor") == (0, f"ROOT: healthy ({len(CHECKS)} checks)\n", "")


def test_a_daemon_with_nix_config_and_a_new_macos_are_healthy(root: Path, called: Called) -> None:
    called("status")
    _daemon_in_darling({"NIX_CONFIG": "build-users-group ="})(root)
    _newer_macos("14.5")(root)
    assert called("doctor") == (0, f"ROOT: healthy ({len(CHECKS)} checks)\n", "")


def test_lines_and_json(root: Path, called: Called) -> None:
    called("status")
    (root / "private/etc/group").chmod(0o600)
    changed(lambda change: user(change, gid="4711"))(root)
    _newer_macos("11.7.4")(root)
    (root / "private/etc/group").chmod(0o600)
    lines = (
        "error    mode              private/etc/group has mode 0600, not 0644; "
        "next: darling-dirserv repair\n"
        "warning  no-primary-group  the primary group 4711 of planted does not exist; "
        "next: make the group, or change the user's PrimaryGroupID\n"
        "hint     macos-version     this root says that it is macOS 11.7.4; today's Nix needs 14; "
        "next: darling-dirserv install --system-version 14.5\n"
    )
    assert called("doctor") == (1, lines, "")
    status, out, err = called("doctor", "--json")
    found = json.loads(out)
    assert (status, err, found["root"], found["checks"]) == (1, "", "ROOT", len(CHECKS))
    assert [(one["code"], one["severity"]) for one in found["findings"]] == [
        ("mode", "error"), ("no-primary-group", "warning"), ("macos-version", "hint")]
    assert set(found["findings"][0]) == {"code", "severity", "text", "remedy"}


def test_hints_alone_are_no_failure(root: Path, called: Called) -> None:
    called("status")
    _newer_macos("13.6")(root)
    status, out, err = called("doctor")
    assert (status, err, out.split()[:2]) == (0, "", ["hint", "macos-version"])


def test_an_empty_root_has_no_database(tmp_path: Path) -> None:
    found = findings(tmp_path)
    assert [(one.code, one.text) for one in found] == [
        ("no-database", "there is no user database")]


def test_a_held_lock(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with directory(root).change():
        pass
    monkeypatch.setattr(sites, "LOCK_SECONDS", 0.05)
    with (root / STATE / "lock").open("w") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        found = findings(root)
    assert [(one.code, one.text) for one in found] == [
        ("lock-held", "a command holds the directory's lock and does not let it go")]


def test_a_full_disk(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with directory(root).change():
        pass
    monkeypatch.setattr(files, "_NEEDED_MIB", 1 << 40)
    assert [one.code for one in findings(root)] == ["disk"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
@pytest.mark.parametrize("name", [DATABASE, f"{DATABASE}-journal"])
def test_another_owner(root: Path, name: str) -> None:
    with directory(root).change():
        pass
    os.chown(root / name, 12345, -1)
    assert [(one.code, one.text) for one in findings(root)] == [
        ("owner", f"{name} belongs to uid 12345, the root to 0")]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to work in somebody else's tree")
@pytest.mark.parametrize("words", [("init",), ("nixbld", "create", "--count=1"), ("status",)],
                         ids=" ".join)
def test_what_root_makes_is_the_trees_owners(
    root: Path, called: Called, words: tuple[str, ...]
) -> None:
    with directory(root).change():
        pass
    for path in (root, *root.rglob("*")):
        os.chown(path, 12345, 12345)
    (root / STATE / "lock").unlink()
    assert called(*words)[0] == 0
    assert {(path.stat().st_uid, path.stat().st_gid) for path in root.rglob("*")} == {
        (12345, 12345)}


def test_only_the_owner_may_look(called: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRSERV_EUID", "501")
    assert called("doctor") == (
        2, "", "darling-dirserv: only root, or the owner of ROOT, may look at everything there\n")


# -- what `darling-dirserv install` has laid --------------------------------------------------


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree that our commands are installed in; copy it, do not change it."""
    tree = tmp_path_factory.mktemp("laid") / "tree"
    tree.mkdir()
    assert admin.main(["install", "--prefix", str(tree)]) == 0
    return tree


@pytest.fixture
def installed(laid: Path, tmp_path: Path) -> Iterator[Path]:
    """An installed tree of this test's own."""
    tree = tmp_path / "tree"
    shutil.copytree(laid, tree, symlinks=True)
    assert run(tree, "dscl", ".", "-list", "/Users").returncode == 0
    yield tree


def receipt(**changes: object) -> Plant:
    """An edit of the receipt."""

    def plant(tree: Path) -> None:
        path = tree / ".darling-dirserv/receipt.json"
        content = json.loads(path.read_bytes())
        path.write_text(json.dumps({**content, **changes}))

    return plant


def _without_uuidgen(tree: Path) -> None:
    path = tree / ".darling-dirserv/receipt.json"
    content = json.loads(path.read_bytes())
    content["items"] = [item for item in content["items"] if item["name"] != "uuidgen"]
    path.write_text(json.dumps(content))
    (tree / "usr/bin/uuidgen").unlink()


INSTALLED: list[tuple[str, Plant, str]] = [
    ("receipt", receipt(phase="installing"), "the installation was interrupted while installing"),
    ("version", receipt(version="0.0.1"),
     f"the installed commands are of version 0.0.1, this is {__version__}"),
    ("interpreter", receipt(python="/nonexistent/python3"),
     "the commands' Python /nonexistent/python3 is not there"),
    ("interpreter", receipt(python="/bin/false"),
     "the commands' Python /bin/false is not 3.11 or newer"),
    ("byte-code", receipt(python="/bin/true"),
     "the byte code is for another Python than /bin/true: commands start slowly"),
    ("changed-file", lambda tree: (tree / "usr/bin/dscl").write_text("#!/bin/sh\n"),
     "/usr/bin/dscl is no longer what was installed"),
    ("filler", _without_uuidgen, "uuidgen: there is no /usr/bin/uuidgen"),
]


@pytest.mark.parametrize(("code", "plant", "said"), INSTALLED)
def test_each_fault_of_an_installation(
    installed: Path, code: str, plant: Plant, said: str
) -> None:
    assert findings(installed) == []
    plant(installed)
    assert [(one.code, one.text) for one in findings(installed)] == [(code, said)]
