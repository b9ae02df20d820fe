"""Outside edits of the projected files become changes of the directory."""

from __future__ import annotations

import os
import plistlib
import shutil
from pathlib import Path

import pytest

from dirserv.names import GENERATED_UID, GROUPS, MEMBERS, REAL_NAME, SHELL, UNIQUE_ID, USERS
from dirserv.record import Record
from tests.support import directory, group_entries, passwd_entries, put, run

USERS_DIR = "private/var/db/dslocal/nodes/Default/users"


@pytest.fixture
def alice(root: Path) -> Path:
    """A root with the user alice and the group devs."""
    put(root, "Users/alice", {"uid": ["501"], "gid": ["20"], "realname": ["Alice A"],
                              "shell": ["/bin/zsh"], "generateduid": ["AAAA"], "hint": ["h"]})
    put(root, "Groups/devs", {"gid": ["701"], "users": ["alice"], "groupmembers": ["AAAA"]})
    return root


def edit(path: Path, old: str, new: str) -> None:
    """Replace text in a file the way an editor does: a new file in the old one's place."""
    content = path.read_text()
    assert old in content
    fresh = path.with_name(path.name + "~")
    fresh.write_text(content.replace(old, new))
    fresh.chmod(path.stat().st_mode)
    fresh.rename(path)


def user(root: Path, name: str = "alice") -> Record:
    record = directory(root).find(USERS, name)
    assert record is not None
    return record


@pytest.mark.parametrize("file", ["passwd", "master.passwd"])
def test_a_changed_line(alice: Path, file: str) -> None:
    edit(alice / "private/etc" / file, "/bin/zsh", "/bin/fish")
    assert user(alice).first(SHELL) == "/bin/fish"
    assert user(alice).first("dsAttrTypeStandard:AuthenticationHint") == "h", "the rest stays"
    for name in ("passwd", "master.passwd"):
        assert "/bin/fish" in (alice / "private/etc" / name).read_text()
    assert b"/bin/fish" in (alice / USERS_DIR / "alice.plist").read_bytes()


def test_an_edit_survives_our_own_change(alice: Path) -> None:
    edit(alice / "private/etc/passwd", ":/bin/zsh", ":/bin/fish")
    assert run(alice, "dscl", ".", "-create", "/Users/bob", "UniqueID", "502").returncode == 0
    assert user(alice).first(SHELL) == "/bin/fish"
    assert user(alice, "bob").first(UNIQUE_ID) == "502"


def test_an_added_line_is_a_new_user(alice: Path) -> None:
    with (alice / "private/etc/passwd").open("a") as file:
        file.write("carol:*:503:20:Carol:/Users/carol:/bin/sh\n")
    assert user(alice, "carol").first(UNIQUE_ID) == "503"
    assert len(user(alice, "carol").first(GENERATED_UID)) == 36
    assert "carol:*:503:20::0:0:Carol" in (alice / "private/etc/master.passwd").read_text()


def test_a_removed_line_removes_the_user(alice: Path) -> None:
    edit(alice / "private/etc/passwd", "alice:*:501:20:Alice A:/var/empty:/bin/zsh\n", "")
    assert directory(alice).find(USERS, "alice") is None
    assert "alice" not in (alice / "private/etc/master.passwd").read_text()
    assert not (alice / USERS_DIR / "alice.plist").exists()


def test_a_line_with_another_name_renames_the_user(alice: Path) -> None:
    edit(alice / "private/etc/passwd", "alice:*:501", "alicia:*:501")
    assert directory(alice).find(USERS, "alice") is None
    assert user(alice, "alicia").first(GENERATED_UID) == "AAAA"


def test_members_added_by_hand_get_their_uuid(alice: Path) -> None:
    put(alice, "Users/bob", {"uid": ["502"], "gid": ["20"], "generateduid": ["BBBB"]})
    edit(alice / "private/etc/group", "devs:*:701:alice", "devs:*:701:bob")
    group = directory(alice).find(GROUPS, "devs")
    assert group is not None
    assert (group.values("dsAttrTypeStandard:GroupMembership"), group.values(MEMBERS)) == (
        ["bob"], ["BBBB"]
    )


def test_a_password_hash_by_hand_is_kept_and_stays_secret(alice: Path) -> None:
    edit(alice / "private/etc/master.passwd", "alice:*:501:20::0:0:",
         "alice:$6$salt$hash:501:20:staff:1:2:")
    assert user(alice).secret == ("dsAttrTypeNative:master_passwd",)
    assert run(alice, "dscl", ".", "-create", "/Users/alice", "hint", "x").returncode == 0
    assert "alice:$6$salt$hash:501:20:staff:1:2:" in (
        alice / "private/etc/master.passwd"
    ).read_text()
    for public in ("private/etc/passwd", "private/var/db/dirserv.snapshot"):
        assert b"$6$salt" not in (alice / public).read_bytes()


@pytest.mark.parametrize("damage", ["remove", "empty", "link"])
def test_a_damaged_file_is_projected_anew(alice: Path, damage: str, tmp_path: Path) -> None:
    path = alice / "private/etc/passwd"
    before = path.read_bytes()
    path.unlink()
    if damage == "empty":
        path.write_text("")
    if damage == "link":
        (tmp_path / "elsewhere").write_text("evil:*:0:0::/:/bin/sh\n")
        path.symlink_to(tmp_path / "elsewhere")
    assert user(alice).first(UNIQUE_ID) == "501"
    assert directory(alice).find(USERS, "evil") is None
    assert path.read_bytes() == before and not path.is_symlink()
    if damage == "link":
        assert (tmp_path / "elsewhere").read_text() == "evil:*:0:0::/:/bin/sh\n"


@pytest.mark.parametrize("format", [plistlib.FMT_XML, plistlib.FMT_BINARY])
@pytest.mark.parametrize("in_place", [True, False])
def test_a_rewritten_plist(alice: Path, format: plistlib.PlistFormat, in_place: bool) -> None:
    path = alice / USERS_DIR / "alice.plist"
    content = plistlib.loads(path.read_bytes())
    content["realname"] = ["Alice by Puppet"]
    content["ShadowHashData"] = [b"hash"]
    del content["hint"]
    if not in_place:
        path.unlink()
    path.write_bytes(plistlib.dumps(content, fmt=format))
    found = user(alice)
    assert found.first(REAL_NAME) == "Alice by Puppet"
    assert directory(alice).secrets(found) == {"dsAttrTypeNative:ShadowHashData": [b"hash"]}
    assert "dsAttrTypeStandard:AuthenticationHint" not in found.attributes
    assert passwd_entries(alice)["alice"][4] == "Alice by Puppet"


def test_a_plist_edit_is_seen_by_a_list_of_all(alice: Path) -> None:
    path = alice / USERS_DIR / "alice.plist"
    content = plistlib.loads(path.read_bytes())
    path.write_bytes(plistlib.dumps(content | {"shell": ["/bin/ksh"]}))
    assert "/bin/ksh" in run(alice, "dscl", ".", "-list", "/Users", "UserShell").stdout


def test_a_plist_edit_is_not_lost_by_a_change_of_the_same_record(alice: Path) -> None:
    path = alice / USERS_DIR / "alice.plist"
    content = plistlib.loads(path.read_bytes())
    path.write_bytes(plistlib.dumps(content | {"shell": ["/bin/ksh"]}))
    assert run(alice, "dscl", ".", "-create", "/Users/alice", "RealName", "B").returncode == 0
    assert (user(alice).first(SHELL), user(alice).first(REAL_NAME)) == ("/bin/ksh", "B")


def test_a_new_plist_is_a_new_record_and_a_removed_one_removes_it(alice: Path) -> None:
    users = alice / USERS_DIR
    content = plistlib.loads((users / "alice.plist").read_bytes())
    new = {**content, "name": ["dora"], "uid": ["509"], "generateduid": ["DDDD"]}
    (users / "dora.plist").write_bytes(plistlib.dumps(new))
    assert user(alice, "dora").first(UNIQUE_ID) == "509"
    assert "dora" in passwd_entries(alice)
    (users / "dora.plist").unlink()
    assert directory(alice).find(USERS, "dora") is None
    assert "dora" not in passwd_entries(alice)


def test_a_plist_that_is_no_record_is_projected_anew(alice: Path) -> None:
    path = alice / USERS_DIR / "alice.plist"
    before = plistlib.loads(path.read_bytes())
    path.write_bytes(b"bplist00 garbage")
    os.utime(path, (1, 1))
    assert user(alice).first(UNIQUE_ID) == "501"
    assert plistlib.loads(path.read_bytes()) == before


def test_a_half_written_plist_is_given_time(alice: Path) -> None:
    path = alice / USERS_DIR / "alice.plist"
    path.write_bytes(b"<?xml version='1.0'?><plist>")
    assert user(alice).first(UNIQUE_ID) == "501"
    assert path.read_bytes() == b"<?xml version='1.0'?><plist>", "its writer is not done"


def test_a_lost_node_directory_is_projected_anew(alice: Path) -> None:
    shutil.rmtree(alice / "private/var/db/dslocal")
    assert user(alice).first(UNIQUE_ID) == "501"
    assert len(list((alice / USERS_DIR).glob("*.plist"))) == 133


def test_a_lost_snapshot_is_made_anew_from_the_database(alice: Path) -> None:
    (alice / "private/var/db/dirserv.snapshot").unlink()
    assert user(alice).first(SHELL) == "/bin/zsh"
    with (alice / "private/etc/group").open("a") as file:
        file.write("extra:*:900:\n")
    (alice / "private/var/db/dirserv.snapshot").unlink()
    assert directory(alice).find(GROUPS, "extra") is not None, "nothing is lost"
    assert group_entries(alice)["extra"][2] == "900"


def test_a_copied_root_works_as_it_is(alice: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(alice, copy, symlinks=True)
    assert user(copy).first(SHELL) == "/bin/zsh"
    assert run(copy, "dscl", ".", "-create", "/Users/alice", "shell", "/x").returncode == 0
    assert passwd_entries(copy)["alice"][6] == "/x"
    assert passwd_entries(alice)["alice"][6] == "/bin/zsh"


def test_a_repair_leaves_everything_in_step(alice: Path) -> None:
    edit(alice / "private/etc/passwd", "/bin/zsh", "/bin/fish")
    user(alice)
    before = {path: path.stat().st_ino for path in (alice / USERS_DIR).iterdir()}
    assert run(alice, "dscl", ".", "-create", "/Users/alice", "RealName", "B").returncode == 0
    after = {path: path.stat().st_ino for path in (alice / USERS_DIR).iterdir()}
    changed = {path.name for path in before if before[path] != after[path]}
    assert changed == {"alice.plist"}
