"""What is said about bytes that are no property list."""

from __future__ import annotations


class NotAPropertyList(Exception):
    """Bytes are no property list, or one beyond all bounds; the text says why."""
