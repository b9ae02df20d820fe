"""The receipt: what was laid, what it replaced, how far the work has come.

It is written before anything is touched and again when all is done. Whether a single item has
been applied shows in the tree itself (``before`` or ``after`` lies there), so a kill at any
instant leaves a receipt that says how to go on and how to go back.

Everything of the kind lies in one directory at the top of the tree: making it is the first thing
that happens, removing it the last, and nobody else has one of that name.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any
from urllib.parse import quote

from dirserv.admin.errors import AdminError
from dirserv.prefix.state import State
from dirserv.prefix.tree import Tree

HOME = ".darling-dirserv"
PATH = f"{HOME}/receipt.json"
FORMAT = 1

#: The phases: interrupted in one of the first two, the next run goes on there.
INSTALLING, UNINSTALLING, INSTALLED = "installing", "uninstalling", "installed"


@dataclass
class Item:
    """One path: what was there, what we put there. ``name`` is what --without takes; a
    ``config`` file is the admin's once it is laid."""

    path: str
    name: str
    before: State | None
    after: State
    config: bool = False


@dataclass
class Accounts:
    """What the directory's own paths held before it was made; see ``accounts``."""

    flat: dict[str, State | None] = field(default_factory=dict)
    plists: dict[str, State] = field(default_factory=dict)
    #: What tells whether accounts were changed since; None until the database is complete.
    digest: str | None = None
    #: Whether they were: decided once, since a removal that is under way changes them too.
    used: bool = False


@dataclass
class Receipt:
    """``accounts`` is None where the tree had a directory before we came: it stays."""

    version: str
    kind: str
    python: str
    phase: str = INSTALLING
    without: list[str] = field(default_factory=list)
    system_version: str = ""
    items: list[Item] = field(default_factory=list)
    #: Items of an older version, to be undone.
    dropped: list[Item] = field(default_factory=list)
    accounts: Accounts | None = None
    #: Paths that were not there and that commands make when they run.
    made: list[str] = field(default_factory=list)
    format: int = FORMAT


def original(path: str) -> str:
    """Where what was at ``path`` is kept."""
    return f"{HOME}/originals/{quote(path, safe='')}"


def load(tree: Tree) -> Receipt | None:
    """The receipt of a tree, None if nothing is installed. Raises AdminError if it is damaged."""
    if tree.state(PATH) is None:
        return None
    try:
        data = json.loads(tree.read(PATH))
        if data["format"] != FORMAT:
            raise AdminError(
                f"{tree.path}/{PATH} was written by darling-dirserv {data['version']}; use that one"
            )
        accounts = data.pop("accounts")
        receipt = Receipt(**{**data, "items": _items(data["items"]),
                             "dropped": _items(data["dropped"])})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AdminError(
            f"{tree.path}/{PATH} is damaged ({error}); restore it from a backup"
        ) from error
    if accounts is not None:
        receipt.accounts = Accounts(
            {name: _state(value) for name, value in accounts["flat"].items()},
            {name: State(**value) for name, value in accounts["plists"].items()},
            accounts["digest"], accounts["used"],
        )
    return receipt


def _items(rows: list[dict[str, Any]]) -> list[Item]:
    return [Item(**{**row, "before": _state(row["before"]), "after": State(**row["after"])})
            for row in rows]


def _state(row: dict[str, Any] | None) -> State | None:
    known = {item.name for item in fields(State)}
    return None if row is None else State(**{k: v for k, v in row.items() if k in known})


def save(tree: Tree, receipt: Receipt) -> None:
    """Write the receipt, durably."""
    for folder in (HOME, f"{HOME}/originals"):
        if tree.state(folder) is None:
            tree.mkdir(folder, 0o700)
    tree.write(PATH, json.dumps(asdict(receipt), indent=1).encode(), 0o600)
    tree.sync({"", HOME})


def discard(tree: Tree) -> None:
    """Remove the receipt and all that lies beside it: the last step of an uninstallation."""
    for name in tree.names(HOME):
        if f"{HOME}/{name}" != PATH:
            tree.clear(f"{HOME}/{name}")
    tree.clear(HOME)
    tree.sync({""})
