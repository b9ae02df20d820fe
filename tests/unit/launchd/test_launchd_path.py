"""Owners, modes, kinds of files, directories: what is opened at all."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from launchd_shim.loading import load
from launchd_shim.plistfile import MAX_BYTES
from launchd_shim.plistpath import check_owner, members
from launchd_shim.refusal import Refused
from tests.support import is_root
from tests.unit.launchd.support import LEAST, write

OWN = {0, os.geteuid()}


def refused(path: Path | str, owners: set[int] | None = OWN) -> Refused:
    with pytest.raises(Refused) as caught:
        load("/P", str(path), owners)
    return caught.value


def said(error: Refused) -> tuple[int, str, str, str]:
    return error.code, str(error), error.detail, error.legacy


@pytest.mark.parametrize("mode", [0o644, 0o444, 0o600, 0o400, 0o755])
@pytest.mark.parametrize("binary", [False, True])
def test_modes_that_load(tmp_path: Path, mode: int, binary: bool) -> None:
    path = write(tmp_path / "a.plist", LEAST, mode, binary)
    result = load(str(path), owners=OWN)
    assert (result.job.label, result.job.path) == ("org.example.job", str(path))


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666, 0o620, 0o602, 0o777])
def test_modes_that_are_refused(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "a.plist", LEAST, mode)
    assert said(refused(path)) == (
        122, "/P: Path had bad ownership/permissions",
        f"its group or others may write it (mode {mode:04o})",
        "launchctl: Dubious permissions on file (skipping): /P")
    assert load(str(path), owners=None).job.label == "org.example.job"


def test_owners(tmp_path: Path) -> None:
    path = write(tmp_path / "a.plist", LEAST)
    owner = os.geteuid()
    check_owner(path.stat(), "/P", {owner})
    with pytest.raises(Refused) as caught:
        check_owner(path.stat(), "/P", {owner + 1})
    assert said(caught.value) == (
        122, "/P: Path had bad ownership/permissions", f"user {owner} owns it",
        "launchctl: Dubious ownership on file (skipping): /P")


@pytest.mark.skipif(not is_root(), reason="only root can give files away")
def test_somebody_elses_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.plist", LEAST)
    os.chown(path, 12345, 0)
    assert refused(path).detail == "user 12345 owns it"
    assert load(str(path), owners={0, 12345}).job.label == "org.example.job"


@pytest.mark.parametrize(("name", "code", "text"), [
    ("missing", 2, "No such file or directory"),
    ("file/below", 20, "Not a directory"),
    ("loop", 62, "Too many levels of symbolic links"),
    ("n" * 300, 63, "File name too long"),
    ("a\0b", 2, "No such file or directory"),
])
def test_what_is_not_there_is_said_in_darwins_words(
    tmp_path: Path, name: str, code: int, text: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    assert said(refused(f"{tmp_path}/{name}")) == (
        code, f"/P: {text}", text, f'launchctl: Couldn\'t stat("/P"): {text}')


@pytest.mark.skipif(is_root(), reason="root reads everything")
def test_what_may_not_be_read(tmp_path: Path) -> None:
    assert refused(write(tmp_path / "a.plist", LEAST, 0o000)).code == 13


def test_no_file_at_all(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket"))
    before = time.monotonic()
    for path in (tmp_path, tmp_path / "fifo", tmp_path / "socket", "/dev/zero"):
        assert said(refused(path)) == (
            121, "/P: Path not searched for services", "it is not a regular file",
            "launchctl: Dubious path. Not a regular file or directory (skipping): /P")
    assert time.monotonic() - before < 5
    listener.close()


def test_links_are_followed(tmp_path: Path) -> None:
    write(tmp_path / "real", LEAST)
    (tmp_path / "a.plist").symlink_to("real")
    assert load(str(tmp_path / "a.plist"), owners=OWN).job.label == "org.example.job"


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with open(tmp_path / "a.plist", "wb") as file:
        file.write(b"<?xml")
        file.truncate(1 << 40)
    before = time.monotonic()
    error = refused(tmp_path / "a.plist", None)
    assert (error.code, error.detail) == (109, f"it is larger than {MAX_BYTES} bytes")
    assert time.monotonic() - before < 2


def test_members_of_a_directory(tmp_path: Path) -> None:
    for name in ("b.plist", "a.PLIST", ".c.plist", "d.plist.bak", "plist", "e"):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "f.plist").touch()
    assert members(str(tmp_path)) == ["a.PLIST", "b.plist"]


def test_descriptors_are_closed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.plist", LEAST, 0o666)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        refused(path)
        load(str(path))
    assert len(os.listdir("/proc/self/fd")) == before
