"""Salt's modules for users, groups and passwords on macOS, unmodified, on our directory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients import accounts, salt
from tests.clients.accounts import content
from tests.clients.conftest import fetched
from tests.clients.salt import says, table
from tests.darwin.fixture import counted_root
from tests.darwin.root import DarwinRoot

pytestmark = pytest.mark.root

WORKER: dict[str, Any] = {
    "name": "worker", "uid": 721, "gid": 20, "groups": ["builders", "staff"],
    "home": "/Users/worker", "shell": "/bin/zsh", "fullname": "A worker",
}
CHANGED: dict[str, Any] = {
    "name": "worker", "uid": 731, "gid": 720, "groups": ["admin", "builders", "staff"],
    "home": "/Users/w", "shell": "/bin/bash", "fullname": "Ä b",
}
NEXT: dict[str, Any] = {
    "name": "next", "uid": 502, "gid": 20, "groups": ["staff"], "home": "/Users/next",
    "shell": "/bin/bash", "fullname": "",
}
SHADOW: dict[str, Any] = {
    "name": "keeper", "passwd": "*", "login_failed_count": "0", "login_failed_last": "0",
    "lstchg": "0", "max": 0, "expire": "Value not set", "change": "Value not set",
    "min": "Unavailable", "warn": "Unavailable", "inact": "Unavailable",
}


@pytest.fixture(scope="module")
def salt_root(root_possible: None, request: pytest.FixtureRequest) -> Iterator[DarwinRoot]:
    """A root with Salt."""
    packages = fetched(salt.source), fetched(salt.needed)
    with counted_root(request.node.nodeid) as root:
        salt.prepare(root, *packages)
        yield root


def has(*wanted: object) -> Any:
    """A list that holds these."""
    return lambda answer: all(item in answer for item in wanted)


def group(members: list[str], gid: int = 720) -> dict[str, Any]:
    """What Salt says of the group builders."""
    return {"name": "builders", "gid": gid, "passwd": "*", "members": members}


def recent(answer: str) -> bool:
    """A local time of this minute or the last, as Salt writes it."""
    then = time.mktime(time.strptime(answer, "%Y-%m-%d %H:%M:%S"))
    return time.time() - 120 < then < time.time() + 1


def test_users(salt_root: DarwinRoot) -> None:
    """user.add is five creates, the rest `-change`; what is asked for comes from the C library."""
    table(
        salt_root,
        (["group.add", "builders", 720], True), (["user.info", "worker"], {}),
        (["user.add", "worker", 721, 20, ["builders"], "/Users/worker", "/bin/zsh", "A worker"],
         True),
        (["user.info", "worker"], WORKER), (["user.add", "worker"], says("already exists")),
        (["user.add", "next", None, None, None, None, None, None, False], True),
        (["user.info", "next"], NEXT), (["user.getent"], has(WORKER, NEXT)),
        (["user.list_users"], has("root", "me", "worker", "next", "_www")),
        (["user.list_groups", "worker"], WORKER["groups"]),
        (["user.primary_group", "worker"], "staff"),
        (["user.chuid", "worker", 731], True), (["user.chuid", "worker", 731], True),
        (["user.chuid", "worker", 502], False),  # -14135: another has it
        (["user.chuid", "nobody2", 3], says("does not exist")),
        (["user.chgid", "worker", 720], True), (["user.chshell", "worker", "/bin/bash"], True),
        (["user.chhome", "worker", "/Users/w"], True),
        (["user.chfullname", "worker", "Ä b"], True), (["user.chfullname", "next", "N"], True),
        (["user.chgroups", "worker", ["admin", "staff"]], True),
        (["user.info", "worker"], CHANGED),
    )
    found = accounts.directory(salt_root)
    assert content(found, "Users/worker") == {
        "RecordName": "worker", "UniqueID": "731", "PrimaryGroupID": "720", "RealName": "Ä b",
        "Password": "********", "NFSHomeDirectory": "/Users/w", "UserShell": "/bin/bash"}
    assert found["Groups/staff"]["GroupMembership"] == ["root", "worker"]
    assert found["Groups/admin"]["GroupMembership"][-1] == "worker"
    assert found["Groups/builders"]["GroupMembership"] == ["worker"]  # his primary group now
    assert salt_root.must("stat", "-c", "%u %g", "/Users/worker") == "721 20\n"


def test_a_user_is_renamed_and_deleted(salt_root: DarwinRoot) -> None:
    """Salt 3008 takes a user's name for no part of what it knows of him, so it doubts itself."""
    table(
        salt_root,
        (["user.add", "old", 750, 20, ["wheel"]], True), (["user.rename", "old", "new"], False),
        (["user.info", "old"], {}),
        (["user.info", "new"], {"name": "new", "uid": 750, "gid": 20, "groups": ["staff"],
                                "home": "/Users/old", "shell": "/bin/bash", "fullname": ""}),
        (["user.rename", "old", "newer"], says("does not exist")),
        (["user.add", "gone", 751], True), (["user.rename", "gone", "new"], says("already")),
    )
    found = accounts.directory(salt_root)
    # As on macOS, a group goes on to name who is called otherwise now.
    assert found["Groups/wheel"]["GroupMembership"][-1] == "old"
    assert content(found, "Users/new") == {
        "RecordName": "new", "UniqueID": "750", "PrimaryGroupID": "20", "Password": "********",
        "NFSHomeDirectory": "/Users/old", "UserShell": "/bin/bash"}
    table(
        salt_root,
        (["user.chgroups", "gone", "wheel", True], True),
        (["user.chgroups", "gone", "admin", True], False),  # for it is in wheel as well
        (["user.delete", "gone", True], True), (["user.delete", "gone"], True),
        (["user.info", "gone"], {}), (["user.delete", "new"], True),
    )
    found = accounts.directory(salt_root)
    assert not {"Users/gone", "Users/new", "Users/old"} & set(found)
    assert all("gone" not in found[f"Groups/{name}"]["GroupMembership"]
               for name in ("wheel", "admin"))
    assert not salt_root.exists("/Users/gone") and salt_root.exists("/Users/old")


def test_groups(salt_root: DarwinRoot) -> None:
    table(
        salt_root,
        (["group.delete", "builders"], True), (["group.info", "builders"], {}),
        (["group.add", "builders", 720], True), (["group.info", "builders"], group([])),
        (["group.add", "builders", 721], says("already exists")),
        # It finds the numbers in the answer of `dscacheutil -q group`.
        (["group.add", "other", 720], says("gid '720' already exists")),
        (["group.add", "_other", 722], says("underscore")),
        (["group.adduser", "builders", "me"], True), (["group.adduser", "builders", "me"], True),
        (["group.adduser", "builders", "root"], True),
        (["group.info", "builders"], group(["me", "root"])),
        (["group.getent"], has(group(["me", "root"]))),
        (["group.deluser", "builders", "me"], True), (["group.deluser", "builders", "me"], False),
        (["group.adduser", "no-group", "me"], False),
        (["group.members", "builders", "me,daemon"], True),
        (["group.info", "builders"], group(["me", "daemon"])),
        # `-merge` without a value is wrong, but the old ones are gone by then.
        (["group.members", "builders", ""], False), (["group.info", "builders"], group([])),
        (["group.members", "builders", "me"], True),
        (["group.chgid", "builders", 740], True), (["group.chgid", "builders", 740], True),
        (["group.chgid", "builders", 20], False), (["group.chgid", "none", 3], says("does not")),
        (["group.info", "builders"], group(["me"], 740)), (["group.add", "auto"], True),
    )
    found = accounts.directory(salt_root)
    assert content(found, "Groups/builders") == {
        "RecordName": "builders", "PrimaryGroupID": "740", "GroupMembership": "me"}
    assert content(found, "Groups/auto") == {
        "RecordName": "auto", "PrimaryGroupID": "502"}
    table(salt_root, (["group.delete", "builders"], True), (["group.delete", "builders"], True),
          (["group.delete", "auto"], True))
    assert not {"Groups/builders", "Groups/auto"} & set(accounts.directory(salt_root))


def test_passwords(salt_root: DarwinRoot) -> None:
    """Times come from `dscl -readpl accountPolicyData`, limits from `pwpolicy -getpolicy`."""
    table(
        salt_root, (["user.add", "keeper", 760], True),
        (["shadow.info", "keeper"], lambda answer: recent(answer.pop("account_created"))
         and answer == SHADOW),
        (["shadow.info", "nobody2"], dict.fromkeys([*SHADOW, "account_created"], "")),
        (["shadow.set_password", "keeper", "correct horse"], True),
        (["shadow.get_last_change", "keeper"], recent),
        (["shadow.set_maxdays", "keeper", 90], True), (["shadow.set_mindays", "keeper", 1], False),
        (["shadow.set_change", "keeper", "09/21/2030"], True),
        (["shadow.set_expire", "keeper", "07/23/2031"], True),
        (["shadow.get_maxdays", "keeper"], 90.0),
        *((call, says("User not found: nobody2")) for call in (
            ["shadow.set_password", "nobody2", "x"], ["shadow.set_maxdays", "nobody2", 3],
            ["shadow.get_last_change", "nobody2"], ["shadow.del_password", "nobody2"])),
    )
    asked = ["dscl", ".", "-authonly", "keeper"]
    assert salt_root.run([*asked, "correct horse"]).returncode == 0
    assert salt_root.run([*asked, "wrong"]).returncode == 10
    table(
        salt_root,
        (["shadow.info", "keeper"], lambda answer: answer["max"] == 90.0
         and (answer["change"], answer["expire"]) == ("09/21/2030", "07/23/2031")),
        (["shadow.del_password", "keeper"], True),
    )
    assert salt_root.run([*asked, ""]).returncode == 0
    assert accounts.directory(salt_root)["Users/keeper"]["Password"] == ["*"]
