"""passwd, master.passwd and group: one line for a record, and back.

Formats: BSD passwd(5) and group(5). Ids are written unsigned (-2 as 4294967294): both Darling's
C library and glibc read that as the id it is, while glibc reads "-2" as -1.
"""

from __future__ import annotations

from dirserv.names import (
    GROUPS,
    HOME,
    MASTER_PASSWORD,
    MEMBERSHIP,
    PRIMARY_GROUP_ID,
    REAL_NAME,
    SHELL,
    UNIQUE_ID,
    USERS,
)
from dirserv.projection.dslocal import fits
from dirserv.record import signed_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from dirserv.record import Attributes, Record

    #: What a line says of a record: passwd (uid, gid, gecos, home, shell), master.passwd the same
    #: and "password:class:change:expire", group (gid, members). Ids are signed.
    Entry = tuple[Any, ...]

#: The mode of each file (spec/dirserv.md 6.3).
MODES = {"passwd": 0o644, "master.passwd": 0o600, "group": 0o644}
TYPES = {"passwd": USERS, "master.passwd": USERS, "group": GROUPS}

#: The master.passwd fields that passwd lacks, as they are for an account without a local crypt.
NO_PASSWORD = "*::0:0"

_HEADER = """##
# Projected from the user database by darling-dirserv, which stands in for opendirectoryd(8).
# What is edited here is taken over into the database by the next command.
##
"""


def entry(file: str, record: Record, master: Callable[[Record], str]) -> Entry | None:
    """What ``file`` says of a record; None if the record has not what a line needs.

    ``master`` gives the master.passwd fields of a record, which are secret.
    """
    if record.type != TYPES[file] or not _is_name(record.name):
        return None
    gid = record.number(PRIMARY_GROUP_ID)
    if gid is None:
        return None
    if file == "group":
        return gid, tuple(name for name in record.values(MEMBERSHIP) if _is_name(name))
    uid = record.number(UNIQUE_ID)
    if uid is None:
        return None
    user = (uid, gid, _gecos(record), _path(record, HOME, "/var/empty"),
            _path(record, SHELL, "/usr/bin/false"))
    return user if file == "passwd" else (*user, master(record))


def line(file: str, name: str, fields: Entry) -> str:
    """The line of ``file`` for one entry."""
    if file == "group":
        return f"{name}:*:{_unsigned(fields[0])}:{','.join(fields[1])}\n"
    ids, rest = f"{_unsigned(fields[0])}:{_unsigned(fields[1])}", ":".join(fields[2:5])
    if file == "passwd":
        return f"{name}:*:{ids}:{rest}\n"
    password, more = fields[5].split(":", 1)
    return f"{name}:{password}:{ids}:{more}:{rest}\n"


def entries(
    file: str, records: Iterable[Record], master: Callable[[Record], str]
) -> dict[str, Entry]:
    """Name -> entry for every record that ``file`` shows."""
    found = {}
    for record in records:
        fields = entry(file, record, master)
        if fields is not None:
            found[record.name] = fields
    return found


def render(file: str, shown: dict[str, Entry]) -> bytes:
    """The whole content of ``file``, lines in the order of signed ids (spec/dirserv.md 6.3)."""
    ordered = sorted(shown.items(), key=lambda item: item[1][0])
    return (_HEADER + "".join(line(file, *item) for item in ordered)).encode()


def spliced(file: str, data: bytes, gone: Iterable[str], new: dict[str, Entry]) -> bytes | None:
    """``data``, which `render` made, with the lines of some names taken out and others put in.

    None where the place of a line cannot be told from the lines alone: another one has its id.
    """
    for name in gone:
        begin = data.find(f"\n{name}:".encode()) + 1
        if begin:
            data = data[:begin] + data[data.index(b"\n", begin) + 1:]
    for name, fields in new.items():
        place = _place(data, fields[0])
        if place is None:
            return None
        data = data[:place] + line(file, name, fields).encode() + data[place:]
    return data


def _place(data: bytes, id: int) -> int | None:
    """Where the line of an id belongs; None if there is a line with the id."""
    low, high = len(_HEADER), len(data)
    while low < high:
        middle = data.rfind(b"\n", 0, (low + high) // 2) + 1
        end = data.index(b"\n", middle) + 1
        there = signed_id(data[middle:end].split(b":")[2].decode())
        if there is None or there == id:
            return None
        low, high = (end, high) if there < id else (low, middle)
    return low


def parse(file: str, data: bytes) -> dict[str, Entry]:
    """Name -> entry of a file as somebody else may have left it; lines that are none are passed
    over, the first of two lines for a name counts."""
    found: dict[str, Entry] = {}
    for text in data.decode("utf-8", "replace").split("\n"):
        if not text or text[0] in "#+-" or "\0" in text:
            continue  # with a NUL it is damage: libc reads half of it
        name, _, rest = text.partition(":")
        fields = _FIELDS[file](rest.split(":"))
        if fits(name) and fields is not None:
            found.setdefault(name, fields)
    return found


def _passwd_fields(fields: list[str]) -> Entry | None:
    if len(fields) < 6:
        return None
    uid, gid = signed_id(fields[1]), signed_id(fields[2])
    return None if uid is None or gid is None else (uid, gid, *fields[3:6])


def _master_fields(fields: list[str]) -> Entry | None:
    if len(fields) < 9:
        return None
    user = _passwd_fields(fields[:3] + fields[6:9])
    return user and (*user, ":".join((fields[0], *fields[3:6])))


def _group_fields(fields: list[str]) -> Entry | None:
    gid = signed_id(fields[1]) if len(fields) > 1 else None
    if gid is None:
        return None
    members = fields[2].split(",") if len(fields) > 2 else []
    return gid, tuple(name.strip() for name in members if name.strip())


_FIELDS = {"passwd": _passwd_fields, "master.passwd": _master_fields, "group": _group_fields}


def _is_name(name: str) -> bool:
    """Whether a name can stand in a line: no separator in it, no NIS or comment mark before it,
    and no blank there, which the C library would strip: it would be another name."""
    return (bool(name) and name[0] not in "#+-" and not name[0].isspace()
            and not any(char in name for char in ":,\n\r\0"))


def _gecos(record: Record) -> str:
    return "".join(" " if char in ":\n\r\0" else char for char in record.first(REAL_NAME))


def _path(record: Record, attribute: str, default: str) -> str:
    """A path attribute, or the default: half a path would name another file."""
    path = record.first(attribute)
    return default if not path or any(char in path for char in ":\n\r\0") else path


def _unsigned(number: int) -> int:
    return number % (1 << 32)


def master_fields(secrets: Attributes) -> str:
    """The master.passwd fields among a record's secret attributes; those of an account without a
    local password where they would not make a line."""
    value = str(secrets.get(MASTER_PASSWORD, [NO_PASSWORD])[0])
    fits = value.count(":") == 3 and not any(char in value for char in "\n\r\0")
    return value if fits else NO_PASSWORD
