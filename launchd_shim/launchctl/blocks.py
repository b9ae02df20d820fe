"""Lines and blocks of ``launchctl print``: tabs, ``K = V``, ``name = {`` (spec/launchd.md 2.5)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BLANK = ""


def block(name: str, lines: list[str], after: bool = True) -> list[str]:
    """A block of lines, with a blank line behind it unless ``after`` is false."""
    return [f"{name} = {{", *indented(lines), "}", *([BLANK] if after else [])]


def indented(lines: list[str]) -> list[str]:
    """The lines one level deeper; blank ones stay blank."""
    return [f"\t{line}" if line else line for line in lines]


def present(pairs: list[tuple[str, Any]]) -> list[str]:
    """``K = V`` for every value that there is."""
    return [f"{key} = {value}" for key, value in pairs if value is not None]


def mapping(values: dict[str, Any]) -> list[str]:
    """``K => V`` for every pair."""
    return [f"{key} => {value}" for key, value in values.items()]


def document(name: str, lines: list[str]) -> str:
    """A whole answer of print: the outermost block."""
    return "\n".join([f"{name} = {{", *indented(lines), "}"]) + "\n"
