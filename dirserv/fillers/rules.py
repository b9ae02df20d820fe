"""Whether a tree needs a filler: looks at the tree, changes nothing.

A rule is a function of the tree's host path (the merged view of a prefix, as it was before this
product laid anything); it returns the reason to lay the filler, a clause for the receipt, or None.
"""

from __future__ import annotations

import os
from collections.abc import Callable

Rule = Callable[[str], str | None]

#: As many links as Linux follows in one path.
_MAX_LINKS = 40


def resolve(root: str, path: str) -> str:
    """The host path of macOS path ``path`` with every symbolic link followed inside ``root``.

    An absolute link of a prefix means a path of the prefix, so the host's own resolution of it
    would leave the tree. A ring of links resolves to a path that does not exist.
    """
    done, pending, links = "", path.split("/"), 0
    while pending:
        part = pending.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            done = done.rpartition("/")[0]
            continue
        here = f"{root}{done}/{part}"
        if os.path.islink(here) and links < _MAX_LINKS:
            links += 1
            target = os.readlink(here)
            done = "" if target.startswith("/") else done
            pending = target.split("/") + pending
        else:
            done = f"{done}/{part}"
    return root + done


def absent(path: str) -> Rule:
    """Lay it where nothing is at ``path``; a dangling link is nothing."""
    def rule(root: str) -> str | None:
        return None if os.path.exists(resolve(root, path)) else f"there is no {path}"
    return rule


def no_directory(path: str) -> Rule:
    """Lay the directory unless ``path`` is one."""
    def rule(root: str) -> str | None:
        found = resolve(root, path)
        return None if os.path.isdir(found) else f"there is no directory {path}"
    return rule


def no_link(path: str, target: str) -> Rule:
    """Lay a link at ``path`` where only ``target`` exists."""
    def rule(root: str) -> str | None:
        if os.path.exists(resolve(root, path)) or not os.path.exists(resolve(root, target)):
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
    found = resolve(root, path)
    if not os.path.exists(found):
        return f"there is no {path}"
    try:
        with open(found, "rb") as file:
            return why if deficient(file.read()) else None
    except OSError:
        return None  # what cannot be looked into is left as it is
