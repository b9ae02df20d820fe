"""The comparison itself: it accepts what it should and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.cases import Case, Expected, load
from tests.conformance.compare import MODES, Mismatch, check, check_expected
from tests.conformance.shell import Result

_HEAD = "<TS> sysadminctl[<PID>:<TID>] "
_LOGGED = "2026-05-02 10:11:12.345 sysadminctl[12:34] "


@pytest.mark.parametrize(("mode", "wanted", "given", "same"), [
    ("bytes", "a\n", "a\n", True),
    ("bytes", "a\n", "a", False),
    ("bytes", "a.c\n", "abc\n", False),
    ("bytes", "", "", True),
    ("bytes", "", "x\n", False),
    ("bytes", "a\n...\nz\n", "a\nb\nc\nz\n", True),
    ("bytes", "a\n...\nz\n", "a\nz\n", True),
    ("bytes", "a\n...\nz\n", "a\nb\n", False),
    ("bytes", _HEAD + "x\n", _LOGGED + "x\n", True),
    ("bytes", _HEAD + "x\n", "sysadminctl: x\n", False),
    ("bytes", _HEAD + "File:/a/b/DSRecord.m Line:1\n", _LOGGED + "File:/c/DSRecord.m Line:1\n",
     True),
    ("bytes", _HEAD + "File:/a/b/DSRecord.m Line:1\n", _LOGGED + "File:/c/Other.m Line:1\n",
     False),
    ("bytes", "<UUID>\n", "0A6F4C5C-0E70-4287-8393-73E1C30F72E5\n", True),
    ("bytes", "<UUID>\n", "0a6f4c5c-0e70-4287-8393-73e1c30f72e5\n", False),
    ("bytes", "<UUID>\n", "FFFFEEEE-DDDD-CCCC-BBBB-AAAA00000000\n", False),
    ("bytes", "<real><TIME></real>\n", "<real>1720819125.8711572</real>\n", True),
    ("lines in any order", "a\nb\n", "b\na\n", True),
    ("lines in any order", "a\na\n", "a\n", False),
    ("columns", "ab  1\nc    2\n", "c   2\nab  1\n", True),
    ("columns", "ab  1\nc    2\n", "c  2\nab  1\n", False),
    ("columns", "ab  1\nc    2\n", "c   2\nab  3\n", False),
    ("blocks", "A -\n\t1\nB -\n\t2\n", "B -\n\t2\nA -\n\t1\n", True),
    ("blocks", "A -\n\t1\n", "B -\n\t2\nA -\n\t1\n", False),
    ("blocks", "A -\n\t1\n...\n", "B -\n\t2\nA -\n\t1\n", True),
    ("blocks", "A -\n\t1\n...\n", "A -\n\t1\n\t3\n", False),
    ("no trailing blanks", "a \n\n", "a\n\n", True),
    ("no trailing blanks", "a \n\n", "a\n", False),
])
def test_mode(mode: str, wanted: str, given: str, same: bool) -> None:
    assert MODES[mode](wanted, given) is same


@pytest.mark.parametrize(("expected", "complaint"), [
    (Expected(stdout="x\n"), "stdout (bytes)"),
    (Expected(stderr=""), "stderr (bytes)"),
    (Expected(terminal="Password: "), "terminal (bytes)"),
    (Expected(stdout_starts="ut"), "stdout does not start with 'ut'"),
    (Expected(stderr_starts="out"), "stderr does not start with 'out'"),
    (Expected(stderr_contains=["e", "z"]), "stderr does not contain 'z'"),
    (Expected(exit=0), "exit 3, not 0"),
])
def test_what_differs_is_said(expected: Expected, complaint: str) -> None:
    with pytest.raises(Mismatch) as caught:
        check_expected(expected, Result("out\n", "err\n", 3))
    assert str(caught.value).startswith(complaint)


def test_all_right() -> None:
    expected = Expected("out\n", "err\n", "tty", "o", "e", ["r"], 3)
    check_expected(expected, Result("out\n", "err\n", 3, "tty"))


def test_asserting_nothing_is_no_pass() -> None:
    case = Case("id", "true", Expected(), "source", "derived")
    with pytest.raises(Mismatch, match="asserts nothing"):
        check(case, Result("", "", 0))


@pytest.mark.parametrize(("text", "error"), [
    ('[[case]]\nid = "a"\ncommand = "x"\nsource = "s"\nconfidence = "c"\nstdot = ""\n', TypeError),
    ('[[case]]\nid = "a"\ncommand = "x"\nsource = "s"\nconfidence = "c"\n' * 2, ValueError),
    ('[[case]]\nid = "a"\n', TypeError),
])
def test_faulty_data_files_are_refused(tmp_path: Path, text: str, error: type) -> None:
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(error):
        load(tmp_path)


def test_every_is_the_default_of_all_cases(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(
        '[every]\nstdout = "same\\n"\nexit = 0\nsource = "s"\nconfidence = "c"\n'
        '[every.records."Users/a"]\nUniqueID = ["1"]\n'
        '[[case]]\nid = "one"\ncommand = "x"\nexit = 5\n'
        '[case.records."Users/b"]\nJPEGPhoto = [{hex = "ff00"}]\n'
    )
    [case] = load(tmp_path)
    assert case.expected == Expected(stdout="same\n", exit=5)
    assert case.records == {"Users/a": {"UniqueID": ["1"]}, "Users/b": {"JPEGPhoto": [b"\xff\0"]}}
