"""Values as ``launchctl list LABEL`` and ``launchctl plist`` show them (spec/launchd.md 2.6)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Port:
    """A Mach port, of which only is said that it is one."""


def render(value: Any, name: str | None = None, depth: int = 0) -> str:
    """A value with its end: ``"NAME" = VALUE;``, one tab for each level."""
    head = "\t" * depth + (f'"{name}" = ' if name is not None else "")
    if isinstance(value, dict):
        parts = [render(item, str(key), depth + 1) for key, item in value.items()]
        return _block(head, "{", parts, "}", depth)
    if isinstance(value, list | tuple):
        parts = [render(item, None, depth + 1) for item in value]
        return _block(head, "(", parts, ")", depth) if parts else f"{head}();\n"
    return f"{head}{_scalar(value)};\n"


def _block(head: str, opening: str, parts: list[str], closing: str, depth: int) -> str:
    return f"{head}{opening}\n{''.join(parts)}{chr(9) * depth}{closing};\n"


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Port):
        return "mach-port-object"
    if isinstance(value, float):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return f"<{value.hex()}>"
    return f'"{value}"'
