"""plutil -p: a property list for people."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any


def sorted_keys(keys: Iterable[str]) -> list[str]:
    """Keys as people sort them: without case, numbers by their value."""
    return sorted(keys, key=_natural)


def _natural(key: str) -> tuple[list[tuple[int, int, str]], str]:
    parts = re.findall(r"[0-9]+|[^0-9]+", key)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
            for part in parts], key


def pretty(value: Any, indent: int = 2) -> str:
    """The text of a value, its own end of line included; ``indent`` is that of its children."""
    if isinstance(value, dict):
        lines = [f'{" " * indent}"{key}" => {pretty(value[key], indent + 2)}'
                 for key in sorted_keys(value)]
        return "{\n" + "".join(lines) + " " * (indent - 2) + "}\n"
    if isinstance(value, list):
        lines = [f'{" " * indent}{index} => {pretty(item, indent + 2)}'
                 for index, item in enumerate(value)]
        return "[\n" + "".join(lines) + " " * (indent - 2) + "]\n"
    return _scalar(value) + "\n"


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return f"{{length = {len(value)}, bytes = 0x{_hex(value)}}}"
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S +0000")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "<null>" if value is None else str(value)


def _hex(data: bytes) -> str:
    """NSData's description: long data as its first 16 and its last 8 bytes, in fours."""
    if len(data) <= 24:
        return data.hex()
    return f"{data[:16].hex(' ', 4)} ... {data[-8:].hex(' ', 4)} "
