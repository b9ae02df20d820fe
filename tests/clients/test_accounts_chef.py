"""The account calls of Chef's providers `group` and `mac_user`, parsed as they parse.

Only the facts of their calls are here (spec dirserv.md 9.2): the words, what they look for in the
answer, and what they do then.
"""

from __future__ import annotations

import base64
import hashlib
import plistlib
import re
from pathlib import Path
from typing import Any

import pytest

from tests.clients.shell import Row, Shell, accounts_shell, play
from tests.faults import whole
from tests.support import group_entries, passwd_entries, put


class DsclFailed(Exception):
    """What Chef raises: a status other than 0, or a word on standard output."""


class Chef:
    """Chef's providers `group` and `mac_user`, as far as they call and parse."""

    def __init__(self, client: Shell) -> None:
        self.client = client

    def dscl(self, verb: str, *words: str, plist: bool = False) -> str:
        """The answer; a deletion may fail."""
        flag = ["-plist"] if plist else []
        result = self.client.run("dscl", *flag, ".", f"-{verb}", *words)
        if verb == "delete" and result.returncode != 0:
            return ""
        if result.returncode != 0 or "No such key: " in result.stdout:
            raise DsclFailed(result)
        return result.stdout

    def group_of(self, name: str) -> tuple[str | None, list[str]]:
        """Gid and members, from every line that has a `: `."""
        gid, members = None, []
        for line in self.dscl("read", f"/Groups/{name}").splitlines():
            key, *rest = line.split(": ")
            match key.lower():
                case "primarygroupid":
                    gid = rest[0].strip()
                case "groupmembership":
                    members = rest[0].split(" ")
        return gid, members

    def make_group(self, name: str, gid: str, members: list[str]) -> None:
        """Make a group; a gid that somebody has is an error."""
        path = f"/Groups/{name}"
        self.dscl("create", path)
        self.dscl("create", path, "Password", "*")
        if re.search(rf"\b{gid}\b", self.dscl("search", "/Groups", "PrimaryGroupID", gid)):
            raise DsclFailed("gid is already in use")
        self.dscl("create", path, "PrimaryGroupID", gid)
        self.dscl("create", path, "GroupMembers", "")
        self.dscl("create", path, "GroupMembership", "")
        if members:
            self.dscl("append", path, "GroupMembership", *members)

    def free(self, type: str, key: str, first: int) -> int:
        """The first number that ends no line of the list."""
        listed = self.dscl("list", f"/{type}", key)
        return next(number for number in range(first, first + 1000)
                    if not re.search(f"{number}\n", listed))

    def user(self, name: str) -> dict[str, Any] | None:
        """The user's property list, its ShadowHashData made readable by plutil."""
        try:
            text = self.dscl("read", f"/Users/{name}", plist=True)
        except DsclFailed:
            return None
        found: dict[str, Any] = plistlib.loads(text.encode())
        if hashes := found.get("dsAttrTypeNative:ShadowHashData"):
            binary = bytes.fromhex(hashes[0].replace(" ", ""))
            xml = self.client.run("plutil", "-convert", "xml1", "-o", "-", "-", input=binary)
            found["hash"] = plistlib.loads(xml.stdout.encode())["SALTED-SHA512-PBKDF2"]
        return found

    def sysadminctl(self, wanted: str, *words: str) -> None:
        """Its status says nothing, so what it says is searched."""
        result = self.client.run("sysadminctl", *words)
        assert result.returncode == 0, result
        assert re.search(wanted, result.stderr.lower()), result

    def make_user(self, name: str, *options: str) -> None:
        """Make a user and wait until he can be read."""
        uid = str(self.free("Users", "uid", 501))
        self.sysadminctl("creating user", "-addUser", name, "-UID", uid, *options)
        self.dscl("read", f"/Users/{name}", "UniqueID", plist=True)

    def set_password(self, name: str, salt: bytes, entropy: bytes, iterations: int) -> None:
        """The hash by way of plutil and dsimport."""
        fields = {"entropy": entropy, "salt": salt, "iterations": iterations}
        xml = plistlib.dumps({"SALTED-SHA512-PBKDF2": fields})
        binary = self.client.run("plutil", "-convert", "binary1", "-o", "-", "-", input=xml)
        data = binary.stdout.encode(errors="surrogateescape")
        file = self.client.root / "import"
        file.write_text("0x0A 0x5C 0x3A 0x2C dsRecTypeStandard:Users 2 "
                        "dsAttrTypeStandard:RecordName base64:dsAttrTypeNative:ShadowHashData\n"
                        f"{name}:{base64.b64encode(data).decode()}\n")
        self.dscl("delete", f"/Users/{name}", "ShadowHashData", plist=True)
        imported = self.client.run("dsimport", str(file), "/Local/Default", "M")
        assert imported.returncode == 0, imported
        self.dscl("create", f"/Users/{name}", "Password", "********", plist=True)


@pytest.fixture
def chef(root: Path, tmp_path: Path) -> Chef:
    """Chef over a root with the user me."""
    put(root, "Users/me", {"UniqueID": ["601"], "PrimaryGroupID": ["20"]})
    return Chef(accounts_shell(root, tmp_path / "commands"))


def test_chef_group(chef: Chef) -> None:
    """The group provider; what it does not find is an error of dscl."""
    with pytest.raises(DsclFailed):
        chef.group_of("ops")
    gid = str(chef.free("Groups", "gid", 200))
    assert gid not in {fields[2] for fields in group_entries(chef.client.root).values()}
    chef.make_group("ops", gid, ["me", "root"])
    assert chef.group_of("ops") == (gid, ["me", "root"])
    assert group_entries(chef.client.root)["ops"] == ["ops", "*", gid, "me,root"]
    with pytest.raises(DsclFailed, match="in use"):
        chef.make_group("other", gid, [])
    chef.dscl("append", "/Groups/ops", "GroupMembership", "daemon", "_www")
    chef.dscl("delete", "/Groups/ops", "GroupMembership", "me", "daemon")
    assert chef.group_of("ops") == (gid, ["root", "_www"])
    assert chef.dscl("delete", "/Groups/ops", "GroupMembership", "me") == ""
    chef.dscl("delete", "/Groups/ops")
    assert chef.dscl("delete", "/Groups/ops") == ""
    assert "ops" not in group_entries(chef.client.root)
    whole.check(chef.client.root)


def test_chef_mac_user(chef: Chef) -> None:
    root = chef.client.root
    assert chef.user("chef") is None
    chef.make_user("chef", "-fullName", "A Chef", "-shell", "/bin/zsh", "-home", "/Users/chef")
    user = chef.user("chef")
    assert user is not None
    assert {key: user[f"dsAttrTypeStandard:{key}"] for key in (
        "UniqueID", "NFSHomeDirectory", "UserShell", "RealName")} == {
        "UniqueID": ["501"], "NFSHomeDirectory": ["/Users/chef"], "UserShell": ["/bin/zsh"],
        "RealName": ["A Chef"]}
    assert "dsAttrTypeNative:IsHidden" not in user
    chef.dscl("create", "/Users/chef", "IsHidden", "1", plist=True)
    chef.dscl("create", "/Users/chef", "PrimaryGroupID", "20", plist=True)
    assert chef.client.run("createhomedir", "-c", "-u", "chef").returncode == 0
    assert (root / "Users/chef").is_dir()
    user = chef.user("chef")
    assert user is not None and user["dsAttrTypeNative:IsHidden"] == ["1"]
    assert passwd_entries(root)["chef"][2:] == [
        "501", "20", "A Chef", "/Users/chef", "/bin/zsh"]
    # The next one.
    chef.make_user("second", "-shell", "/bin/sh", "-home", "/Users/second", "-admin")
    assert passwd_entries(root)["second"][2] == "502"
    whole.check(root)


def test_chef_makes_an_admin(chef: Chef) -> None:
    """It writes the whole list of UUIDs anew, as words."""
    chef.make_user("chef", "-shell", "/bin/sh", "-home", "/Users/chef")
    uuid = chef.user("chef")["dsAttrTypeStandard:GeneratedUID"][0]  # type: ignore[index]

    def admins() -> list[str]:
        group = plistlib.loads(chef.dscl("read", "/Groups/admin", plist=True).encode())
        return group["dsAttrTypeStandard:GroupMembers"]

    before = admins()
    assert uuid not in before
    chef.dscl("create", "/Groups/admin", "GroupMembers", *before, uuid, plist=True)
    assert admins() == [*before, uuid]
    chef.dscl("create", "/Groups/admin", "GroupMembers", *before, plist=True)
    assert admins() == before


def test_chef_sets_a_password(chef: Chef) -> None:
    chef.make_user("chef", "-shell", "/bin/sh", "-home", "/Users/chef")
    salt, rounds = bytes(range(32)), 40000
    entropy = hashlib.pbkdf2_hmac("sha512", b"correct horse", salt, rounds, 128)
    for _ in range(2):
        chef.set_password("chef", salt, entropy, rounds)
        user = chef.user("chef")
        assert user is not None
        assert user["hash"] == {"entropy": entropy, "salt": salt, "iterations": rounds}
    play(
        chef.client, Row("dscl . -authonly chef 'correct horse'"),
        Row("dscl . -authonly chef wrong", 10, stderr=None),
        # Its own test changes the password by the old one.
        Row("dscl . -passwd /Users/chef 'correct horse' other"),
        Row("dscl . -authonly chef other"),
    )
    whole.check(chef.client.root)


def test_chef_locks_and_removes_a_user(chef: Chef) -> None:
    key = "AuthenticationAuthority"
    chef.make_user("chef", "-shell", "/bin/sh", "-home", "/Users/chef", "-password", "secret")

    def tags() -> list[str]:
        user = chef.user("chef")
        assert user is not None
        return user[f"dsAttrTypeStandard:{key}"]

    before = tags()
    chef.dscl("append", "/Users/chef", key, ";DisabledUser;", plist=True)
    assert tags() == [*before, ";DisabledUser;"]
    chef.dscl("create", "/Users/chef", key, "".join(before), plist=True)
    assert tags() == ["".join(before)]
    for _ in range(2):
        chef.sysadminctl("deleting record|not found", "-deleteUser", "chef", "-keepHome")
    assert chef.user("chef") is None
    assert "chef" not in passwd_entries(chef.client.root)
