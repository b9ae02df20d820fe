"""What a word or the body of a string stands for (spec/sandbox.md 3.1)."""

from __future__ import annotations

from sandbox_stub.errors import ProfileError

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_BASES = {"b": 2, "o": 8, "d": 10, "x": 16}
_LARGEST = (1 << 63) - 1


def sharp_constant(word: str) -> bool | int | None:
    """What ``#WORD`` stands for; None for nothing."""
    if word in ("t", "f"):
        return word == "t"
    base = _BASES.get(word[:1])
    digits = word[1:]
    if base is None or not digits.isalnum() or len(digits) > 64:
        return None
    try:
        return min(int(digits, base), _LARGEST)
    except ValueError:
        return None


def number(word: str) -> int | float | None:
    """The number that a word is, if it is one; what does not fit 64 bits becomes the largest."""
    digits = word[1:] if word[0] in "+-" else word
    if digits.isdecimal() and digits.isascii():
        value = min(int(digits), _LARGEST) if len(digits) < 20 else _LARGEST
        return -value if word[0] == "-" else value
    whole, dot, fraction = digits.partition(".")
    both = whole + fraction
    if dot and both.isdecimal() and both.isascii() and len(both) < 300:
        return float(word)
    return None


def unescaped(body: str) -> str:
    """A string's body without its backslashes; raises ProfileError for ``\\x`` without digits."""
    parts, at = [], 0
    while True:
        backslash = body.find("\\", at)
        if backslash < 0:
            parts.append(body[at:])
            break
        parts.append(body[at:backslash])
        letter = body[backslash + 1]
        at = backslash + 2
        if letter == "x":
            parts.append(_byte(body[at:at + 2]))
            at += 2
        else:
            parts.append(_ESCAPES.get(letter, letter))
    # Bytes that were written one by one may form a character.
    return "".join(parts).encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _byte(digits: str) -> str:
    try:
        return bytes.fromhex(digits).decode("utf-8", "surrogateescape")
    except ValueError:
        raise ProfileError("Error reading string") from None
