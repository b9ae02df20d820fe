"""What becomes of accounts: as if nothing had been, kept when they were changed, or purged."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from dirserv.prefix.accounts import merge
from tests.prefix.support import GROUP, PASSWD, call, everything, plain
from tests.support import run


def dscl(root: Path, *words: str) -> None:
    assert run(root, "dscl", ".", *words).returncode == 0


def test_accounts_made_since_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = plain(tmp_path)
    before = everything(root)
    call(capsys, "install", "--prefix", root)
    for words in (("/Users/new", "uid", "777"), ("/Users/new", "gid", "20"),
                  ("/Users/me", "UserShell", "/bin/zsh")):
        dscl(root, "-create", *words)
    assert run(root, "dseditgroup", "-o", "edit", "-a", "new", "-t", "user", "wheel"
               ).returncode == 0
    status, out, _ = call(capsys, "uninstall", "--prefix", root)
    assert status == 1
    assert out.splitlines()[-2] == (
        "accounts were changed since: they stay in passwd, master.passwd and group, and "
        "/private/var/db/dirserv keeps the rest for a later installation (--purge removes all)")
    assert (root / "private/etc/passwd").read_text() == (
        PASSWD.replace("/bin/bash", "/bin/zsh") + "new:*:777:20::/var/empty:/usr/bin/false\n")
    assert (root / "private/etc/group").read_text() == GROUP.replace("root,me\n", "root,me,new\n")
    new = set(everything(root)) - set(before)
    assert new == {"private/etc/master.passwd", "private/var/db/dirserv",
                   "private/var/db/dirserv/directory.sqlite"}
    call(capsys, "install", "--prefix", root)
    assert "UserShell: /bin/zsh\n" in run(root, "dscl", ".", "-read", "/Users/me").stdout


def test_accounts_made_since_can_be_purged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plain(tmp_path)
    before = everything(root)
    call(capsys, "install", "--prefix", root)
    dscl(root, "-create", "/Users/new", "uid", "777")
    assert call(capsys, "uninstall", "--prefix", root, "--purge")[0] == 0
    assert everything(root) == before


def test_an_account_that_came_and_went_is_no_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plain(tmp_path)
    before = everything(root)
    call(capsys, "install", "--prefix", root)
    dscl(root, "-create", "/Users/new", "uid", "777")
    dscl(root, "-delete", "/Users/new")
    assert call(capsys, "uninstall", "--prefix", root)[0] == 0
    assert everything(root) == before


def test_a_line_added_by_hand_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = plain(tmp_path)
    call(capsys, "install", "--prefix", root)
    with (root / "private/etc/passwd").open("a") as file:
        file.write("hand:*:888:20::/:/bin/sh\n")
    call(capsys, "uninstall", "--prefix", root)
    assert (root / "private/etc/passwd").read_text() == PASSWD + "hand:*:888:20::/:/bin/sh\n"


def test_a_directory_that_was_there_before_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plain(tmp_path)
    dscl(root, "-create", "/Users/old", "uid", "777")
    before = everything(root)
    call(capsys, "install", "--prefix", root)
    assert call(capsys, "uninstall", "--prefix", root)[0] == 0
    assert everything(root) == before


def test_record_files_that_were_there_before_come_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plain(tmp_path)
    users = root / "private/var/db/dslocal/nodes/Default/users"
    users.mkdir(parents=True)
    (users / "me.plist").write_bytes(plistlib.dumps({"name": ["me"], "hint": ["blue"]}))
    (users.parent / "config").mkdir()
    (users.parent / "config/other.plist").write_text("other")
    before = everything(root)
    call(capsys, "install", "--prefix", root)
    assert run(root, "dscl", ".", "-read", "/Users/me", "hint").stdout.endswith("hint: blue\n")
    assert call(capsys, "uninstall", "--prefix", root)[0] == 0
    assert everything(root) == before


BASE = "##\n# remark\n##\nroot:*:0:0:R:/:/bin/sh\nme:*:1:1:Me:/:/bin/sh\n_www:*:70:70::/:/x\n"
OLD = "# mine\nme:x:1:1:Me:/:/bin/sh\nroot:*:0:0:R:/:/bin/sh\n"


@pytest.mark.parametrize(("now", "merged"), [
    (BASE, OLD),
    (BASE.replace("_www:*:70:70::/:/x\n", ""), OLD),
    (BASE + "new:*:9:9::/:/x\n", OLD + "new:*:9:9::/:/x\n"),
    (BASE.replace("me:*:1:1:Me", "me:*:1:1:You"), OLD.replace("me:x:1:1:Me", "me:*:1:1:You")),
    (BASE.replace("root:*:0:0:R:/:/bin/sh\n", ""), OLD.replace("root:*:0:0:R:/:/bin/sh\n", "")),
    (BASE.replace("70:70", "71:70"), OLD + "_www:*:71:70::/:/x\n"),
    ("", "# mine\n"),
], ids=["nothing", "seed gone", "added", "changed", "deleted", "seed changed", "emptied"])
def test_changes_are_done_to_the_lines_of_before(now: str, merged: str) -> None:
    def again(lines: str) -> str:
        return merge(OLD.encode(), BASE.encode(), lines.encode()).decode()

    assert again(now) == merged


def test_a_last_line_without_its_end_gets_one() -> None:
    assert merge(b"me:1", b"", b"new:2\n") == b"me:1\nnew:2\n"
