"""The account calls of MacPorts and Homebrew, parsed as they parse.

Only the facts of their calls are here (their installers, `port` and portlib): the words and what
they look for in the answer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.shell import Result, Row, Shell, accounts_shell, play
from tests.faults import whole
from tests.support import group_entries, passwd_entries, put


@pytest.fixture
def client(root: Path, tmp_path: Path) -> Shell:
    """A root with the user me and a client of the account commands."""
    put(root, "Users/me", {"UniqueID": ["601"], "PrimaryGroupID": ["20"]})
    return accounts_shell(root, tmp_path / "commands")


# -- MacPorts ------------------------------------------------------------------------------------

AWK = "| /usr/bin/awk '{{print $2}}'"
# What macOS gives a new user and MacPorts does not want.
UNWANTED = ("AuthenticationAuthority", "PasswordPolicyOptions", "dsAttrTypeNative:KerberosKeys",
            "dsAttrTypeNative:ShadowHashData")
HOME = "/opt/local/var/macports/home"


def out(result: Result) -> str:
    """The whole answer."""
    return result.stdout


def test_macports_run_user(client: Shell) -> None:
    """The installer's script: the group, the next free uid by `-search`, the user."""
    user = "/Users/macports"
    play(
        client,
        Row("dscl -q . -read /Groups/macports", 56, stderr=None),
        Row("dseditgroup -q -o create macports", 0, out, ""),
        Row(f"dscl -q . -list {user}", 185, stderr=None),
        Row("dscl -q /Search -search /Users UniqueID 601", 0, lambda r: r.stdout != "", True),
        Row("dscl -q /Search -search /Users UniqueID 602", 0, out, ""),
        Row(f"dscl -q . -create {user} UniqueID 602"),
        *(Row(f"dscl -q . -delete {user} {key}", 0, out, "") for key in UNWANTED),
        Row(f"dscl -q . -create {user} RealName MacPorts"),
        Row(f"dscl -q . -create {user} Password '*'"),
        Row(f"dscl -q . -create {user} PrimaryGroupID "
            f'"$(dscl -q . -read /Groups/macports PrimaryGroupID {AWK})"'),
        Row(f"dscl -q . -create {user} NFSHomeDirectory {HOME}"),
        Row(f"dscl -q . -create {user} UserShell /usr/bin/false"),
        Row(f"dscl -q . -list {user}"),
        Row(f"dscl -q . -read {user} UniqueID {AWK}", 0, out, "602\n"),
        Row(f"dscl -q . -read {user} RealName {AWK}", 0, out, "MacPorts\n"),
        Row(f"dscl -q . -read {user} UserShell {AWK}", 0, out, "/usr/bin/false\n"),
        Row(f"dscl -q . -read {user} NFSHomeDirectory", 0, out, f"NFSHomeDirectory: {HOME}\n"),
    )
    gid = group_entries(client.root)["macports"][2]
    assert passwd_entries(client.root)["macports"] == [
        "macports", "*", "602", gid, "MacPorts", HOME, "/usr/bin/false"]
    whole.check(client.root)


def test_macports_adduser_and_addgroup(client: Shell) -> None:
    """What a port does; any status but 0 takes all back. The members are one word."""
    play(
        client,
        Row("dscl . -create /Groups/pg Password '*'"), Row("dscl . -create /Groups/pg RealName pg"),
        Row("dscl . -create /Groups/pg PrimaryGroupID 505"),
        Row("dscl . -create /Groups/pg GroupMembership me"),
        Row("dscl . -create /Users/pg UniqueID 505"),
        *(Row(f"dscl . -delete /Users/pg {key}", 0, out, "") for key in UNWANTED),
        Row("dscl . -create /Users/pg RealName 'PostgreSQL Server'"),
        Row("dscl . -create /Users/pg Password '*'"),
        Row("dscl . -create /Users/pg PrimaryGroupID 505"),
        Row("dscl . -create /Users/pg NFSHomeDirectory /opt/local/var/db/pg"),
        Row("dscl . -create /Users/pg UserShell /bin/sh"),
        # A name or number that is taken: the half-made user goes.
        Row("dscl . -create /Users/pg2 UniqueID 505", 55, stderr=None),
        Row("dscl . -delete /Users/pg2", 185, stderr=None),
        # `port diagnose` takes the last word; `shell` is a name that the user has on disk.
        Row("dscl . -read /Users/pg shell", 0, lambda r: r.stdout.split()[-1], "/bin/sh"),
        # And port itself the home of who called sudo.
        Row("dscl -q . -read /Users/pg NFSHomeDirectory | cut -d ' ' -f 2", 0, out,
            "/opt/local/var/db/pg\n"),
    )
    assert passwd_entries(client.root)["pg"][4] == "PostgreSQL Server"
    assert group_entries(client.root)["pg"] == ["pg", "*", "505", "me"]
    assert "pg2" not in passwd_entries(client.root)
    whole.check(client.root)


def test_macports_makes_its_group(client: Shell) -> None:
    """`make group` and `make delgroup` of its source."""
    play(
        client, Row("dseditgroup -o create -n . macports"),
        Row("dseditgroup -o delete -n . macports", stderr="Group record below will be deleted:\n"),
        Row("dscl . -read /Groups/macports", 56, stderr=None),
    )


# -- Homebrew ------------------------------------------------------------------------------------

def test_homebrew_asks_for_an_admin(client: Shell) -> None:
    """Its installer wants an administrator, and hands its directories to the group admin."""
    asked = "dsmemberutil checkmembership -U me -G admin"
    play(
        client, Row(asked, 0, lambda r: "user is a member" in r.stdout, False),
        Row("dseditgroup -o edit -a me -t user admin"),
        Row(asked, 0, lambda r: "user is a member" in r.stdout, True),
    )
    assert group_entries(client.root)["admin"][2:] == ["80", "root,me"]
