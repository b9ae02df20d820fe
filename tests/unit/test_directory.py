"""The directory: first use, lookups, what changes show in the projected files."""

from __future__ import annotations

import os
import plistlib
import stat
from pathlib import Path

import biplist
import pytest

from dirserv.errors import NoDirectory
from dirserv.names import GROUPS, MEMBERSHIP, PRIMARY_GROUP_ID, SHELL, UNIQUE_ID, USERS
from dirserv.paths import Root, find_root
from tests.support import directory, group_entries, passwd_entries, put

DSLOCAL = "private/var/db/dslocal/nodes/Default"


def test_first_use_seeds_the_accounts_of_macos(root: Path) -> None:
    found = directory(root)
    assert len(found.records(USERS)) == 132
    assert len(found.records(GROUPS)) == 161
    nobody = found.find(USERS, "nobody")
    assert nobody is not None and nobody.first(UNIQUE_ID) == "-2"
    admin = found.find(GROUPS, "builtin\\administrators")
    assert admin is not None and admin.name == "admin"
    root_user = found.find(USERS, "root")
    assert root_user is not None
    assert root_user.values("dsAttrTypeStandard:NFSHomeDirectory") == [
        "/var/root", "/private/var/root"
    ]


def test_first_use_keeps_what_the_flat_files_hold(tmp_path: Path) -> None:
    etc = tmp_path / "private/etc"
    etc.mkdir(parents=True)
    (etc / "passwd").write_text("root:*:0:0:Charlie Root:/root:/bin/bash\n"
                                "me:*:70:20:Me:/Users/me:/bin/zsh\n")
    (etc / "group").write_text("wheel:*:0:root,me\nmine:*:12:me\n")
    found = directory(tmp_path)
    root_user, me = found.find(USERS, "root"), found.find(USERS, "me")
    assert root_user is not None and root_user.first(SHELL) == "/bin/bash"
    assert me is not None and me.first(UNIQUE_ID) == "70"
    # An id that is taken by another name leaves the built-in record out: no two for one id.
    assert found.find(USERS, "_www") is None
    assert found.find(GROUPS, "everyone") is None
    wheel = found.find(GROUPS, "wheel")
    assert wheel is not None and wheel.values(MEMBERSHIP) == ["root", "me"]
    assert passwd_entries(tmp_path)["me"] == ["me", "*", "70", "20", "Me", "/Users/me", "/bin/zsh"]
    assert group_entries(tmp_path)["wheel"][3] == "root,me"


def test_every_file_has_its_mode(root: Path) -> None:
    modes = {
        "private/etc/passwd": 0o644,
        "private/etc/group": 0o644,
        "private/etc/master.passwd": 0o600,
        "private/var/db/dirserv": 0o700,
        "private/var/db/dirserv/directory.sqlite": 0o600,
        "private/var/db/dirserv.snapshot": 0o644,
        DSLOCAL + "/users": 0o700,
        DSLOCAL + "/users/root.plist": 0o600,
    }
    found = {name: stat.S_IMODE((root / name).stat().st_mode) for name in modes}
    assert found == modes


def test_a_user_shows_in_every_file(root: Path) -> None:
    with directory(root).change() as change:
        user = change.new(USERS, "alice")
        assert user is not None
        change.set(user, UNIQUE_ID, ["501"])
    assert "alice" not in passwd_entries(root), "without a gid there is no line"
    with directory(root).change() as change:
        change.set(change.find(USERS, "alice"), PRIMARY_GROUP_ID, ["20"])
    expected = ["alice", "*", "501", "20", "", "/var/empty", "/usr/bin/false"]
    assert passwd_entries(root)["alice"] == expected
    assert "alice:*:501:20::0:0::/var/empty:/usr/bin/false\n" in (
        root / "private/etc/master.passwd"
    ).read_text()
    plist = root / DSLOCAL / "users/alice.plist"
    content = plistlib.loads(plist.read_bytes())
    assert (content["name"], content["uid"], content["gid"]) == (["alice"], ["501"], ["20"])
    assert biplist.readPlist(str(plist)) == content


def test_a_deleted_user_is_gone_everywhere_but_stays_in_groups(root: Path) -> None:
    put(root, "Users/alice", {"uid": ["501"], "gid": ["20"]})
    put(root, "Groups/devs", {"gid": ["701"], "users": ["alice"]})
    with directory(root).change() as change:
        change.delete(change.find(USERS, "alice"))
    assert "alice" not in passwd_entries(root)
    assert not (root / DSLOCAL / "users/alice.plist").exists()
    assert group_entries(root)["devs"] == ["devs", "*", "701", "alice"]


def test_a_renamed_record_moves_its_file_and_line(root: Path) -> None:
    put(root, "Users/nixbld1", {"uid": ["30001"], "gid": ["20"]})
    with directory(root).change() as change:
        user = change.find(USERS, "nixbld1")
        change.replace(user, "dsAttrTypeStandard:RecordName", "nixbld1", "_nixbld1")
    assert directory(root).find(USERS, "nixbld1") is None
    assert passwd_entries(root)["_nixbld1"][2] == "30001"
    assert "nixbld1" not in passwd_entries(root)
    names = sorted(path.name for path in (root / DSLOCAL / "users").glob("*nixbld1*"))
    assert names == ["_nixbld1.plist"]


def test_a_slash_in_a_name_is_no_directory(root: Path) -> None:
    put(root, "Users/../evil", {"uid": ["502"], "gid": ["20"]})
    assert (root / DSLOCAL / "users/..%2Fevil.plist").exists()
    assert not (root / DSLOCAL / "evil.plist").exists()


def test_an_exception_leaves_no_trace(root: Path) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(RuntimeError), directory(root).change() as change:
        change.new(USERS, "alice")
        raise RuntimeError
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_only_what_changed_is_rewritten(root: Path) -> None:
    put(root, "Users/alice", {"uid": ["501"], "gid": ["20"]})
    watched = [root / "private/etc/passwd", root / "private/etc/group",
               root / DSLOCAL / "users/root.plist"]
    before = [path.stat().st_ino for path in watched]
    with directory(root).change() as change:
        change.set(change.find(USERS, "alice"), "dsAttrTypeNative:IsHidden", ["1"])
    assert [path.stat().st_ino for path in watched] == before


def test_a_reader_without_rights_and_without_a_directory_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIRSERV_EUID", "501")
    with pytest.raises(NoDirectory):
        directory(tmp_path).find(USERS, "root")
    assert list(tmp_path.iterdir()) == []


def test_a_host_is_never_touched_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIRSERV_ROOT", raising=False)
    monkeypatch.setattr(Root, "initialised", lambda self: False)
    with pytest.raises(NoDirectory, match="set DIRSERV_ROOT"):
        find_root(None)


def test_paths_are_those_inside_the_root(tmp_path: Path) -> None:
    root = Root(str(tmp_path))
    assert root.host("/etc/x") == f"{tmp_path}/etc/x"
    assert root.host(f"{tmp_path}/etc/x") == f"{tmp_path}/etc/x"
    assert root.host("x") == f"{tmp_path}{os.getcwd()}/x"
    assert Root("/").host("/etc/x") == "/etc/x"
