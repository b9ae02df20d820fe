"""Records as text, to move a directory from one root to another, and back.

The format ``json`` has one JSON object a line: first ``{"darling-dirserv": 1, …}``, then a record
each with its type and its attributes; a value is a string, or ``{"base64": …}`` for bytes. Lines
are in the order of types and names, so that two exports can be compared. ``passwd`` and ``group``
are the flat files (spec/dirserv.md 6.3).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from dirserv.admin.errors import AdminError
from dirserv.names import (
    META_NODE,
    NATIVE,
    RECORD_NAME,
    RECORD_TYPE,
    STANDARD,
    record_type,
    stored,
)
from dirserv.projection import dslocal, flat
from dirserv.record import Record

if TYPE_CHECKING:
    from dirserv.record import Attributes, Value

FORMATS = ("json", "passwd", "group")
_VERSION = 1
_FIELDS = {"passwd": 7, "group": 4}


class Nonsense(AdminError):
    """A line of the file cannot be taken; nothing was changed."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}; nothing was changed")


class Item(NamedTuple):
    """A record of a file, and the line it stands on."""

    line: int
    type: str
    attributes: Attributes

    @property
    def name(self) -> str:
        """The first RecordName."""
        return str(self.attributes[RECORD_NAME][0])


def dump(records: Iterable[tuple[str, Attributes]], secrets: bool) -> Iterator[str]:
    """The lines of the format json for (type, attributes) pairs."""
    yield json.dumps({"darling-dirserv": _VERSION, "secrets": secrets})
    for type, attributes in sorted(records, key=lambda item: (item[0], item[1][RECORD_NAME])):
        yield json.dumps({"type": type, "attributes": {
            name: [_encoded(value) for value in values]
            for name, values in sorted(attributes.items())
        }}, ensure_ascii=False)


def dump_flat(file: str, records: Iterable[Record]) -> str:
    """The content of passwd or group for records."""
    return flat.render(file, flat.entries(file, records, lambda _: flat.NO_PASSWORD)).decode()


def load(text: str) -> list[Item]:
    """The records of a text in the format json. Raises Nonsense."""
    lines = text.split("\n")
    head = _object(1, lines[0])
    if head.get("darling-dirserv") != _VERSION:
        raise Nonsense(1, f"not an export of darling-dirserv in version {_VERSION} of its format")
    return [_item(number, line) for number, line in enumerate(lines[1:], 2) if line.strip()]


def load_flat(file: str, text: str) -> dict[str, tuple[int, flat.Entry]]:
    """Name -> line and entry of a passwd or group file. Raises Nonsense for a line that is none,
    and for a name that stands there twice."""
    found: dict[str, tuple[int, flat.Entry]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, wanted, fields = line.partition(":")[0], _FIELDS[file], line.count(":") + 1
        if fields != wanted:
            raise Nonsense(number, f"a {file} line has {wanted} fields, this has {fields}")
        entry = flat.parse(file, line.encode()).get(name)
        if entry is None:
            raise Nonsense(number, f"{name!r:.40} has no name that libc reads, or an id that is no "
                                   "number")
        if name in found:
            raise Nonsense(number, f"{name} stands on line {found[name][0]} already")
        found[name] = (number, entry)
    return found


def _item(number: int, line: str) -> Item:
    row = _object(number, line)
    type = record_type(str(row.get("type", "")))
    if type is None:
        raise Nonsense(number, f"{row.get('type')!r} is no record type")
    attributes = row.get("attributes")
    if not isinstance(attributes, dict) or set(row) != {"type", "attributes"}:
        raise Nonsense(number, "a record has a type and attributes, and nothing else")
    for name, values in attributes.items():
        if stored(name) != name or not name.startswith((STANDARD, NATIVE)):
            raise Nonsense(number, f"{name!r} is no attribute's full name")
        if name in (META_NODE, RECORD_TYPE):
            raise Nonsense(number, f"{name} is computed and cannot be imported")
        if not isinstance(values, list) or not values:
            raise Nonsense(number, f"{name} has no list of values")
    found = {name: [_decoded(number, value) for value in values]
             for name, values in attributes.items()}
    _check_names(number, found)
    return Item(number, type, found)


def _check_names(number: int, attributes: Attributes) -> None:
    names = attributes.get(RECORD_NAME)
    if not names:
        raise Nonsense(number, "the record has no name")
    for name in names:
        if not dslocal.fits(name):
            raise Nonsense(number, f"{name!r:.40} cannot be a name")


def _object(number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Nonsense(number, f"not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Nonsense(number, "not a JSON object")
    return found


def _encoded(value: Value) -> object:
    return value if isinstance(value, str) else {"base64": base64.b64encode(value).decode()}


def _decoded(number: int, value: object) -> Value:
    try:
        if isinstance(value, str):
            value.encode()
            return value
        if isinstance(value, dict) and set(value) == {"base64"}:
            return base64.b64decode(value["base64"], validate=True)
    except (UnicodeEncodeError, TypeError, ValueError, binascii.Error):
        pass  # refused below, like every other thing that is no value
    raise Nonsense(number, f"{value!r:.40} is neither text nor {{\"base64\": …}}")
