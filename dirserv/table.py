"""An ordered table within a file, searched by a few small reads."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: What one read takes: all of a small directory's table.
BLOCK = 4096


class Table:
    """Ordered entries of one width within a file."""

    def __init__(
        self, part: Callable[[int, int], bytes], start: int, length: int, width: int
    ) -> None:
        self._part = part
        self._start = start
        self._length = length
        self._width = width

    def starting_with(self, prefix: bytes) -> Iterator[bytes]:
        """The entries that begin with four bytes."""
        at = self._position(prefix)
        while at < self._length:
            block = self._part(self._start + at, min(BLOCK, self._length - at))
            for begin in range(0, len(block), self._width):
                if block[begin:begin + 4] != prefix:
                    return
                yield block[begin:begin + self._width]
            at += len(block)

    def __iter__(self) -> Iterator[bytes]:
        table = self._part(self._start, self._length)
        return (table[at:at + self._width] for at in range(0, self._length, self._width))

    def changed(self, gone: set[bytes], new: set[bytes]) -> bytes:
        """The table without some entries and with others."""
        table = self._part(self._start, self._length)
        pieces, start = [], 0
        for entry, added in sorted([(entry, False) for entry in gone]
                                   + [(entry, True) for entry in new]):
            at = self._position(entry)
            pieces += [table[start:at], entry if added else b""]
            start = at if added else at + self._width
        return b"".join([*pieces, table[start:]])

    def _position(self, wanted: bytes) -> int:
        """The offset of the first entry that is not less."""
        low, high, width = 0, self._length // self._width, self._width
        block, start = b"", 0
        while low < high:
            if not block and (high - low) * width <= BLOCK:
                start = low
                block = self._part(self._start + low * width, (high - low) * width)
            middle = (low + high) // 2
            at = (middle - start) * width
            entry = block[at:at + width] or self._part(self._start + middle * width, width)
            if entry < wanted:
                low = middle + 1
            else:
                high = middle
        return low * width
