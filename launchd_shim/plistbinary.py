"""A look at a binary property list before plistlib reads it, and after plistlib refused it.

plistlib makes every object that the offset table names; a table whose entries all point at one
large array makes it fill the memory from a file of 100 KB. Objects of a real list do not overlap,
so their sizes add up to less than the file. Format: Apple's public description of "bplist00".
"""

from __future__ import annotations

from launchd_shim.plisterror import NotAPropertyList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TRAILER = 32

#: What biplist may read while it looks for the fault, in bytes, an object costing _OBJECT more:
#: it follows every reference anew.
_EXPLAIN_BYTES = 2 << 20
_OBJECT = 64

#: High half of an object's first byte -> bytes for each of the things that it counts; None for a
#: reference, whose width the trailer says.
_WIDTHS: dict[int, int | None] = {0x40: 1, 0x50: 1, 0x60: 2, 0xA0: None, 0xC0: None, 0xD0: None}


def overlapping(data: bytes) -> bool:
    """Whether the objects of the offset table add up to more than the file holds.

    False for a file whose trailer or table is damaged: plistlib reads nothing of it.
    """
    trailer = data[-_TRAILER:]
    if len(data) < len("bplist00") + _TRAILER:
        return False
    width, reference = trailer[6], trailer[7]
    count, table = int.from_bytes(trailer[8:16], "big"), int.from_bytes(trailer[24:32], "big")
    if not width or table + count * width > len(data):
        return False
    total = 0
    for at in range(table, table + count * width, width):
        total += _extent(data, int.from_bytes(data[at:at + width], "big"), reference)
        if total > len(data):
            return True
    return False


def _extent(data: bytes, at: int, reference: int) -> int:
    """How many bytes an object says it has."""
    if at >= len(data):
        return 0
    marker = data[at]
    high = marker & 0xF0
    if high not in _WIDTHS:
        return 1
    number = marker & 0x0F
    if number == 0x0F and at + 1 < len(data):
        size = 1 << (data[at + 1] & 0x03)
        number = int.from_bytes(data[at + 2:at + 2 + size], "big")
    each = _WIDTHS[high] or reference * (2 if high == 0xD0 else 1)
    # A length beyond the end is a fault that plistlib sees; it is no reason to say "overlap".
    return 1 + number * each if number * each <= len(data) else 0


def explain(data: bytes) -> str:
    """``": …"``, what biplist finds wrong with a binary list that plistlib refuses.

    "" where biplist is not installed or finds nothing. It is a second, independent reader, used
    for its sentences alone: it follows references without bounds, hence the count here.
    """
    try:
        import biplist
    except ImportError:
        return ""
    try:
        _bounded_reader(biplist)(data).parse()
    except (biplist.InvalidPlistException, NotAPropertyList) as error:
        return f": {error}"
    except Exception:  # noqa: BLE001 - another reader's fault explains nothing
        return ""
    return ""


def _bounded_reader(biplist: Any) -> Any:
    import io

    class Reader(biplist.PlistReader):  # type: ignore[misc]  # biplist has no types
        left = _EXPLAIN_BYTES

        def __init__(self, data: bytes) -> None:
            super().__init__(io.BytesIO(data))

        def readObject(self) -> Any:  # noqa: N802 - biplist's name
            self._charge(_OBJECT)
            return super().readObject()

        def readContents(self, length: int, *what: str) -> Any:  # noqa: N802 - biplist's name
            self._charge(max(length, 0))
            return super().readContents(length, *what)

        def _charge(self, bytes: int) -> None:
            self.left -= bytes
            if self.left < 0:
                raise NotAPropertyList("it holds too many values")

    return Reader
