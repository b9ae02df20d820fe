"""Finds a section in a Mach-O file or, in a fat file, in the first program of it (loader.h)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    ByteOrder = Literal["big", "little"]

_FAT, _FAT_64 = 0xCAFEBABE, 0xCAFEBABF
#: Magic as it is read big-endian -> (byte order, size of the header, is it 64-bit).
_MAGICS: dict[int, tuple[ByteOrder, int, bool]] = {
    0xFEEDFACE: ("big", 28, False), 0xCEFAEDFE: ("little", 28, False),
    0xFEEDFACF: ("big", 32, True), 0xCFFAEDFE: ("little", 32, True),
}
#: Load commands with sections: 32-bit and 64-bit.
_SEGMENT, _SEGMENT_64 = 0x1, 0x19


class NotMachO(Exception):
    """The file is neither Mach-O nor fat, or its tables lead out of it."""


class _Reader:
    """Unsigned numbers and names in a part of a file."""

    def __init__(self, data: bytes, order: ByteOrder) -> None:
        self.data = data
        self._order = order

    def number(self, at: int, size: int = 4) -> int:
        """An unsigned number. Raises NotMachO outside the file."""
        if at < 0 or at + size > len(self.data):
            raise NotMachO
        return int.from_bytes(self.data[at:at + size], self._order)

    def name(self, at: int) -> str:
        """A name of 16 bytes."""
        return self.data[at:at + 16].split(b"\0")[0].decode("latin-1")


def section(data: bytes, segment: str, name: str) -> bytes | None:
    """The content of a section, None if there is none. Raises NotMachO."""
    reader = _Reader(data, "big")
    magic = reader.number(0)
    if magic in (_FAT, _FAT_64):
        wide = magic == _FAT_64
        if reader.number(4) == 0:
            raise NotMachO
        # Behind cpu type and subtype: offset and size of the first program.
        start = reader.number(16, 8 if wide else 4)
        length = reader.number(24 if wide else 20, 8 if wide else 4)
        data = data[start:start + length]
        magic = _Reader(data, "big").number(0)
    if magic not in _MAGICS:
        raise NotMachO
    return _in_program(data, *_MAGICS[magic], segment, name)


def _in_program(
    data: bytes, order: ByteOrder, header: int, wide: bool, segment: str, name: str
) -> bytes | None:
    reader = _Reader(data, order)
    at = header
    for _ in range(reader.number(16)):
        command, size = reader.number(at), reader.number(at + 4)
        if size < 8:
            raise NotMachO
        if command == (_SEGMENT_64 if wide else _SEGMENT):
            found = _in_segment(reader, at, wide, segment, name)
            if found is not None:
                return found
        at += size
    return None


def _in_segment(
    reader: _Reader, at: int, wide: bool, segment: str, name: str
) -> bytes | None:
    """The section in one segment command; in object files sections name their segment."""
    count = reader.number(at + (64 if wide else 48))
    first, size = (at + 72, 80) if wide else (at + 56, 68)
    for start in range(first, first + count * size, size):
        if (reader.name(start), reader.name(start + 16)) == (name, segment):
            length = reader.number(start + 40, 8) if wide else reader.number(start + 36)
            offset = reader.number(start + (48 if wide else 40))
            if offset + length > len(reader.data):
                raise NotMachO
            return reader.data[offset:offset + length]
        if start + size > len(reader.data):
            raise NotMachO
    return None
