"""Whether a tree needs a filler: looks at the tree, changes nothing.

A rule is a function of the tree's host path (the merged view of a prefix, as it was before this
product laid anything); it returns the reason to lay the filler, a clause for the receipt, or None.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from sandbox_stub.paths import realpath

Rule = Callable[[str], str | None]


def absent(path: str) -> Rule:
    """Lay it where nothing is at ``path``; a dangling link is nothing."""
    def rule(root: str) -> str | None:
        return None if os.path.exists(realpath(path, root)) else f"there is no {path}"
    return rule


def no_directory(path: str) -> Rule:
    """Lay the directory unless ``path`` is one."""
    def rule(root: str) -> str | None:
        found = realpath(path, root)
        return None if os.path.isdir(found) else f"there is no directory {path}"
    return rule


def no_link(path: str, target: str) -> Rule:
    """Lay a link at ``path`` where only ``target`` exists."""
    def rule(root: str) -> str | None:
        if os.path.exists(realpath(path, root)) or not os.path.exists(realpath(target, root)):
            return None
        return f"it is at {target} only"
    return rule


def lacks(path: str, mark: str, why: str) -> Rule:
    """Lay it where the program at ``path`` is missing or its bytes do not hold ``mark``."""
    return lambda root: _judge(root, path, lambda data: mark.encode() not in data, why)


def holds(path: str, mark: str, why: str) -> Rule:
    """Lay it where the program at ``path`` is missing or its bytes hold ``mark``."""
    return lambda root: _judge(root, path, lambda data: mark.encode() in data, why)


def _judge(root: str, path: str, deficient: Callable[[bytes], bool], why: str) -> str | None:
    found = realpath(path, root)
    if not os.path.exists(found):
        return f"there is no {path}"
    try:
        with open(found, "rb") as file:
            return why if deficient(file.read()) else None
    except OSError:
        return None  # what cannot be looked into is left as it is
