"""Writes binary property lists of the one shape that the dslocal node has.

A dictionary of string keys to arrays of strings and data. plistlib writes the same bytes' meaning
but costs 7.5 ms to import, more than all else that a write does. Format: the public description
of Apple's "bplist00" (objects, offset table, trailer).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dirserv.record import Value


def dumps(attributes: Mapping[str, Sequence[Value]]) -> bytes:
    """``{key: [text or bytes, …]}`` as a binary property list, keys sorted."""
    keys = sorted(attributes)
    arrays = [attributes[key] for key in keys]
    count = 1 + 2 * len(keys) + sum(map(len, arrays))
    width = _width(count)
    first_array = 1 + len(keys)
    first_value = first_array + len(keys)

    def references(first: int, number: int) -> bytes:
        return b"".join(at.to_bytes(width, "big") for at in range(first, first + number))

    objects = [_marked(0xD0, len(keys)) + references(1, 2 * len(keys))]
    objects += [_scalar(key) for key in keys]
    for values in arrays:
        objects.append(_marked(0xA0, len(values)) + references(first_value, len(values)))
        first_value += len(values)
    objects += [_scalar(value) for values in arrays for value in values]
    return _assembled(objects, width)


def _assembled(objects: list[bytes], width: int) -> bytes:
    offsets, position = [], 8
    for data in objects:
        offsets.append(position)
        position += len(data)
    size = _width(position)
    table = b"".join(offset.to_bytes(size, "big") for offset in offsets)
    trailer = bytes(6) + bytes((size, width)) + b"".join(
        number.to_bytes(8, "big") for number in (len(objects), 0, position)
    )
    return b"bplist00" + b"".join(objects) + table + trailer


def _scalar(value: Value) -> bytes:
    if isinstance(value, bytes):
        return _marked(0x40, len(value)) + value
    if value.isascii():
        return _marked(0x50, len(value)) + value.encode("ascii")
    data = value.encode("utf-16-be")
    return _marked(0x60, len(data) // 2) + data


def _marked(marker: int, length: int) -> bytes:
    if length < 15:
        return bytes((marker | length,))
    power = (_width(length) - 1).bit_length()
    return bytes((marker | 15, 0x10 | power)) + length.to_bytes(1 << power, "big")


def _width(number: int) -> int:
    """The bytes that hold an unsigned number: 1, 2, 4 or 8."""
    return next(size for size in (1, 2, 4, 8) if number < 1 << (8 * size))
