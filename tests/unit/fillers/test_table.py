"""Which fillers a tree needs, and whether the table is something an installation can follow."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dirserv import command as commands
from dirserv.fillers import command, table
from sandbox_stub.paths import realpath
from tests.support import CHECKOUT
from tests.unit.fillers.support import filler

FAKE_SUDO = b"\xcf\xfa\xed\xfe This is a fake 'sudo' implementation, intended for use"

#: What an April 2026 Darling has of the things that the table is about (spec/darling.md).
DARLING = {
    "usr/bin/sudo": FAKE_SUDO,
    "usr/bin/sw_vers": b"Usage: %s [-productName|-productVersion|-buildVersion]",
    "usr/sbin/diskutil": b"#!/bin/sh\neject() {",
    "usr/bin/dsmemberutil": b"checkmembership\0user is a member",
    "bin/launchctl": b"load unload bootstrap",
    "bin/wait4path": b"",
    "bin/stat": b"",
    "bin/grep": b"",
    "Library/LaunchDaemons/x": b"",
}

#: What a Mac has.
MAC = {
    **{filler.paths[0][1:]: b"" for filler in table.FILLERS.values()
       if filler.kind != "directory"},
    "usr/bin/sudo": b"preserve-env", "usr/bin/sw_vers": b"productVersionExtra",
    "usr/sbin/diskutil": b"GlobalPermissionsEnabled", "usr/bin/dsmemberutil": b"getuuid",
    "bin/launchctl": b"kickstart", "Library/LaunchDaemons/x": b"", "usr/local/bin/x": b"",
    "private/var/root/x": b"",
}


def planted(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def needed(root: Path) -> dict[str, str]:
    found = {name: one.missing(str(root)) for name, one in table.FILLERS.items()}
    return {name: why for name, why in found.items() if why is not None}


def test_a_darling_prefix_needs_what_the_spec_says(tmp_path: Path) -> None:
    assert needed(planted(tmp_path, DARLING)) == {
        "sudo": "Darling's knows no user names and no long options",
        "sw_vers": "Darling's knows only single-dash options",
        "diskutil": "Darling's knows only eject",
        "xmllint": "there is no /usr/bin/xmllint",
        "plutil": "there is no /usr/bin/plutil",
        "fdesetup": "there is no /usr/bin/fdesetup",
        "uuidgen": "there is no /usr/bin/uuidgen",
        "tmutil": "there is no /usr/bin/tmutil",
        "scutil": "there is no /usr/sbin/scutil",
        "apfs.util": "there is no /System/Library/Filesystems/apfs.fs/Contents/Resources/apfs.util",
        "stat": "it is at /bin/stat only",
        "grep": "it is at /bin/grep only",
        "launchctl": "launchd-842's knows no kickstart and bootout",
        "dsmemberutil": "Darling's says yes to everything",
        "createhomedir": "there is no /usr/sbin/createhomedir",
        "sandbox-exec": "there is no /usr/bin/sandbox-exec",
        "local-bin": "there is no directory /usr/local/bin",
        "var-root": "there is no directory /var/root",
    }


def test_a_mac_needs_nothing(tmp_path: Path) -> None:
    root = planted(tmp_path, MAC)
    # An absolute link of a prefix means a place in the prefix.
    (root / "var").symlink_to("/private/var")
    assert needed(root) == {}


def test_an_empty_tree_needs_no_links_to_nothing(tmp_path: Path) -> None:
    assert set(table.FILLERS) - set(needed(tmp_path)) == {"stat", "grep"}


def test_a_real_sudo_is_left_alone(tmp_path: Path) -> None:
    planted(tmp_path, {"usr/bin/sudo": b"\x7fELF ... preserve-env"})
    assert "sudo" not in needed(tmp_path)


@pytest.mark.parametrize("target", ["gone", "/gone", "sudo", "/usr/bin/sudo"])
def test_a_link_to_nothing_is_nothing(tmp_path: Path, target: str) -> None:
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/sudo").symlink_to(target)
    assert needed(tmp_path)["sudo"] == "there is no /usr/bin/sudo"


@pytest.mark.parametrize(("links", "path", "found"), [
    ({}, "/a/b", "/a/b"),
    ({"etc": "private/etc"}, "/etc/passwd", "/private/etc/passwd"),
    ({"etc": "/private/etc"}, "/etc/passwd", "/private/etc/passwd"),
    ({"x": "../../../../etc"}, "/x/passwd", "/etc/passwd"),
    ({"one": "two/./", "two": "/three"}, "/one//f", "/three/f"),
])
def test_links_are_followed_inside_the_tree(
    tmp_path: Path, links: dict[str, str], path: str, found: str
) -> None:
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    assert realpath(path, str(tmp_path)) == f"{tmp_path}{found}"


@pytest.mark.parametrize("one", table.FILLERS.values(), ids=lambda one: one.name)
def test_every_row_can_be_followed(one: table.Filler) -> None:
    assert all(path.startswith("/") for path in one.paths) and one.paths
    assert one.help and "\n" not in one.help
    if one.kind == "python":
        modules = {table.COMMANDS: commands.MODULES, table.FILLING: command.MODULES}[one.source]
        assert one.name in modules
    elif one.kind == "link":
        place = os.path.join(os.path.dirname(one.paths[0]), one.source)
        assert not one.source.startswith("/") and os.path.normpath(place) != one.paths[0]
    elif one.kind == "sh" and one.name != "sandbox-exec":
        text = (CHECKOUT / "dirserv/fillers" / one.source).read_text()
        assert text.startswith("#!/bin/sh\n") and ("@ORIGINAL@" in text) == one.original
    assert not one.passed_on or one.original


def test_every_filler_in_python_is_in_the_table() -> None:
    assert set(command.MODULES) <= set(table.FILLERS)


BAD = ["", "-", "--", "\udcff\udcfe", "/" * 500, "a" * 100_000, "-\x1b[31m", "info", "-extract"]


@pytest.mark.parametrize("name", sorted(command.MODULES))
@pytest.mark.parametrize("word", BAD, ids=lambda word: repr(word)[:12])
def test_bad_arguments_never_show_a_traceback(tree: Path, name: str, word: str) -> None:
    for words in ([word], ["-p", word]):
        out, err, status = filler(tree, name, *words)
        assert "Traceback" not in err and "internal error" not in err
        assert status == 0 or err or out
