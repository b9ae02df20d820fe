"""The account calls of nix-darwin and of the two Rust installers, parsed as they parse.

Only the facts of their calls are here (spec installers.md 3.3 and 4): the words, what they look
for in the answer, and what they do then.
"""

from __future__ import annotations

import plistlib
import re
from pathlib import Path

import pytest

from tests.clients.shell import Row, Shell, accounts_shell, play
from tests.faults import whole
from tests.support import group_entries, passwd_entries, put

GID = 350


@pytest.fixture
def client(root: Path, tmp_path: Path) -> Shell:
    """A root and a client of the account commands."""
    return accounts_shell(root, tmp_path / "commands")


def must(client: Shell, *argv: str) -> str:
    """The standard output of a call whose failure ends the client's run."""
    result = client.run(*argv)
    assert result.returncode == 0, result
    return result.stdout


# -- the Rust installers -------------------------------------------------------------------------

def create_user(client: Shell, name: str, uid: int, gid: int = GID) -> None:
    """The seven calls that make a build user; no answer but success lets them go on."""
    must(client, "dscl", ".", "-create", f"/Users/{name}")
    for key, value in (("UniqueID", str(uid)), ("PrimaryGroupID", str(gid)),
                       ("NFSHomeDirectory", "/var/empty"), ("UserShell", "/sbin/nologin"),
                       ("RealName", name), ("IsHidden", "1")):
        must(client, "dscl", ".", "-create", f"/Users/{name}", key, value)


def add_user_to_group(client: Shell, name: str, group: str) -> None:
    """First the name alone, then dseditgroup for the same name."""
    must(client, "dscl", ".", "-append", f"/Groups/{group}", "GroupMembership", name)
    must(client, "dseditgroup", "-o", "edit", "-a", name, group)


def membership(client: Shell, name: str, group: str) -> str:
    """What they make of checkmember."""
    result = client.run("dseditgroup", "-o", "checkmember", "-m", name, group)
    match result.returncode:
        case 0:
            return "member"
        case 64 if "Group not found" in result.stderr:
            return "group to be made"
        case 67:
            return "to be added"
    raise AssertionError(result)


def delete_user(client: Shell, name: str) -> str:
    """What they make of a deletion."""
    result = client.run("dscl", ".", "-delete", f"/Users/{name}")
    match result.returncode:
        case 0:
            return "deleted"
        case 40 if "-14120" in result.stderr:
            return "not permitted"
        case 185 if "-14009 (eDSUnknownNodeName)" in result.stderr:
            return "already gone"
    raise AssertionError(result)


def group_plist(client: Shell, group: str) -> tuple[list[str], int]:
    """Members and gid as `repair sequoia` takes them: two arrays of strings must be there."""
    text = must(client, "dscl", "-plist", ".", "-read", f"/Groups/{group}")
    record = plistlib.loads(text.encode())
    members = record["dsAttrTypeStandard:GroupMembership"]
    gids = record["dsAttrTypeStandard:PrimaryGroupID"]
    assert all(type(value) is str for value in [*members, *gids])
    return sorted(members, key=_number), int(gids[0])


def _number(name: str) -> int:
    found = re.search(r"\d+$", name)
    return int(found.group()) if found else 0


def repair_sequoia(client: Shell, group: str, base: int) -> list[str]:
    """Move the users to base+1 and on by way of 31000; returns those that had been missing."""
    members, gid = group_plist(client, group)
    missing = [name for name in members
               if client.run("dscl", ".", "-read", f"/Users/{name}").returncode != 0]
    for index, name in enumerate(members, 1):
        if name not in missing:
            must(client, "dscl", ".", "-create", f"/Users/{name}", "UniqueID",
                 str(31000 + index))
    for index, name in enumerate(members, 1):
        create_user(client, name, base + index, gid)
    return missing


def installed(client: Shell, *numbers: int, base: int = 350) -> list[str]:
    """Make the group and users of these numbers; returns their names."""
    names = [f"_nixbld{number}" for number in numbers]
    must(client, "dseditgroup", "-o", "create", "-r", "Nix build group for nix-daemon",
         "-i", str(GID), "nixbld")
    for number, name in zip(numbers, names):
        create_user(client, name, base + number)
    for name in names:
        add_user_to_group(client, name, "nixbld")
    return names


def placed(client: Shell) -> dict[str, int]:
    """Name to uid of the build users in passwd; every view of the directory agrees."""
    whole.check(client.root)
    found = passwd_entries(client.root)
    return {name: int(found[name][2]) for name in found if "nixbld" in name}


def test_rust_installers(client: Shell) -> None:
    assert membership(client, "me", "nixbld") == "group to be made"
    names = installed(client, 1, 2, 3)
    assert placed(client) == {"_nixbld1": 351, "_nixbld2": 352, "_nixbld3": 353}
    # dseditgroup adds no name again, but whose UUIDs the list of names alone does not say.
    assert group_plist(client, "nixbld") == (names, GID)
    assert group_entries(client.root)["nixbld"] == ["nixbld", "*", str(GID), ",".join(names)]
    assert passwd_entries(client.root)["_nixbld1"][4:] == [
        "_nixbld1", "/var/empty", "/sbin/nologin"]
    assert {membership(client, name, "nixbld") for name in names} == {"member"}
    create_user(client, "other", 700, 20)
    assert membership(client, "other", "nixbld") == "to be added"
    # Again: every step of what is there already is a success and changes nothing.
    for index, name in enumerate(names, 351):
        create_user(client, name, index)
    assert group_plist(client, "nixbld") == (names, GID)


def test_rust_installers_uninstall(client: Shell) -> None:
    names = installed(client, 1, 2)
    assert [delete_user(client, name) for name in [*names, *names]] == [
        "deleted", "deleted", "already gone", "already gone"]
    play(
        client,
        Row("dscl . -delete /Groups/nixbld"),
        Row("dscl . -delete /Groups/nixbld", 185, lambda r: r.stdout, "delete: Invalid Path\n",
            "<dscl_cmd> DS Error: -14009 (eDSUnknownNodeName)\n"),
    )
    assert placed(client) == {} and "nixbld" not in group_entries(client.root)


def test_rust_installers_undo_a_membership(client: Shell) -> None:
    """`users` is the name that a group's members have on disk."""
    installed(client, 1, 2)
    must(client, "dscl", ".", "-delete", "/Groups/nixbld", "users", "_nixbld1")
    assert group_plist(client, "nixbld") == (["_nixbld2"], GID)


def test_rust_installers_repair_sequoia(client: Shell) -> None:
    """The old users' range overlaps the new one, and macOS has taken the first for itself."""
    names = installed(client, 1, 2, 9, 10, base=343)
    assert delete_user(client, names[0]) == "deleted"
    # In the order of their numbers, not of their names.
    assert group_plist(client, "nixbld") == (names, GID)
    assert repair_sequoia(client, "nixbld", 350) == names[:1]
    assert placed(client) == {name: 350 + index for index, name in enumerate(names, 1)}


# -- nix-darwin ----------------------------------------------------------------------------------

def value_of(client: Shell, path: str, key: str) -> str:
    """`$(dscl . -read PATH KEY 2>/dev/null) || true`, less the prefix `KEY: `."""
    return client.run("dscl", ".", "-read", path, key).stdout.rstrip("\n").removeprefix(
        f"{key}: ")


def uid_of(client: Shell, name: str) -> int | None:
    """`id -u NAME`."""
    text = client.run("id", "-u", name).stdout
    return int(text) if text else None


def may_change(client: Shell) -> bool:
    """Whether the home of nobody can be changed into what it is."""
    home = value_of(client, "/Users/nobody", "NFSHomeDirectory")
    assert home
    return client.run("dscl", ".", "-change", "/Users/nobody", "NFSHomeDirectory", home,
                      home).returncode == 0


def activate_group(client: Shell, name: str, gid: int, members: list[str]) -> list[str]:
    """What activation does about a group."""
    path, done = f"/Groups/{name}", []
    found = value_of(client, path, "PrimaryGroupID")
    if not found:
        must(client, "dscl", ".", "-create", path, "PrimaryGroupID", str(gid))
        must(client, "dscl", ".", "-create", path, "RealName", "A group of Nix")
        found = str(gid)
        done.append("made")
    if int(found) != gid:
        return [f"skipped, gid {found}"]
    if value_of(client, path, "GroupMembership") != " ".join(members):
        must(client, "dscl", ".", "-create", path, "GroupMembership", *members)
        done.append("members")
    return done


def activate_user(client: Shell, name: str, uid: int, home: str = "/var/empty") -> str:
    """What activation does about a user."""
    path, found, done = f"/Users/{name}", uid_of(client, name), "kept"
    if found not in (None, uid):
        return f"skipped, uid {found}"
    if found is None:
        assert may_change(client)
        # Its status says nothing, so id is asked.
        client.run("sysadminctl", "-addUser", name, "-UID", str(uid), "-GID", str(GID),
                   "-fullName", f"Nix {name}", "-home", home, "-shell", "/sbin/nologin")
        if client.run("id", name).returncode != 0:
            return "failed"
        must(client, "dscl", ".", "-create", path, "IsHidden", "1")
        must(client, "createhomedir", "-cu", name)
        done = "made"
    for key, value in (("PrimaryGroupID", str(GID)), ("RealName", f"Nix {name}"),
                       ("UserShell", "/sbin/nologin")):
        must(client, "dscl", ".", "-create", path, key, value)
    return done


def remove(client: Shell, path: str, number: int | None) -> str:
    """What activation does about an account that is wanted no more."""
    if number is None:
        return "not there"
    if number <= 501:
        return f"skipped, {number}"
    must(client, "dscl", ".", "-delete", path)
    return "deleted"


def test_nix_darwin_takes_over_from_an_installer(client: Shell) -> None:
    """It has the members in the order of attributes: 1, 10, 2; once that is a change."""
    names = installed(client, 1, 2, 10)
    wanted = sorted(names)
    assert activate_group(client, "nixbld", GID, wanted) == ["members"]
    assert activate_group(client, "nixbld", GID, wanted) == []
    assert group_entries(client.root)["nixbld"][3] == ",".join(wanted)
    uids = dict(zip(names, (351, 352, 360)))
    assert {activate_user(client, name, uid) for name, uid in uids.items()} == {"kept"}
    assert placed(client) == uids
    play(
        client,
        Row("set -o pipefail; dscl . -read /Users/_nixbld1 UniqueID | awk '{{print $2}}'", 0,
            lambda r: r.stdout, "351\n"),
        Row("set -o pipefail; dscl . -read /Groups/nixbld PrimaryGroupID | awk '{{print $2}}'",
            0, lambda r: r.stdout, "350\n"),
        Row("dscl . -list /Users | grep -q '^nixbld'", 1),
    )


def test_nix_darwin_makes_accounts(client: Shell) -> None:
    assert activate_group(client, "builders", GID, []) == ["made"]
    assert activate_user(client, "nixbuilder", 612, "/Users/nixbuilder") == "made"
    assert activate_user(client, "nixbuilder", 612) == "kept"
    assert activate_group(client, "builders", GID, ["nixbuilder"]) == ["members"]
    assert activate_group(client, "builders", GID, []) == ["members"]
    assert activate_group(client, "builders", GID + 1, []) == [f"skipped, gid {GID}"]
    assert activate_user(client, "nixbuilder", 613) == "skipped, uid 612"
    # The number is another's: sysadminctl says so and succeeds, id finds nobody.
    assert activate_user(client, "second", 612) == "failed"
    assert passwd_entries(client.root)["nixbuilder"][2:] == [
        "612", str(GID), "Nix nixbuilder", "/Users/nixbuilder", "/sbin/nologin"]
    assert (client.root / "Users/nixbuilder").is_dir()
    whole.check(client.root)


def test_nix_darwin_removes_accounts(client: Shell) -> None:
    put(client.root, "Users/old", {"UniqueID": ["612"], "PrimaryGroupID": ["20"]})
    put(client.root, "Groups/old", {"PrimaryGroupID": ["612"]})
    group = value_of(client, "/Groups/old", "PrimaryGroupID")
    assert remove(client, "/Groups/old", int(group)) == "deleted"
    for name, said in (("old", "deleted"), ("old", "not there"), ("_www", "skipped, 70")):
        assert remove(client, f"/Users/{name}", uid_of(client, name)) == said
    assert value_of(client, "/Groups/old", "PrimaryGroupID") == ""
    whole.check(client.root)


def test_nix_darwin_uninstaller_gives_shells_back(client: Shell) -> None:
    """Users whose shell lies in /run/current-system get zsh."""
    shell = "/run/current-system/sw/bin/fish"
    put(client.root, "Users/me", {"UniqueID": ["501"], "PrimaryGroupID": ["20"],
                                  "UserShell": [shell]})
    play(
        client,
        Row(r"dscl . -list /Users UserShell | grep '\s/run/' | awk '{{print $1}}'", 0,
            lambda r: r.stdout, "me\n"),
        Row("dscl . -read /Users/me UserShell", 0, lambda r: r.stdout, f"UserShell: {shell}\n"),
        Row("dscl . -create /Users/me UserShell /bin/zsh"),
        Row(r"dscl . -list /Users UserShell | grep '\s/run/'", 1),
    )
    assert passwd_entries(client.root)["me"][6] == "/bin/zsh"
