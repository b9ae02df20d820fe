"""How dscl prints attributes, lists, search results and property lists (spec 2.6 to 2.9)."""

from __future__ import annotations

from dirserv.names import without_prefix
from dirserv.record import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dirserv.dscl.grammar import Options
    from dirserv.record import Attributes, Value

_PLIST_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
    '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
    '<plist version="1.0">\n'
)

#: The ASCII characters that stay as they are under -url, besides letters and digits.
_URL_SAFE = frozenset("-_.!~*'();/?:@&=+$,")


def label(constant: str, options: Options) -> str:
    """An attribute or record type as it is printed."""
    return constant if options.raw else without_prefix(constant)


def attribute_lines(name: str, values: Sequence[Value], options: Options) -> str:
    """One attribute: on its line, or each value on its own if any of them holds a space."""
    shown = [text(value) for value in values]
    separator = "\n " if any(" " in value for value in shown) else " "
    if options.url:
        shown = [url_encoded(value) for value in shown]
    return label(name, options) + ":" + "".join(separator + value for value in shown) + "\n"


def record_lines(attributes: Attributes, options: Options) -> str:
    """A record: native attributes first, as the order of the full names wants it."""
    names = sorted(attributes, key=str.lower)
    return "".join(attribute_lines(name, attributes[name], options) for name in names)


def list_lines(rows: Sequence[tuple[str, Sequence[Value]]], options: Options) -> str:
    """``list TYPE KEY``: names padded to the longest and two more, then the values."""
    width = max((len(name.encode("utf-8", "surrogateescape")) for name, _ in rows), default=0) + 2
    encode = url_encoded if options.url else str
    return "".join(
        name + " " * (width - len(name.encode("utf-8", "surrogateescape")))
        + "".join(" " + encode(text(value)) for value in values) + "\n"
        for name, values in rows
    )


def search_lines(name: str, key: str, values: Sequence[Value]) -> str:
    """One found record: all values of the searched key, as NSArray describes itself."""
    items = ",\n".join("    " + described(text(value)) for value in values)
    return f"{name}\t\t{key} = (\n{items}\n)\n"


def described(value: str) -> str:
    """A string as NSArray's description shows it: bare only if it is all letters and digits."""
    if value and all(char.isascii() and (char.isalnum() or char in "_$") for char in value):
        return value
    return '"' + "".join(map(_escaped, value)) + '"'


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if " " <= char <= "~":
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\U{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def url_encoded(value: str) -> str:
    """Percent-encoding as CFURL does it."""
    data = value.encode("utf-8", "surrogateescape")
    return "".join(
        chr(byte) if chr(byte) in _URL_SAFE or chr(byte).isalnum() and byte < 128
        else f"%{byte:02X}" for byte in data
    )


def record_plist(attributes: Attributes) -> str:
    """``-plist read``: one dictionary."""
    return _PLIST_HEAD + _dictionary(attributes, "") + "</plist>\n"


def records_plist(records: Iterable[Attributes]) -> str:
    """``-plist readall``: an array of dictionaries."""
    body = "".join(_dictionary(attributes, "\t") for attributes in records)
    array = f"<array>\n{body}</array>\n" if body else "<array/>\n"
    return _PLIST_HEAD + array + "</plist>\n"


def _dictionary(attributes: Mapping[str, Sequence[Value]], indent: str) -> str:
    if not attributes:
        return f"{indent}<dict/>\n"
    lines = [f"{indent}<dict>\n"]
    for name in sorted(attributes):
        lines.append(f"{indent}\t<key>{_xml(name)}</key>\n")
        values = [f"{indent}\t\t<string>{_xml(text(value))}</string>\n"
                  for value in attributes[name]]
        if values:
            lines += [f"{indent}\t<array>\n", *values, f"{indent}\t</array>\n"]
        else:
            lines.append(f"{indent}\t<array/>\n")
    return "".join((*lines, f"{indent}</dict>\n"))


def _xml(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
