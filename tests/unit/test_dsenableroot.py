"""dsenableroot (spec/dirserv.md 5.4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirserv import __version__
from dirserv.dsenableroot import USAGE
from dirserv.passwords import SHADOW_AUTHORITY, authenticate
from tests.support import directory, put, run
from tests.unit.accounts_support import converse, record, values

PREFIX = "\ndsenableroot:: ***"
ENABLED, DISABLED = PREFIX + "Successfully enabled root user.\n", (
    PREFIX + "Successfully disabled root user.\n")
NOT_ENABLED, NOT_DISABLED = PREFIX + "Failed to enable root user.\n", (
    PREFIX + "Failed to disable root user.\n")
HELP = USAGE.format(version=__version__)


@pytest.fixture
def owner(root: Path) -> Path:
    """The root, with an administrator owner (password secret) and a user bob (password b)."""
    put(root, "Users/owner", {"UniqueID": ["501"]})
    put(root, "Users/bob", {"UniqueID": ["502"]})
    put(root, "Groups/admin", {"PrimaryGroupID": ["80"], "GroupMembership": ["root", "owner"]})
    for name, password in (("owner", "secret"), ("bob", "b")):
        assert run(root, "dscl", ".", "-passwd", f"/Users/{name}", password).returncode == 0
    return root


def test_enable_and_disable(owner: Path) -> None:
    done = run(owner, "dsenableroot", "-u", "owner", "-p", "secret", "-r", "toor")
    assert (done.stdout, done.stderr, done.returncode) == (ENABLED, "", 0)
    assert authenticate(directory(owner), "root", "toor") == 0
    assert values(owner, "Users/root", "AuthenticationAuthority") == [SHADOW_AUTHORITY]
    assert values(owner, "Users/root", "Password") == ["********"]

    done = run(owner, "dsenableroot", "-d", "-u", "owner", "-p", "secret")
    assert (done.stdout, done.stderr, done.returncode) == (DISABLED, "", 0)
    assert authenticate(directory(owner), "root", "toor") == -14091
    assert values(owner, "Users/root", "AuthenticationAuthority") == []
    assert values(owner, "Users/root", "Password") == ["*"]
    assert record(owner, "Users", "root").secret == ()


def test_enabling_takes_a_disabled_mark_off(owner: Path) -> None:
    run(owner, "dscl", ".", "-append", "/Users/root", "AuthenticationAuthority",
        ";DisabledUser;")
    assert run(owner, "dsenableroot", "-u", "owner", "-p", "secret", "-r", "toor"
               ).stdout == ENABLED
    assert values(owner, "Users/root", "AuthenticationAuthority") == [SHADOW_AUTHORITY]


def test_the_passwords_are_asked_for(owner: Path) -> None:
    seen, status = converse(owner, "dsenableroot", "-u", "owner",
                            answers=("secret", "toor", "toor"))
    assert (seen, status) == (
        "user password:\nroot password:\nverify root password:\n" + ENABLED, 0)
    assert authenticate(directory(owner), "root", "toor") == 0


def test_two_different_root_passwords(owner: Path) -> None:
    seen, status = converse(owner, "dsenableroot", "-u", "owner", "-p", "secret",
                            answers=("toor", "roto"))
    assert (seen, status) == (
        "root password:\nverify root password:\n" + PREFIX
        + "Root password was not verified with dual entries.\n", 0)
    assert values(owner, "Users/root", "AuthenticationAuthority") == []


def test_the_user_comes_from_the_environment(
    owner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER", "owner")
    seen, _ = converse(owner, "dsenableroot", answers=("secret", "toor", "toor"))
    assert seen == ("username = owner\nuser password:\nroot password:\n"
                    "verify root password:\n" + ENABLED)
    seen, _ = converse(owner, "dsenableroot", "-d", answers=("secret",))
    assert seen == "username = owner\nuser password:\n" + DISABLED


def test_without_a_user_nothing_can_be_done(owner: Path) -> None:
    done = run(owner, "dsenableroot", "-d")
    assert (done.stdout, done.stderr, done.returncode) == (
        "***Username <-u username> must be explicitly provided in this shell***\n", "", 0)


@pytest.mark.parametrize("credentials", [
    ("-u", "owner", "-p", "wrong"), ("-u", "owner", "-p", ""), ("-u", "nobody2", "-p", "x"),
    ("-u", "bob", "-p", "b"), ("-u", "daemon", "-p", "x"),
])
@pytest.mark.parametrize(("what", "text"), [
    (("-r", "toor"), NOT_ENABLED), (("-d",), NOT_DISABLED),
])
def test_who_is_refused(
    owner: Path, credentials: tuple[str, ...], what: tuple[str, ...], text: str
) -> None:
    before = record(owner, "Users", "root").attributes
    done = run(owner, "dsenableroot", *what, *credentials)
    assert (done.stdout, done.stderr, done.returncode) == (text, "", 0)
    assert record(owner, "Users", "root").attributes == before


def test_an_empty_root_password_is_refused(owner: Path) -> None:
    done = run(owner, "dsenableroot", "-u", "owner", "-p", "secret", "-r", "")
    assert (done.stdout, done.stderr, done.returncode) == (NOT_ENABLED, "", 0)
    assert values(owner, "Users/root", "AuthenticationAuthority") == []


def test_roots_policy_holds_and_nothing_is_half_done(owner: Path) -> None:
    run(owner, "pwpolicy", "-u", "root", "-setpolicy", "minChars=8")
    before = record(owner, "Users", "root").attributes
    done = run(owner, "dsenableroot", "-u", "owner", "-p", "secret", "-r", "toor")
    assert (done.stdout, done.stderr, done.returncode) == (NOT_ENABLED, "", 0)
    assert record(owner, "Users", "root").attributes == before


def test_somebody_who_may_not_write(owner: Path) -> None:
    done = run(owner, "dsenableroot", "-u", "owner", "-p", "secret", "-r", "toor",
               env={"DIRSERV_EUID": "501"})
    assert (done.stdout, done.stderr, done.returncode) == (NOT_ENABLED, "", 0)


def test_a_password_file_in_use_is_named(owner: Path) -> None:
    (owner / "private/etc/ptmp").touch()
    done = run(owner, "dsenableroot", "-d", "-u", "owner", "-p", "secret")
    assert (done.stdout, done.returncode) == (NOT_DISABLED, 0)
    assert done.stderr.startswith("/private/etc/ptmp exists: ")


@pytest.mark.parametrize(("arguments", "error"), [
    (["-h"], ""), (["-?"], ""), (["--help"], ""), (["-d", "-r", "x"], ""), (["x"], ""),
    (["-d", "x"], ""), (["-z"], "dsenableroot: illegal option -- z\n"),
    (["-u"], "dsenableroot: option requires an argument -- u\n"),
])
def test_the_usage(root: Path, arguments: list[str], error: str) -> None:
    done = run(root, "dsenableroot", *arguments)
    assert (done.stdout, done.stderr, done.returncode) == (HELP, error, 0)


@pytest.mark.parametrize(("option", "text"), [
    ("-v", f"\ndsenableroot:: Version {__version__}\n"),
    ("-appleversion", f"dsenableroot, Apple Inc., Version {__version__}\n"),
])
def test_the_version(root: Path, option: str, text: str) -> None:
    done = run(root, "dsenableroot", option)
    assert (done.stdout, done.stderr, done.returncode) == (text, "", 0)
