"""Denied parts of allowed trees without mounts: what lies beside them is allowed instead.

That is a snapshot: what is new on the way to a denied path is denied as well.
"""

from __future__ import annotations

import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

_LIMIT = 4096


def beside(directory: str, inside: Collection[str]) -> list[str] | None:
    """What lies in the directories on the way to some paths below one, except those; None if that
    is too much."""
    ways = {directory}
    for path in inside:
        while path not in ways:
            ways.add(path)
            path = path.rpartition("/")[0] or "/"
    ways.difference_update(inside)
    found: list[str] = []
    for way in ways:
        try:
            entries = posix.listdir(way)
        except OSError:
            continue
        paths = {f"{way.rstrip('/')}/{name}" for name in entries}
        found += paths.difference(ways, inside)
        if len(found) > _LIMIT:
            return None
    return found
