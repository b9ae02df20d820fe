"""createhomedir (spec/dirserv.md 5.6)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from dirserv.createhomedir import USAGE
from tests.support import is_root, put, run

HEADING = f"creating home directories for ({os.uname().nodename})\n"


@pytest.fixture
def bob(root: Path) -> Path:
    """The root, with an account bob (502) that has no home yet."""
    account(root, "bob", "502", "/Users/bob")
    return root


def account(root: Path, name: str, uid: str, home: str) -> None:
    put(root, f"Users/{name}", {
        "UniqueID": [uid], "PrimaryGroupID": ["20"], "NFSHomeDirectory": [home]})


def homes(root: Path) -> list[str]:
    return sorted(os.listdir(root / "Users")) if (root / "Users").exists() else []


@pytest.mark.parametrize("arguments", [
    ["-c", "-u", "bob"], ["-cu", "bob"], ["-cubob"], ["-u", "bob"], ["-b", "-u", "bob"],
    ["-cs", "-u", "bob"], ["-n", "/Local/Default", "-u", "bob"], ["-n", ".", "-c", "-u", "bob"],
    ["-a"], ["-l"], ["-c", "-a"], ["-n", "/Search"], ["-cu", "BOB"],
])
def test_a_missing_home_is_made(bob: Path, arguments: list[str]) -> None:
    done = run(bob, "createhomedir", *arguments)
    assert (done.stdout, done.stderr, done.returncode) == (
        HEADING + "created (/Users/bob)\n", "", 0)
    status = (bob / "Users/bob").stat()
    assert stat.S_IMODE(status.st_mode) == 0o700
    assert (status.st_uid, status.st_gid) == ((502, 20) if is_root() else (
        os.geteuid(), os.getegid()))
    assert (bob / "Users/bob/Library").is_dir()


@pytest.mark.parametrize("arguments", [
    ["-s", "-u", "bob"], ["-su", "bob"], ["-n", "/LDAPv3/server"],
    ["-n", "/LDAPv3/server", "-u", "bob"], ["-s", "-a"],
])
def test_homes_elsewhere_are_none_of_ours(bob: Path, arguments: list[str]) -> None:
    done = run(bob, "createhomedir", *arguments)
    assert (done.stdout, done.stderr, done.returncode) == (HEADING, "", 0)
    assert homes(bob) == []


def test_an_existing_home_is_passed_over(bob: Path) -> None:
    (bob / "Users/bob").mkdir(parents=True)
    done = run(bob, "createhomedir", "-cu", "bob")
    assert (done.stdout, done.stderr, done.returncode) == (HEADING, "", 0)
    assert os.listdir(bob / "Users/bob") == []


def test_an_unknown_user_is_named_and_no_failure(bob: Path) -> None:
    done = run(bob, "createhomedir", "-c", "-u", "nobody2", "-u", "bob")
    assert (done.stdout, done.stderr, done.returncode) == (
        HEADING + "created (/Users/bob)\n", "createhomedir: there is no user nobody2\n", 0)


def test_names_on_standard_input(bob: Path) -> None:
    account(bob, "carl", "503", "/Users/carl")
    account(bob, "dora", "504", "/Users/dora")
    done = run(bob, "createhomedir", "-c", "-i", stdin="dora\n\n  bob \nnobody2")
    assert (done.stdout, done.stderr, done.returncode) == (
        HEADING + "created (/Users/dora)\ncreated (/Users/bob)\n",
        "createhomedir: there is no user nobody2\n", 0)
    assert homes(bob) == ["bob", "dora"]


def test_an_empty_standard_input_means_nobody(bob: Path) -> None:
    done = run(bob, "createhomedir", "-ci")
    assert (done.stdout, done.stderr, done.returncode) == (HEADING, "", 0)
    assert homes(bob) == []


def test_everybody_is_every_person(bob: Path) -> None:
    account(bob, "carl", "503", "/Users/carl")
    account(bob, "_svc", "450", "/Users/svc")
    account(bob, "hidden", "504", "/var/empty")
    put(bob, "Users/draft", {"NFSHomeDirectory": ["/Users/draft"]})
    done = run(bob, "createhomedir", "-a", "-c")
    assert (done.stdout, done.stderr, done.returncode) == (
        HEADING + "created (/Users/bob)\ncreated (/Users/carl)\n", "", 0)
    assert homes(bob) == ["bob", "carl"]


@pytest.mark.parametrize("attributes", [
    {"UniqueID": ["505"], "PrimaryGroupID": ["20"]},
    {"UniqueID": ["505"], "NFSHomeDirectory": ["/Users/x"]},
    {"PrimaryGroupID": ["20"], "NFSHomeDirectory": ["/Users/x"]},
    {"UniqueID": ["505"], "PrimaryGroupID": ["20"], "NFSHomeDirectory": ["/var/empty"]},
])
def test_a_record_that_cannot_have_a_home(root: Path, attributes: dict[str, list]) -> None:
    put(root, "Users/x", attributes)
    done = run(root, "createhomedir", "-cu", "x")
    assert (done.stdout, done.stderr, done.returncode) == (HEADING, "", 0)
    assert homes(root) == []
    assert not os.path.lexists(root / "var")


@pytest.mark.parametrize(("home", "reason"), [
    ("/nowhere/x", "/nowhere: No such file or directory"),
    ("/planted/x", "/planted: a symbolic link or a file is in the way"),
    ("/Users/../x", "the path leads upwards"),
    ("x", "the path is not absolute"),
    ("/", "it is the root directory"),
])
def test_a_home_that_cannot_be_made(root: Path, tmp_path: Path, home: str, reason: str) -> None:
    (tmp_path / "outside").mkdir()
    (root / "planted").symlink_to(tmp_path / "outside")
    account(root, "x", "505", home)
    done = run(root, "createhomedir", "-cu", "x")
    assert (done.stdout, done.stderr, done.returncode) == (
        HEADING, f"createhomedir: {home} is not created: {reason}\n", 0)
    assert os.listdir(tmp_path / "outside") == []


@pytest.mark.parametrize(("arguments", "error"), [
    ([], ""), (["-c"], ""), (["-s"], ""), (["bob"], ""), (["-c", "-u", "bob", "more"], ""),
    (["-x"], "createhomedir: illegal option -- x\n"),
    (["-c", "-u"], "createhomedir: option requires an argument -- u\n"),
])
def test_a_wrong_line_shows_the_usage(bob: Path, arguments: list[str], error: str) -> None:
    done = run(bob, "createhomedir", *arguments)
    assert (done.stdout, done.stderr, done.returncode) == ("", error + USAGE, 64)
    assert homes(bob) == []


def test_help(root: Path) -> None:
    done = run(root, "createhomedir", "--help")
    assert (done.stdout, done.stderr, done.returncode) == (USAGE, "", 0)


def test_others_than_root_make_nothing(bob: Path) -> None:
    done = run(bob, "createhomedir", "-cu", "bob", env={"DIRSERV_EUID": "502"})
    assert (done.stdout, done.stderr, done.returncode) == (
        "", "createhomedir: must be run as root\n", 77)
    assert homes(bob) == []


def test_after_sysadminctl_as_nix_darwin_does_it(root: Path) -> None:
    run(root, "sysadminctl", "-addUser", "eve", "-UID", "600", "-GID", "20", "-home",
        "/Users/eve", "-shell", "/bin/sh")
    assert homes(root) == []
    done = run(root, "createhomedir", "-cu", "eve")
    assert (done.stdout, done.stderr, done.returncode) == (
        HEADING + "created (/Users/eve)\n", "", 0)
    assert homes(root) == ["eve"]
