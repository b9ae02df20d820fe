"""Reads the bytes of a property list, whoever wrote them, into plain values within bounds.

XML and binary only, as launchd through libxpc (spec/launchd.md 1.1). plistlib does the reading,
but it accepts text between elements and unknown ones, raises whatever its parts raise, and can be
led to fill the memory; so the XML is checked first, the binary form is measured first, and what
comes out is walked. Not a property list is always NotAPropertyList, with a sentence.
"""

from __future__ import annotations

from launchd_shim.plisterror import NotAPropertyList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Larger is no launchd property list: a program's arguments cannot be larger than that either.
MAX_BYTES = 1 << 20

#: No key of launchd's nests deeper than 6.
MAX_DEPTH = 64

#: Values plus characters when every shared value counts each time it is used. XML of MAX_BYTES
#: stays below; only a binary list made of references to references gets there.
MAX_WEIGHT = 2 * MAX_BYTES

BINARY = b"bplist00"
_UTF16 = (b"\xfe\xff", b"\xff\xfe")
_UTF8_MARK = b"\xef\xbb\xbf"


def parse(data: bytes) -> Any:
    """The value of an XML or binary property list.

    Raises NotAPropertyList, also for values that a property list cannot hold: integers beyond 64
    bits, NUL in a string, keys that are no strings.
    """
    if len(data) > MAX_BYTES:
        raise NotAPropertyList(f"it is larger than {MAX_BYTES} bytes")
    value = _binary(data) if data.startswith(BINARY) else _xml(data)
    _measure(value)
    return value


def _xml(data: bytes) -> Any:
    from launchd_shim.plistxml import check

    if not data.startswith(_UTF16):
        data = data.removeprefix(_UTF8_MARK).lstrip()
        if not data.startswith(b"<"):
            raise NotAPropertyList(_not_xml(data))
    check(data, MAX_DEPTH)
    return _plistlib(data, "FMT_XML")


def _not_xml(data: bytes) -> str:
    if not data:
        return "it is empty"
    if data[:1] in (b"{", b"(", b"["):
        return "it is JSON or an old-style property list; only XML and binary ones are read"
    return "it is neither an XML nor a binary property list"


def _binary(data: bytes) -> Any:
    from launchd_shim.plistbinary import explain, overlapping

    if overlapping(data):
        raise NotAPropertyList("its objects overlap")
    try:
        return _plistlib(data, "FMT_BINARY")
    except NotAPropertyList as error:
        raise NotAPropertyList(f"it is a damaged binary property list ({error})"
                               f"{explain(data)}") from error


def _plistlib(data: bytes, form: str) -> Any:
    import plistlib

    try:
        return plistlib.loads(data, fmt=getattr(plistlib, form))
    except RecursionError:
        raise NotAPropertyList(f"it is nested more than {MAX_DEPTH} deep") from None
    except Exception as error:  # noqa: BLE001 - plistlib lets through whatever its parts raise
        raise NotAPropertyList(_reason(error)) from error


def _reason(error: Exception) -> str:
    """plistlib's words where they are meant for people."""
    words = str(error)
    plain = isinstance(error, ValueError) and words and "\n" not in words
    return words if plain else "a value in it is malformed"


def _measure(root: Any) -> None:
    """Raise NotAPropertyList unless the value can be walked in bounded time.

    A binary list's values may refer to one another: each use counts, and a ring is endless depth.
    """
    weight = 0
    pending = [(root, 1)]
    while pending:
        value, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise NotAPropertyList(f"it is nested more than {MAX_DEPTH} deep")
        weight += 1 + _weigh(value)
        if weight > MAX_WEIGHT:
            raise NotAPropertyList("it holds too many values")
        if isinstance(value, dict):
            for key in value:
                weight += 1 + _weigh_key(key)
            pending += [(item, depth + 1) for item in value.values()]
        elif isinstance(value, list):
            pending += [(item, depth + 1) for item in value]


def _weigh(value: Any) -> int:
    if isinstance(value, str):
        if "\0" in value:
            raise NotAPropertyList("a string in it holds a NUL character")
        return len(value)
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        raise NotAPropertyList("an integer in it does not fit into 64 bits")
    return len(value) if isinstance(value, bytes) else 0


def _weigh_key(key: Any) -> int:
    if not isinstance(key, str):
        raise NotAPropertyList("a key in it is not a string")
    return _weigh(key)
