"""strtol(3) in base 10, and what is left of a number in 32 bits."""

from __future__ import annotations

import pytest

from dirserv.cnumber import int32, strtol

LONGEST = 9223372036854775807


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("", 0, ""), ("12", 12, ""), ("-12", -12, ""), ("+12", 12, ""), (" \t\n12 ", 12, " "),
        ("12ab", 12, "ab"), ("0x10", 0, "x10"), ("ab", 0, "ab"), (" ab", 0, " ab"),
        ("-", 0, "-"), ("--1", 0, "--1"), ("- 1", 0, "- 1"), ("0012", 12, ""), ("٣", 0, "٣"),
        (str(LONGEST), LONGEST, ""), (str(LONGEST + 1), LONGEST, ""),
        (str(-LONGEST - 1), -LONGEST - 1, ""), ("-" + "9" * 10000 + "x", -LONGEST - 1, "x"),
        ("0" * 30 + "7", 7, ""),
    ],
)
def test_strtol(text: str, number: int, rest: str) -> None:
    assert strtol(text) == (number, rest)


@pytest.mark.parametrize(
    ("number", "left"),
    [(0, 0), (501, 501), (-2, -2), (4294967294, -2), (2147483648, -2147483648),
     (4294967296, 0), (LONGEST, -1)],
)
def test_int32(number: int, left: int) -> None:
    assert int32(number) == left
