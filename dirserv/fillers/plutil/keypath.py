"""Values at key paths: keys and indexes between dots, a dot within a key as ``\\.``."""

from __future__ import annotations

import re
from typing import Any

from dirserv.fillers.plutil.fault import Fault


def split(path: str) -> list[str]:
    """The keys of a path."""
    return [part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", path)]


def value_at(root: Any, path: str) -> Any:
    """The value at a path.

    Raises Fault if there is none.
    """
    try:
        for key in split(path):
            root = root[_place(root, key)]
    except LookupError:
        raise Fault("Could not extract value, error: No value at that key path or invalid key "
                    f"path: {path}") from None
    return root


def remove(root: Any, path: str) -> None:
    """Take the value at a path out of ``root``.

    Raises Fault if there is none.
    """
    *parents, last = split(path)
    try:
        for key in parents:
            root = root[_place(root, key)]
        del root[_place(root, last)]
    except LookupError:
        raise Fault(f"No value to remove at key path {path}") from None


def insert(root: Any, path: str, value: Any, replacing: bool, appending: bool) -> None:
    """Put a value at a path into ``root``, whose containers above the last key must exist.

    ``replacing`` overwrites the value of a key, ``appending`` adds to the array at the path. In an
    array a value goes in before the one at that index, also when replacing. Raises Fault.
    """
    *parents, last = split(path)
    for key in parents:
        root = _descend(root, key, path)
    if isinstance(root, dict):
        if replacing or last not in root:
            root[last] = value
        elif not appending:
            raise Fault(f"Value already exists at key path {path}")
        elif not isinstance(root[last], list):
            raise Fault(f"Appending to a non-array at key path {path}")
        else:
            root[last].append(value)
    elif isinstance(root, list):
        _insert_at(root, _index(last, path), value, path, appending)
    else:
        raise Fault(f"Unable to insert value at key path {path}")


def _descend(root: Any, key: str, path: str) -> Any:
    if isinstance(root, dict):
        if key not in root:
            raise Fault(f"Key path not found {path}")
        return root[key]
    if not isinstance(root, list):
        raise Fault(f"Unable to insert value at key path {path}")
    index = _index(key, path)
    if not 0 <= index < len(root):
        raise Fault(f"Index {index} out of bounds in array at key path {path}")
    return root[index]


def _insert_at(array: list[Any], index: int, value: Any, path: str, appending: bool) -> None:
    if not 0 <= index <= len(array) or (appending and index == len(array)):
        raise Fault(f"Index {index} out of bounds in array at key path {path}")
    if not appending:
        array.insert(index, value)
    elif isinstance(array[index], list):
        array[index].append(value)
    else:
        raise Fault(f"Attempt to append value to non-array at key path {path}")


def _index(key: str, path: str) -> int:
    if not re.fullmatch(r"[-+]?[0-9]+", key):
        raise Fault(f"Unable to index into array with key path {path}")
    return int(key)


def _place(container: Any, key: str) -> Any:
    """The key or index that ``key`` means in ``container``; LookupError if it has no such."""
    if isinstance(container, dict) and key:
        return key
    if isinstance(container, list) and re.fullmatch(r"\+?[0-9]+", key):
        return int(key)
    raise LookupError
