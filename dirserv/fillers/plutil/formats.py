"""Property lists in and out: XML, binary and JSON, and the two output-only forms raw and type."""

from __future__ import annotations

import base64
import datetime
import json
import math
import plistlib
from typing import Any
from xml.parsers import expat

from dirserv.fillers.plutil import xmlfault
from dirserv.fillers.plutil.fault import Fault, Unreadable
from dirserv.fillers.plutil.printing import sorted_keys

#: What may follow -convert, -extract KEYPATH and -create; None keeps the format of the input.
NAMES = {"xml1": "xml1", "binary1": "binary1", "json": "json", "raw": "raw", "type": "type",
         "NoConversion": None}

#: More values than any real list has.
_MAX_VALUES = 5_000_000

#: NSJSONSerialization's words for everything that is not an object or an array.
_NOT_JSON = ("JSON text did not start with array or object and option to allow fragments not set."
             " around line 1, column 0.")


def parse(data: bytes) -> tuple[Any, str]:
    """The value of an XML, binary or JSON file, and the name of its format.

    Raises Fault with plutil's two sentences, one for each kind of reader.
    """
    try:
        return parse_plist(data)
    except Unreadable as problem:
        try:
            return _parse_json(data), "json"
        except ValueError as error:
            raise Fault(f"Property List error: {problem} / JSON error: {error}") from error


def parse_plist(data: bytes) -> tuple[Any, str]:
    """The value of an XML or binary property list, and the name of its format.

    Raises Unreadable with CoreFoundation's sentence.
    """
    if data.startswith(b"bplist00"):
        value = _loads(data, plistlib.FMT_BINARY)
        if value is not None:
            measure(value)
            return value, "binary1"
    if not data:
        raise Unreadable("Cannot parse a NULL or zero-length data")
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.removeprefix(b"\xef\xbb\xbf")
        content = data.lstrip(b" \t\r\n")
        if len(content) < 2:
            raise Unreadable("No XML content found")
        if not content.startswith(b"<"):
            line = 1 + data[:len(data) - len(content)].count(b"\n")
            raise Unreadable(f"Unexpected character {chr(content[0])} at line {line}")
        data = content if content.startswith(b"<?xml") else data
    xmlfault.check(data)
    value = _loads(data, plistlib.FMT_XML)
    if value is None:
        raise Unreadable("Encountered unknown error during parse")
    return value, "xml1"


def _loads(data: bytes, form: Any) -> Any:
    """plistlib's value, which is never None, or None for what plistlib refuses."""
    try:
        return plistlib.loads(data, fmt=form)
    except (plistlib.InvalidFileException, expat.ExpatError, ValueError, LookupError, TypeError,
            AttributeError, OverflowError, RecursionError, MemoryError):
        return None


def measure(root: Any) -> None:
    """Raise Unreadable unless every walk over the value ends.

    Containers of a binary list refer to one another: a ring is endless depth, and each further
    use of a shared one counts anew.
    """
    pending, count = [(root, 1)], 0
    while pending:
        value, depth = pending.pop()
        count += 1
        if depth > xmlfault.MAX_DEPTH or count > _MAX_VALUES:
            raise Unreadable("Too many nested arrays or dictionaries")
        if isinstance(value, (dict, list)):
            inner = value.values() if isinstance(value, dict) else value
            pending += [(item, depth + 1) for item in inner]


def _parse_json(data: bytes) -> Any:
    try:
        value = json.loads(data)
        measure(value)
    except (RecursionError, Unreadable):
        raise ValueError("Too many nested arrays or dictionaries") from None
    except ValueError as error:
        if not data.lstrip().startswith((b"{", b"[")):
            raise ValueError(_NOT_JSON) from error
        raise
    if not isinstance(value, (dict, list)):
        raise ValueError(_NOT_JSON)
    return value


def render(value: Any, form: str, readable: bool) -> bytes:
    """The bytes of ``value`` in a format; ``readable`` indents JSON.

    Raises Fault for a value that the format cannot hold.
    """
    if form in ("xml1", "binary1"):
        return _dumps(value, plistlib.FMT_XML if form == "xml1" else plistlib.FMT_BINARY)
    if form == "json":
        if not isinstance(value, (dict, list)) or not _fits_json(value):
            raise Fault("Invalid object in plist for JSON format")
        return (_pretty(value, "") if readable else _json(value)).encode("utf-8", "surrogatepass")
    return (raw(value) if form == "raw" else type_name(value)).encode("utf-8", "surrogatepass")


def _dumps(value: Any, form: Any) -> bytes:
    try:
        return plistlib.dumps(value, fmt=form)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        # JSON's null, a control character in a string, an integer beyond 64 bits.
        raise Fault("Invalid object in plist for property list format") from error


def _fits_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _fits_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_fits_json, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, (bool, int, str))


def _json(value: Any) -> str:
    # NSJSONSerialization escapes the slash.
    compact = json.dumps(_whole(value), ensure_ascii=False, separators=(",", ":"))
    return compact.replace("/", "\\/")


def _whole(value: Any) -> Any:
    """The value with 1.0 as 1, as Foundation writes numbers."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return list(map(_whole, value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _pretty(value: Any, indent: str) -> str:
    """Foundation's indented JSON: two spaces, a space on both sides of the colon, keys sorted."""
    inner = indent + "  "
    if isinstance(value, dict):
        items = [f"{inner}{_json(key)} : {_pretty(value[key], inner)}" for key in sorted(value)]
        return "{\n" + ",\n".join(items) + f"\n{indent}}}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(inner + _pretty(item, inner) for item in value) + f"\n{indent}]"
    return _json(value)


def raw(value: Any) -> str:
    """The bare value: a container is its keys or its count."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:f}"
    if isinstance(value, dict):
        return "\n".join(sorted_keys(value))
    if isinstance(value, list):
        return str(len(value))
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, (int, str)):
        return str(value)
    raise Fault(f"Value is a {type_name(value)} type and cannot be extracted in raw format")


#: Python type -> the name of -type and -expect; bool before int, which it is in Python.
_TYPES = ((bool, "bool"), (int, "integer"), (float, "float"), (str, "string"), (list, "array"),
          (dict, "dictionary"), (datetime.datetime, "date"), (bytes, "data"))

TYPE_NAMES = tuple(name for _, name in _TYPES)


def type_name(value: Any) -> str:
    """The name of a value's type."""
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "(any)")
