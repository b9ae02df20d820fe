"""The network databases under /etc of a root: hosts, services, rpc, protocols and fstab.

Formats: hosts(5), services(5), rpc(5), protocols(5), fstab(5). A line that is none is passed over,
as the C library does it. What an entry shows is what dscacheutil prints of it.
"""

from __future__ import annotations

from dirserv.cnumber import strtol
from dirserv.files import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dirserv.paths import Root

#: fstab(5)'s types of access; the first is the default, the last hides an entry.
_ACCESS = ("rw", "rq", "ro", "sw", "xx")


class Entry:
    """An entry: its names, its number (0 where there is none), and (label, text) to print."""

    __slots__ = ("names", "number", "shown")

    def __init__(self, names: list[str], number: int, shown: list[tuple[str, str]]) -> None:
        self.names = names
        self.number = number
        self.shown = shown


def entries(root: Root, category: str) -> Iterator[Entry]:
    """The entries of a category (service, rpc, protocol, mount) in the order of the file."""
    file, parse, least = CATEGORIES[category]
    for words in _lines(root, file):
        entry = parse(words) if len(words) >= least else None
        if entry is not None:
            yield entry


def _lines(root: Root, file: str) -> Iterator[list[str]]:
    """The words of the lines of a file in /etc; none if it is not there or not for us to read."""
    try:
        data = read(f"{root.etc}/{file}") or b""
    except OSError:
        return
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        words = line.partition("#")[0].split()
        if words:
            yield words


def _service(words: list[str]) -> Entry | None:
    port, slash, protocol = words[1].partition("/")
    if not slash or not port.isascii() or not port.isdigit():
        return None
    names = [words[0], *words[2:]]
    number = strtol(port)[0] % (1 << 16)
    return Entry(names, number, [*_named(names), ("protocol", protocol), ("port", str(number))])


def _numbered(words: list[str]) -> Entry:
    names, number = [words[0], *words[2:]], strtol(words[1])[0]
    return Entry(names, number, [*_named(names), ("number", str(number))])


def _named(names: list[str]) -> list[tuple[str, str]]:
    shown = [("name", names[0])]
    return shown if len(names) == 1 else [*shown, ("aliases", listed(names[1:]))]


def listed(names: list[str]) -> str:
    """Names as dscacheutil lists them: a blank behind each."""
    return "".join(name + " " for name in names)


def _mount(words: list[str]) -> Entry | None:
    spec, file, kind, options = words[:4]
    access = next((word for word in options.split(",") if word in _ACCESS), _ACCESS[0])
    if access == _ACCESS[-1]:
        return None
    frequency, order = (strtol(word)[0] for word in (*words[4:6], "0", "0")[:2])
    return Entry([spec], 0, [
        ("name", spec), ("file", file), ("vfstype", kind), ("options", options),
        ("type", access), ("vfstype", kind), ("frequency", str(frequency)), ("pass", str(order)),
    ])


#: Category -> (file in /etc, what reads a line, the words it has at least).
CATEGORIES: dict[str, tuple[str, Callable[[list[str]], Entry | None], int]] = {
    "service": ("services", _service, 2),
    "rpc": ("rpc", _numbered, 2),
    "protocol": ("protocols", _numbered, 2),
    "mount": ("fstab", _mount, 4),
}


class Host:
    """A line of hosts: an address (also as bytes, to compare) and its names."""

    __slots__ = ("address", "packed", "names")

    def __init__(self, address: str, packed: bytes, names: list[str]) -> None:
        self.address = address
        self.packed = packed
        self.names = names

    @property
    def six(self) -> bool:
        """Whether it is an IPv6 address."""
        return len(self.packed) == 16


def hosts(root: Root) -> list[Host]:
    """The hosts of a root's hosts(5) in the order of the file."""
    found = []
    for words in _lines(root, "hosts"):
        packed = pack(words[0])
        if packed and len(words) > 1:
            found.append(Host(_unpack(packed), packed, words[1:]))
    return found


def pack(address: str) -> bytes | None:
    """An address as 4 or 16 bytes, without a scope (``%lo0``); None if it is none."""
    import _socket

    family = _socket.AF_INET6 if ":" in address else _socket.AF_INET
    try:
        return _socket.inet_pton(family, address.partition("%")[0])
    except (OSError, ValueError):
        return None


def _unpack(packed: bytes) -> str:
    import _socket

    return _socket.inet_ntop(_socket.AF_INET6 if len(packed) == 16 else _socket.AF_INET, packed)
