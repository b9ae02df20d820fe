"""Checks and conversions of single values, by the names that the table of keys uses.

A rule takes the key as the file spells it, a value of the right kind, and the notes; it returns
what the job gets, or None for the default after it has noted why. Numbers out of range are noted,
never an error (spec/launchd.md 1.2, 1.6).
"""

from __future__ import annotations

from launchd_shim import keys
from launchd_shim.notes import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from launchd_shim.notes import Notes

_SECONDS = (1 << 32) - 1


def within(key: str, value: int, low: int, high: int, notes: Notes) -> int | None:
    """The number if it lies in a range."""
    if low <= value <= high:
        return value
    notes.ignored(key, f"{key} {value} is not within {low} and {high}; ignored")
    return None


def one_of(key: str, value: str, words: Sequence[str], notes: Notes) -> str | None:
    """The word, in its documented spelling, if it is one of those given."""
    for word in words:
        if word.lower() == value.lower():
            return word
    notes.ignored(key, f"{key} {value!r} is none of {', '.join(words)}; ignored")
    return None


def filled(key: str, value: str, notes: Notes) -> str | None:
    """A string that is not empty."""
    if not value:
        notes.ignored(key, f"{key} is empty; ignored")
    return value or None


def seconds(key: str, value: int, notes: Notes) -> int | None:
    """Seconds, 0 included."""
    return within(key, value, 0, _SECONDS, notes)


def interval(key: str, value: int, notes: Notes) -> int | None:
    """Seconds, more than 0."""
    return within(key, value, 1, _SECONDS, notes)


def throttle(key: str, value: int, notes: Notes) -> int | None:
    """Seconds; launchd 2.x does not take 0 for "at once"."""
    if value == 0:
        notes.ignored(key, f"{key} 0 is ignored, the default stays")
        return None
    return interval(key, value, notes)


def nice(key: str, value: int, notes: Notes) -> int | None:
    """A scheduling priority."""
    return within(key, value, -20, 20, notes)


def umask(key: str, value: int | str, notes: Notes) -> int | None:
    """An integer as it is, or a string in C's notation: 022 octal, 18 decimal, 0x12 hexadecimal.
    """
    if isinstance(value, int):
        if value in (2, 7, 22, 27, 77):
            notes.remark(key, f"{key} {value} is a decimal number, that is {value:03o}; "
                              f"the string {value:03d} would be octal")
        return within(key, value, 0, 0o777, notes)
    number = _c_number(value)
    if number is None:
        notes.ignored(key, f"{key} {value!r} is not a number; ignored")
        return None
    return within(key, number, 0, 0o777, notes)


def _c_number(text: str) -> int | None:
    """strtoul(3) with base 0 over the whole text."""
    digits = text.strip(" \t\n\v\f\r").removeprefix("+").lower()
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    digits = digits.removeprefix("0x") if base == 16 else digits
    allowed = "0123456789abcdef"[:base]
    # Longer than any 64-bit number in octal: int() need not see it.
    if not digits or len(digits) > 23 or digits.strip(allowed):
        return None
    return int(digits, base)


def strings(key: str, value: list[Any], notes: Notes) -> list[str]:
    """The strings of an array."""
    for at, item in enumerate(value):
        if not isinstance(item, str):
            notes.ignored(key, f"{key} holds {kind_of(item)} at {at}, not a string; ignored")
    return [item for item in value if isinstance(item, str)]


def names(key: str, value: dict[str, Any], notes: Notes) -> list[str]:
    """The keys of a dictionary."""
    return list(value)


def flags(key: str, value: dict[str, Any], notes: Notes) -> dict[str, bool]:
    """The booleans of a dictionary."""
    for name, item in value.items():
        if not isinstance(item, bool):
            notes.within(key).wrong_kind(name, item, [keys.BOOL])
    return {name: item for name, item in value.items() if isinstance(item, bool)}


def path_state(key: str, value: dict[str, Any] | str, notes: Notes) -> dict[str, bool]:
    """Paths and whether they must exist; Homebrew writes a bare path for one that must (8.7)."""
    if isinstance(value, str):
        notes.remark(key, f"{key} is a string, taken as the path that must exist")
        return {value: True}
    return flags(key, value, notes)


def environment(key: str, value: dict[str, Any], notes: Notes) -> dict[str, str]:
    """Variables; a name that cannot be one, launchd's own, and what is no string are left out."""
    inner = notes.within(key)
    variables = {}
    for name, item in value.items():
        if not isinstance(item, str):
            inner.wrong_kind(name, item, [keys.STRING])
        elif not name or "=" in name:
            inner.ignored(name, f"{name!r} is no name of a variable; ignored")
        elif name == "__LAUNCHD_FD":
            inner.ignored(name, f"{name} is reserved; ignored")
        else:
            variables[name] = item
    return variables


def variable(key: str, value: str, notes: Notes) -> str | None:
    """The name of a variable, which becomes a file's name as well (SecureSocketWithKey)."""
    if value in ("", ".", "..") or set(value) & set("=/"):
        notes.ignored(key, f"{key} {value!r} is no name of a variable; ignored")
        return None
    return value


def limits(key: str, value: dict[str, Any], notes: Notes) -> dict[str, int]:
    """Resource limits by their documented names."""
    inner = notes.within(key)
    known = {name.lower(): name for name in keys.LIMITS}
    found = {}
    for name, item in value.items():
        if name.lower() not in known:
            inner.unknown(name, item)
        elif kind_of(item) != keys.INT:
            inner.wrong_kind(name, item, [keys.INT])
        elif within(name, item, 0, (1 << 63) - 1, inner) is not None:
            found[known[name.lower()]] = item
    return found


def process_type(key: str, value: str, notes: Notes) -> str | None:
    """How the process is scheduled."""
    return one_of(key, value, keys.PROCESS_TYPES, notes)


def sessions(key: str, value: str | list[Any], notes: Notes) -> list[str]:
    """Session types, one or several."""
    words = [value] if isinstance(value, str) else strings(key, value, notes)
    known = [one_of(key, word, keys.SESSIONS, notes) for word in words]
    return [word for word in known if word is not None]


def hardware(key: str, value: dict[str, Any], notes: Notes) -> dict[str, list[str]]:
    """sysctl hw. names and the values they may have."""
    inner = notes.within(key)
    for name, item in value.items():
        if not isinstance(item, list):
            inner.wrong_kind(name, item, [keys.ARRAY])
    return {name: strings(name, item, inner) for name, item in value.items()
            if isinstance(item, list)}


def disabled(key: str, value: bool | dict[str, Any], notes: Notes) -> Any:
    """True or false, or the machines on which it is true."""
    return hardware(key, value, notes) if isinstance(value, dict) else value


def events(key: str, value: dict[str, Any], notes: Notes) -> list[str]:
    """The paths of the file system's event stream."""
    stream = value.get("com.apple.fsevents.matching")
    matches = stream.values() if isinstance(stream, dict) else ()
    paths = [match.get("Path") for match in matches if isinstance(match, dict)]
    return [path for path in paths if isinstance(path, str) and path]
