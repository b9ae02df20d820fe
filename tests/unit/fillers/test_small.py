"""The small fillers: fdesetup, uuidgen, tmutil, apfs.util, scutil."""

from __future__ import annotations

import os
import plistlib
import re
import uuid
from pathlib import Path

import pytest

from tests.unit.fillers.support import filler

UUID = r"[0-9A-F]{8}-[0-9A-F]{4}-[1-5][0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}"


@pytest.mark.parametrize(("words", "result"), [
    (["isactive"], ("false\n", "", 1)),
    (["status"], ("FileVault is Off.\n", "", 0)),
    (["supportsauthrestart"], ("false\n", "", 0)),
    (["enable"], ("", "fdesetup: there is no FileVault on this system; it answers isactive, "
                      "status, supportsauthrestart\n", 1)),
])
def test_fdesetup(tree: Path, words: list[str], result: tuple[str, str, int]) -> None:
    assert filler(tree, "fdesetup", *words) == result


@pytest.mark.parametrize(("setting", "version"), [
    ("", 4), ("1", 1), ("0x1", 1), ("01", 1), ("1x", 1), ("10", 4), ("2", 4), ("x", 4)])
def test_uuidgen(tree: Path, setting: str, version: int) -> None:
    out, err, status = filler(tree, "uuidgen", env={"CFUUIDVersionNumber": setting})
    assert re.fullmatch(UUID + "\n", out) and (err, status) == ("", 0)
    assert uuid.UUID(out.strip()).version == version


def test_uuidgen_makes_another_each_time_also_for_a_header(tree: Path) -> None:
    first, second = (filler(tree, "uuidgen", "-hdr")[0] for _ in range(2))
    assert first != second
    lines = first.splitlines()
    shown = lines[0].removeprefix("// ")
    assert re.fullmatch(UUID, shown) and len(lines) == 3
    assert lines[2].startswith("#define MYUUID CFUUIDGetConstantUUIDWithBytes(kCFAllocatorSystem")
    assert bytes(int(one, 16) for one in re.findall(r"0x(..)", lines[2])) == uuid.UUID(shown).bytes


def test_uuidgen_misused(tree: Path) -> None:
    usage = ("generate a universally unique identifier\nusage: uuidgen [-hdr]\n"
             "\t-hdr\temit result in form suitable for copying into a header\n")
    for words in (["-n"], ["-hdr", "-hdr"]):
        assert filler(tree, "uuidgen", *words) == ("", usage, 1)


def test_tmutil_remembers(tree: Path) -> None:
    (tree / "nix/store/x").mkdir(parents=True)
    for words, out in ((["isexcluded", "/nix/store"], "[Included]    /nix/store\n"),
                       (["addexclusion", "/nix/store"], ""),
                       (["addexclusion", "-p", "/nix/store/", "/etc"], ""),
                       (["isexcluded", "nix/store/x", "/nix"],
                        "[Excluded]    /nix/store/x\n[Included]    /nix\n"),
                       (["removeexclusion", "/nix/store"], ""),
                       (["removeexclusion", "/gone"], ""),
                       (["isexcluded", "/nix/store", "/etc"],
                        "[Included]    /nix/store\n[Excluded]    /etc\n")):
        assert filler(tree, "tmutil", *words) == (out, "", 0), words
    kept = tree / "Library/Preferences/com.apple.TimeMachine.plist"
    assert plistlib.loads(kept.read_bytes()) == {"SkipPaths": ["/etc"]}
    assert os.listdir(kept.parent) == [kept.name]


def test_tmutil_says_what_is_wrong(tree: Path) -> None:
    assert filler(tree, "tmutil", "addexclusion", "/no", "/etc") == (
        "", "/no: Error (-43) while attempting to change exclusion setting.\n", 1)
    assert filler(tree, "tmutil", "isexcluded", "/etc")[0] == "[Excluded]    /etc\n"
    for words in ([], ["startbackup"], ["addexclusion", "-p"]):
        out, err, status = filler(tree, "tmutil", *words)
        assert (out, err[:14], status) == ("", "Usage: tmutil ", 64)
    (tree / "Library/Preferences/com.apple.TimeMachine.plist").write_text("x")
    out, err, status = filler(tree, "tmutil", "addexclusion", "/etc")
    assert (out, status) == ("", 1)
    assert err.startswith("tmutil: /Library/Preferences/com.apple.TimeMachine.plist: ")


def test_apfs_util_makes_what_synthetic_conf_lists(tree: Path) -> None:
    assert filler(tree, "apfs.util", "-t") == ("", "", 0)
    (tree / "etc/synthetic.conf").write_text(
        "# comment\nnix\nrun\tprivate/var/run\n\n../x\n.\na/b\netc\nlast\t\tetc")
    (tree / "nix").mkdir()
    for option in ("-t", "-B"):
        assert filler(tree, "apfs.util", option) == ("", "", 0)
    assert os.readlink(tree / "run") == "private/var/run"
    assert os.readlink(tree / "last") == "etc"
    assert not (tree.parent / "x").exists() and not (tree / "a").exists()
    assert filler(tree, "apfs.util", "-k", "disk0s1") == (
        "", "apfs.util: there is no APFS volume here\n", 253)
    assert filler(tree, "apfs.util", "-x") == (
        "", "usage: apfs.util -t | -B | -k device\n", 1)


def test_scutil(tree: Path) -> None:
    host = os.uname().nodename
    assert filler(tree, "scutil", "--get", "HostName") == (host + "\n", "", 0)
    assert filler(tree, "scutil", "--get", "ComputerName") == (host + "\n", "", 0)
    out, err, status = filler(tree, "scutil", "--get", "LocalHostName")
    assert re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\n", out)
    assert (err, status) == ("", 0)
    for words in ([], ["--get"], ["--get", "x"], ["--set", "HostName", "x"], ["--dns"]):
        assert filler(tree, "scutil", *words) == (
            "", "usage: scutil --get ComputerName|LocalHostName|HostName\n", 1)
