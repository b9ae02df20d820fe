"""No password of a command line gets into the log."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from dirserv import store
from dirserv.redaction import redacted
from tests.support import run

LINES = [
    ("dscl . -create /Users/x UniqueID 501", None),
    ("dscl -u admin -P S . -create /Users/x", "dscl -u admin -P *** . -create /Users/x"),
    ("dscl -P S -u a . -passwd /Users/x S S", "dscl -P *** -u a . -passwd /Users/x *** ***"),
    ("dscl . passwd /Users/x S", "dscl . passwd /Users/x ***"),
    ("dscl . -auth x S", "dscl . -auth x ***"),
    ("dscl . authonly x S", "dscl . authonly x ***"),
    ("dscl . -create /Users/x Password S", "dscl . -create /Users/x Password ***"),
    ("dscl . -create /Users/x dsAttrTypeStandard:Password S",
     "dscl . -create /Users/x dsAttrTypeStandard:Password ***"),
    ("dscl . -append /Users/x dsAttrTypeNative:ShadowHashData S S",
     "dscl . -append /Users/x dsAttrTypeNative:ShadowHashData *** ***"),
    ("dscl . -change /Users/x passwd S S", "dscl . -change /Users/x passwd *** ***"),
    ("dscl . -create /Users/passwd UniqueID 501", None),
    ("dseditgroup -u a -P S -o edit -a x staff", "dseditgroup -u a -P *** -o edit -a x staff"),
    ("dseditgroup -qPS -o edit staff", "dseditgroup -qP*** -o edit staff"),
    ("dseditgroup -qP S -o edit staff", "dseditgroup -qP *** -o edit staff"),
    ("dseditgroup -o edit -a P -t user staff", None),
    ("sysadminctl -addUser x -password S -fullName X",
     "sysadminctl -addUser x -password *** -fullName X"),
    ("sysadminctl -resetPasswordFor x -newPassword S -adminUser a -adminPassword S",
     "sysadminctl -resetPasswordFor x -newPassword *** -adminUser a -adminPassword ***"),
    ("sysadminctl -oldPassword S -newPassword S",
     "sysadminctl -oldPassword *** -newPassword ***"),
    ("dsenableroot -u a -p S -r S", "dsenableroot -u a -p *** -r ***"),
    ("dsenableroot -ua -pS -rS", "dsenableroot -ua -p*** -r***"),
    ("dsimport f /Local/Default M --username a --password S",
     "dsimport f /Local/Default M --username a --password ***"),
    ("dsimport f /Local/Default M --password=S", "dsimport f /Local/Default M --password=***"),
    ("dsimport -g f /Local/Default M -u a -p S", "dsimport -g f /Local/Default M -u a -p ***"),
    ("dsimport f /Local/Default M --force Password S",
     "dsimport f /Local/Default M --force Password ***"),
    ("pwpolicy -a x -p S -u y -setpassword S", "pwpolicy -a x -p *** -u y -setpassword ***"),
    ("pwpolicy -u y -5 S", "pwpolicy -u y -5 ***"),
    ("pwpolicy -ap x S -u y -disableuser", "pwpolicy -ap *** *** -u y -disableuser"),
    ("pwpolicy -u y -setpolicy minChars=4", None),
]


@pytest.mark.parametrize(("line", "wanted"), LINES, ids=[line for line, _ in LINES])
def test_what_is_left_of_a_command_line(line: str, wanted: str | None) -> None:
    assert redacted(line.split()) == (wanted or line).split()


@pytest.mark.parametrize(("line", "wanted"), LINES, ids=[line for line, _ in LINES])
def test_the_short_cut_of_hot_commands_hides_as_much(
    line: str, wanted: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *rest = line.split()
    monkeypatch.setattr("sys.argv", ["/usr/bin/" + first, *rest])
    assert store._arguments() == repr((wanted or line).split())


def test_a_long_word_is_cut() -> None:
    assert redacted(["dscl", "x" * 5000]) == ["dscl", "x" * 100 + "… (5000 characters)"]


SECRET = "Geheim-4711"


@pytest.mark.parametrize("commands", [
    [["dscl", ".", "-passwd", "/Users/_www", SECRET]],
    [["sysadminctl", "-addUser", "neu", "-password", SECRET]],
    [["sysadminctl", "-addUser", "neu", "-password", "x"],
     ["sysadminctl", "-resetPasswordFor", "neu", "-newPassword", SECRET]],
    [["pwpolicy", "-u", "_www", "-setpassword", SECRET]],
    [["dsenableroot", "-u", "root", "-p", SECRET, "-r", SECRET]],
])
def test_no_file_of_ours_holds_the_password(root: Path, commands: list[list[str]]) -> None:
    for command in commands:
        run(root, *command)
    run(root, "dscl", ".", "-create", "/Users/after", "UniqueID", "801")
    for path in root.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("attribute", ["ShadowHashData", "Password", "KerberosKeys"])
def test_values_of_secret_attributes_are_only_counted(root: Path, attribute: str) -> None:
    assert run(root, "dscl", ".", "-create", "/Users/_www", attribute, SECRET).returncode == 0
    with sqlite3.connect(root / "private/var/db/dirserv/directory.sqlite") as database:
        argv, changes = database.execute(
            "SELECT argv, changes FROM log ORDER BY generation DESC").fetchone()
    database.close()
    assert SECRET not in argv + changes
    assert changes.endswith("1, 0, None, None)]")
