"""The dslocal node: one binary property list for each user and group, native keys.

Puppet and others read and write these files directly (spec/dirserv.md 6.1).
"""

from __future__ import annotations

import posix

from dirserv.files import read, signature
from dirserv.names import GROUPS, META_NODE, RECORD_NAME, RECORD_TYPE, USERS, from_disk, on_disk
from dirserv.projection.bplist import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.files import Signature
    from dirserv.record import Attributes

#: The record types that have files -> their directory.
DIRECTORIES = {USERS: "users", GROUPS: "groups"}
MODE = 0o600
#: A damaged file younger than this may still be in the middle of being written by its editor.
SETTLED_AFTER_NS = 2_000_000_000


def file(dslocal: str, type: str, name: str) -> str:
    """The path of a record's file below the node directory ``dslocal``."""
    return f"{dslocal}/{DIRECTORIES[type]}/{file_name(name)}"


def file_name(name: str) -> str:
    """The file of a record: ``/`` is ``%2F`` as on macOS, and a ``%2`` that is meant as such is
    written so that it cannot be taken for one."""
    return name.replace("%2", "%252").replace("/", "%2F") + ".plist"


def fits(name: object) -> bool:
    """Whether a record can have the name: text that a file can bear (244 bytes, mkuser's finding;
    with what ``file_name`` and ``files.staging_name`` add, 255)."""
    return (isinstance(name, str) and name != "" and "\0" not in name
            and len(file_name(name).encode("utf-8", "surrogateescape")) <= 250)


def render(attributes: Attributes) -> bytes:
    """The content of a record's file; ``attributes`` include the secret ones."""
    return dumps({on_disk(name): values for name, values in attributes.items()})


def parse(data: bytes) -> Attributes | None:
    """The attributes that a file holds; None if it is not (yet) a whole record."""
    from dirserv import plist

    try:
        content = plist.loads(data)
        found = {
            from_disk(key): [_value(value) for value in values]
            for key, values in content.items()
            if isinstance(values, list)
        }
    except (ValueError, AttributeError, TypeError):
        return None
    found.pop(META_NODE, None)
    found.pop(RECORD_TYPE, None)
    names = found.get(RECORD_NAME)
    return found if names and all(map(fits, names)) else None


def _value(value: object) -> str | bytes:
    if isinstance(value, (str, bytes)):
        return value
    return str(value)


def times(dslocal: str) -> tuple[int, int]:
    """The modification times of the directories of users and groups, 0 for a missing one."""
    return _time(dslocal + "/users"), _time(dslocal + "/groups")


def _time(directory: str) -> int:
    try:
        return posix.stat(directory).st_mtime_ns
    except FileNotFoundError:
        return 0


def present(dslocal: str, type: str) -> dict[str, Signature]:
    """Path -> signature of every file of a record type."""
    directory = f"{dslocal}/{DIRECTORIES[type]}"
    try:
        names = posix.listdir(directory)
    except FileNotFoundError:
        return {}
    paths = (f"{directory}/{name}" for name in names if name.endswith(".plist"))
    found = ((path, signature(path)) for path in paths)
    return {path: mark for path, mark in found if mark is not None}


def load(path: str) -> Attributes | None:
    """The attributes in the file at ``path``; None if it is no whole record."""
    data = read(path)
    return None if data is None else parse(data)
