"""Numbers as the C library reads them from text: strtol(3), atoi(3), scanf's ``%ld``.

The commands whose published sources read a number that way accept the same texts.
"""

from __future__ import annotations

_SPACE = " \t\n\v\f\r"
_LONGEST = (1 << 63) - 1


def strtol(text: str) -> tuple[int, str]:
    """The decimal number at the start of ``text``, 0 if there is none, and what follows it.

    Without a number the whole text follows. Numbers that do not fit 64 bits are clamped.
    """
    rest = text.lstrip(_SPACE)
    sign = -1 if rest[:1] == "-" else 1
    rest = rest[1:] if rest[:1] in ("-", "+") else rest
    # Digits one by one would be slow, and int() refuses very long numbers.
    end = len(rest) - len(rest.lstrip("0123456789"))
    if end == 0:
        return 0, text
    digits = rest[:end].lstrip("0") or "0"
    number = int(digits) if len(digits) < 20 else _LONGEST + 1
    return max(-_LONGEST - 1, min(_LONGEST, sign * number)), rest[end:]


def int32(number: int) -> int:
    """A number as it is after C has put it into a 32 bit signed integer."""
    number %= 1 << 32
    return number - (1 << 32) if number >= 1 << 31 else number
