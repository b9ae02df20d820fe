"""The first use of a root: macOS's built-in accounts, and what its flat files already hold.

The database is made under another name and renamed when it is complete, so that a kill leaves
either a whole database or none.
"""

from __future__ import annotations

import os

from dirserv import store as stores
from dirserv.files import read, sync_directory
from dirserv.identities import IDS
from dirserv.names import (
    GENERATED_UID,
    GROUPS,
    HOME,
    MEMBERS,
    MEMBERSHIP,
    NESTED_GROUPS,
    PASSWORD,
    PRIMARY_GROUP_ID,
    REAL_NAME,
    RECORD_NAME,
    SHELL,
    STANDARD,
    UNIQUE_ID,
    USERS,
    from_disk,
)
from dirserv.paths import Root
from dirserv.projection import flat
from dirserv.store import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dirserv.record import Attributes

_TABLES = {USERS: "users.tsv", GROUPS: "groups.tsv"}


def initialise(
    root: Root, owner: tuple[int, int] | None, lay_out: Callable[[str], None] = stores.lay_out
) -> None:
    """Create the database of a root. The caller holds the lock. ``lay_out`` creates the schema
    in an empty file.

    What passwd and group already hold stays as it is: a built-in record whose name is taken gets
    their values with the next projection, one whose id is taken by another name is left out.
    """
    fresh = root.database + ".new"
    stores.create(fresh, owner)
    lay_out(fresh)
    store = Store(fresh, fresh=True)
    store.cause = "seed"
    try:
        store.begin()
        for type in _TABLES:
            taken = _existing(root, type)
            for attributes in builtin(type):
                id = int(attributes[IDS[type]][0])
                if taken.get(id, attributes[RECORD_NAME][0]) in attributes[RECORD_NAME]:
                    _insert(store, type, attributes)
        store.commit()
    finally:
        store.rollback()
        store.close()
    os.rename(fresh, root.database)
    sync_directory(root.state)


def _insert(store: Store, type: str, attributes: Attributes) -> None:
    record = store.insert(type)
    for attribute, values in attributes.items():
        store.write(record, attribute, values)


def _existing(root: Root, type: str) -> dict[int, str]:
    """Id -> name of what the flat files of a root hold."""
    file, column = ("passwd", 0) if type == USERS else ("group", 0)
    data = read(f"{root.etc}/{file}") or b""
    return {fields[column]: name for name, fields in flat.parse(file, data).items()}


def builtin(type: str) -> list[Attributes]:
    """The built-in records of macOS 26 of a type, each with RecordName first."""
    path = os.path.join(os.path.dirname(__file__), "builtin", _TABLES[type])
    with open(path, encoding="utf-8") as table:
        columns = table.readline().rstrip("\n").split("\t")
        rows = [dict(zip(columns, line.rstrip("\n").split("\t"))) for line in table]
    make = _user if type == USERS else _group
    return [make(row) for row in rows]


def _user(row: dict[str, str]) -> Attributes:
    homes: list[str | bytes] = [row["home"]]
    if row["name"] == "root":
        homes.append("/private/var/root")  # the real record has both (spec/dirserv.md 7.1)
    return _present({
        RECORD_NAME: _names(row),
        GENERATED_UID: [row["generatedUID"]],
        PASSWORD: ["*"],
        UNIQUE_ID: [row["uid"]],
        PRIMARY_GROUP_ID: [row["gid"]],
        REAL_NAME: [row["realname"]],
        HOME: homes,
        SHELL: [row["shell"]],
        **_other(row),
    })


def _group(row: dict[str, str]) -> Attributes:
    return _present({
        RECORD_NAME: _names(row),
        GENERATED_UID: [row["generatedUID"]],
        PASSWORD: ["*"],
        PRIMARY_GROUP_ID: [row["gid"]],
        REAL_NAME: [row["realname"]],
        MEMBERSHIP: [*row["members"].split(",")],
        MEMBERS: [*row["member_guids"].split(",")],
        NESTED_GROUPS: [*row["nested_group_guids"].split(",")],
        STANDARD + "SMBSID": [row["smb_sid"]],
        STANDARD + "Comment": [*row["comment"].split(" | ")],
        **_other(row),
    })


def _names(row: dict[str, str]) -> list[str | bytes]:
    return [row["name"], *filter(None, row["aliases"].split(","))]


def _other(row: dict[str, str]) -> Attributes:
    """Attributes that few records have: a JSON object of native keys."""
    if not row["other"]:
        return {}
    import json

    pairs = json.loads(row["other"])
    return {from_disk(key): values for key, values in pairs.items()
            if not key.startswith(STANDARD)}


def _present(attributes: Attributes) -> Attributes:
    return {name: values for name, values in attributes.items() if values != [""]}
