"""sysadminctl -deleteUser (spec/dirserv.md 4.5)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import group_entries, passwd_entries, put
from tests.unit.accounts_support import exists, sysadminctl, values

LAST = ("User {} can not be deleted (it's either last admin user or last secure token user "
        "neither of which can be deleted)")


@pytest.fixture
def bob(root: Path) -> Path:
    """The home of an account bob (502) beside an administrator (501); returns its path."""
    put(root, "Users/owner", {"UniqueID": ["501"], "PrimaryGroupID": ["20"]})
    put(root, "Groups/admin", {"PrimaryGroupID": ["80"], "GroupMembership": ["root", "owner"]})
    account(root, "bob", 502, "/Users/bob")
    home = root / "Users/bob"
    (home / "Documents").mkdir(parents=True)
    (home / "Documents/letter").write_text("text")
    return home


def account(root: Path, name: str, uid: int, home: str) -> None:
    put(root, f"Users/{name}", {
        "UniqueID": [str(uid)], "PrimaryGroupID": ["20"], "NFSHomeDirectory": [home],
        "GeneratedUID": [f"00000000-0000-4000-8000-00000000{uid:04}"]})


def lines(name: str, uid: int, *home: str) -> list[str]:
    return [f"Killing all processes for UID {uid}", *home,
            f"Deleting Public share point for {name}", f"Deleting record for {name}"]


@pytest.mark.parametrize(("option", "verb"), [
    ([], "Removing"), (["-secure"], "Securely removing"), (["-keepHome"], None),
])
def test_the_account_and_its_home(
    root: Path, bob: Path, option: list[str], verb: str | None
) -> None:
    home = [f"{verb} bob's home at /Users/bob"] if verb else []
    assert sysadminctl(root, "-deleteUser", "bob", *option) == lines("bob", 502, *home)
    assert not exists(root, "Users/bob")
    assert "bob" not in passwd_entries(root)
    assert bob.exists() == (verb is None)
    assert (root / "Users").is_dir()


def test_memberships_go_with_it(root: Path, bob: Path) -> None:
    uuid = values(root, "Users/bob", "GeneratedUID")[0]
    put(root, "Groups/crew", {
        "PrimaryGroupID": ["600"], "GroupMembership": ["owner", "bob"],
        "GroupMembers": [uuid, "X"]})
    put(root, "Groups/names", {"PrimaryGroupID": ["601"], "GroupMembership": ["bob"]})
    put(root, "Groups/uuids", {"PrimaryGroupID": ["602"], "GroupMembers": [uuid]})
    sysadminctl(root, "-deleteUser", "bob")
    assert values(root, "Groups/crew", "GroupMembership") == ["owner"]
    assert values(root, "Groups/crew", "GroupMembers") == ["X"]
    assert values(root, "Groups/names", "GroupMembership") == []
    assert values(root, "Groups/uuids", "GroupMembers") == []
    assert group_entries(root)["crew"][3] == "owner"


def test_an_unknown_user(root: Path) -> None:
    assert sysadminctl(root, "-deleteUser", "nobody2") == ["User named 'nobody2' not found."]


def test_a_user_by_an_alias_is_called_by_name(root: Path, bob: Path) -> None:
    put(root, "Users/carl", {"RecordName": ["carl", "charles"], "UniqueID": ["503"]})
    assert sysadminctl(root, "-deleteUser", "Charles") == lines("carl", 503)


def test_a_record_without_an_id_or_a_home(root: Path, bob: Path) -> None:
    put(root, "Users/carl", {})
    assert sysadminctl(root, "-deleteUser", "carl") == lines("carl", 0)[1:]


def test_the_last_administrator_stays(root: Path, bob: Path) -> None:
    assert sysadminctl(root, "-deleteUser", "owner") == [LAST.format("owner")]
    assert exists(root, "Users/owner")


def test_the_last_administrator_but_one_may_go(root: Path, bob: Path) -> None:
    put(root, "Groups/admin", {
        "PrimaryGroupID": ["80"], "GroupMembership": ["root", "owner", "bob"]})
    assert sysadminctl(root, "-deleteUser", "owner") == lines("owner", 501)
    assert sysadminctl(root, "-deleteUser", "bob") == [LAST.format("bob")]
    assert bob.is_dir()


def test_root_is_no_other_administrator_and_stays_itself(root: Path, bob: Path) -> None:
    assert sysadminctl(root, "-deleteUser", "root") == [LAST.format("root")]


def test_the_last_secure_token_stays(root: Path, bob: Path) -> None:
    token = {"AuthenticationAuthority": [";ShadowHash;", ";SecureToken;"]}
    put(root, "Users/one", {"UniqueID": ["510"], **token})
    put(root, "Users/two", {"UniqueID": ["511"], **token})
    assert sysadminctl(root, "-deleteUser", "two") == lines("two", 511)
    assert sysadminctl(root, "-deleteUser", "one") == [LAST.format("one")]


@pytest.mark.parametrize(("home", "reason"), [
    ("/", "it belongs to the system"),
    ("/Users", "it belongs to the system"),
    ("/var/empty", "it belongs to the system"),
    ("relative", "the path is not absolute"),
    ("/Users/bob", "another user's home is /Users/bob"),
    ("/Users/bob/Documents", "another user's home is /Users/bob"),
])
def test_homes_that_are_kept(root: Path, bob: Path, home: str, reason: str) -> None:
    account(root, "carl", 503, home)
    assert sysadminctl(root, "-deleteUser", "carl") == lines(
        "carl", 503, f"carl's home at {home} is not removed: {reason}")
    assert not exists(root, "Users/carl")
    assert (bob / "Documents/letter").read_text() == "text"


def test_a_home_that_is_a_link_is_kept(root: Path, bob: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/kept").touch()
    (root / "Users/carl").symlink_to(tmp_path / "outside")
    account(root, "carl", 503, "/Users/carl")
    assert sysadminctl(root, "-deleteUser", "carl") == [
        *lines("carl", 503, "Removing carl's home at /Users/carl"),
        "Home directory at /Users/carl is not removed: a symbolic link or a file is in the way"]
    assert os.listdir(tmp_path / "outside") == ["kept"]
    assert not exists(root, "Users/carl")


def test_a_refused_change_leaves_record_and_home(root: Path, bob: Path) -> None:
    (root / "private/etc/ptmp").touch()
    said = sysadminctl(root, "-deleteUser", "bob")
    assert said[0].startswith("### Error:-14483 File:/AppleInternal/")
    assert said[1].startswith("/private/etc/ptmp exists: ")
    (root / "private/etc/ptmp").unlink()
    assert exists(root, "Users/bob")
    assert (bob / "Documents/letter").exists()


def test_what_was_added_is_gone_without_a_trace(root: Path, bob: Path) -> None:
    flat, groups = passwd_entries(root), group_entries(root)
    sysadminctl(root, "-addUser", "carl", "-admin")
    assert passwd_entries(root) != flat
    sysadminctl(root, "-deleteUser", "carl")
    assert passwd_entries(root) == flat
    assert group_entries(root) == groups
    assert os.listdir(root / "Users") == ["bob"]
