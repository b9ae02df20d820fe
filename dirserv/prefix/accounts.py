"""The user database of a prefix: made at installation, and what becomes of it at the end.

When nothing was done to accounts since, the end is as if it had never been. Else the accounts
stay in passwd, master.passwd and group, the database is left for a later installation (it holds
what those files cannot), and the rest of the seeded accounts goes. ``purge`` forgets all of it.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing

from dirserv.admin import schema
from dirserv.admin.errors import AdminError
from dirserv.directory import Directory
from dirserv.files import staging_name
from dirserv.paths import Root
from dirserv.prefix.receipt import HOME, Accounts, Receipt, original
from dirserv.prefix.state import State
from dirserv.prefix.tree import Tree
from dirserv.projection import flat

#: What commands and supervisor make when they run. It goes with the installation.
_DATABASE = "private/var/db/dirserv"
_NODE = "private/var/db/dslocal"
_MADE = (
    _DATABASE, "private/var/db/dirserv.snapshot", "private/var/db/.dirserv.snapshot.new", _NODE,
    "private/var/db/com.apple.xpc.launchd", "private/var/run/launchd",
    "private/var/run/launchd.lock", "private/var/run/launchd.sock",
    *(f"private/var/log/launchd.log{end}" for end in ("", ".1", ".2", ".3")),
    "private/var/log", "private/var/run",
)
#: Directories that are everybody's: they go only if nothing is in them.
_SHARED = ("private/var/log", "private/var/run")


def check(tree: Tree) -> None:
    """Make sure that what the commands will write by its path lies in the tree.

    Raises AdminError.
    """
    for path in ("private/etc", "private/var/run", "private/var/log", f"{_DATABASE}/lock",
                 "private/var/db/com.apple.xpc.launchd", f"{_NODE}/nodes/Default/users"):
        real = os.path.realpath(f"{tree.path}/{path}")
        if not f"{real}/".startswith(f"{tree.path}/"):
            raise AdminError(f"{tree.path}/{path} leads out of the prefix, to {real}; "
                             "remove the symbolic link")


def capture(tree: Tree, receipt: Receipt) -> None:
    """Note what the directory's paths hold before it is made."""
    made = [tree.resolve(path) for path in _MADE]
    receipt.made = [path for path in made if tree.state(path) is None]
    if tree.state(tree.resolve(f"{_DATABASE}/directory.sqlite")) is None:
        receipt.accounts = Accounts(
            {_flat(tree, name): tree.state(_flat(tree, name)) for name in flat.MODES},
            {path: state for path in _below(tree, tree.resolve(_NODE))
             if (state := tree.state(path)) is not None},
        )


def make(tree: Tree, receipt: Receipt) -> None:
    """Make the database, or bring an older one up to date; take over what the tree holds.

    Raises AdminError, DSError.
    """
    directory, accounts = Directory(Root(tree.path)), receipt.accounts
    if accounts is not None and not os.path.exists(directory.root.database):
        for path, state in {**accounts.flat, **accounts.plists}.items():
            if state is not None and state.kind == "file" and not state.lower:
                tree.keep(path, original(path), alone=True)
    schema.create(directory)
    schema.upgrade(directory)
    if accounts is not None and not accounts.used:
        for path in accounts.flat:
            tree.keep(path, _base(path), alone=True)
        accounts.digest = _digest(tree)


def begin_upgrade(tree: Tree, receipt: Receipt) -> None:
    """Note that accounts are as they were installed, if they are: an upgrade may change how they
    are stored, and a kill must not make that look like somebody's work."""
    decide(tree, receipt)
    if receipt.accounts is not None and not receipt.accounts.used:
        receipt.accounts.digest = None


def retire(tree: Tree, receipt: Receipt, purge: bool) -> list[str]:
    """Take the database back as ``decide`` said; returns what there is to say about it.

    A database that was there before us stays, and what it projects.
    """
    accounts, left = receipt.accounts, []
    if accounts is None:
        made = [path for path in receipt.made if not path.startswith((_DATABASE, _NODE))]
        _forget(tree, made)
        return []
    used = accounts.used and not purge
    for path, state in accounts.flat.items():
        _restore_flat(tree, path, state, used)
    made = [path for path in receipt.made if not used or path != tree.resolve(_DATABASE)]
    if used:
        left = ["accounts were changed since: they stay in passwd, master.passwd and group, and "
                f"/{_DATABASE} keeps the rest for a later installation (--purge removes all)"]
        _settle(tree)
    _restore_plists(tree, accounts.plists)
    _forget(tree, made)
    return left


def _settle(tree: Tree) -> None:
    """Leave the database alone in its directory: without its lock, and without its journal, after
    SQLite has taken back what a command that died had begun."""
    with closing(sqlite3.connect(f"{tree.path}/{_DATABASE}/directory.sqlite")) as database:
        # As the commands have it, or SQLite does not look for the journal.
        database.execute("PRAGMA journal_mode = TRUNCATE")
        database.execute("PRAGMA journal_mode = DELETE")
    tree.remove(tree.resolve(f"{_DATABASE}/lock"))


def _forget(tree: Tree, made: list[str]) -> None:
    for path in made:
        if path in _SHARED:
            tree.remove(path)
        else:
            tree.clear(path)


def _restore_plists(tree: Tree, before: dict[str, State]) -> None:
    """Put the node's files back as they were, if it was there at all."""
    if not before:
        return
    for path in reversed(_below(tree, tree.resolve(_NODE))):
        if path not in before:
            tree.remove(path)
    for path, state in before.items():
        if state.kind == "file" and tree.state(original(path)) is not None:
            tree.move(original(path), path)


# -- the flat files ----------------------------------------------------------------------------

def _restore_flat(tree: Tree, path: str, before: State | None, used: bool) -> None:
    """Give a flat file back its content of before, and keep what was changed since if ``used``."""
    kept, base = original(path), _base(path)
    tree.remove(staging_name(path))
    if tree.state(kept) is None and before is not None and not before.lower:
        return  # an earlier run came as far as this
    now = tree.state(path)
    if used and now is not None and tree.state(base) is not None:
        old = tree.read(kept) if before is not None and not before.lower else b""
        merged = merge(old, tree.read(base), tree.read(path))
        if merged != old:
            tree.write(path, merged, before.mode if before else now.mode)
            return
    if before is None or before.lower:
        tree.remove(path)
    else:
        tree.move(kept, path)


def merge(before: bytes, base: bytes, now: bytes) -> bytes:
    """The lines of ``before`` with what was changed from ``base`` to ``now`` done to them."""
    old, new = _lines(base), _lines(now)
    result, seen = [], set()
    for line in before.splitlines(keepends=True):
        name = _name(line)
        seen.add(name)
        if name is None or new.get(name) == old.get(name):
            result.append(line)
        elif name in new:
            result.append(new[name])
    result += [line for name, line in new.items()
               if name not in seen and line != old.get(name)]
    if len(result) > 1 and not result[-2].endswith(b"\n"):
        result[-2] += b"\n"
    return b"".join(result)


def _lines(data: bytes) -> dict[bytes, bytes]:
    return {name: line for line in data.splitlines(keepends=True)
            if (name := _name(line)) is not None}


def _name(line: bytes) -> bytes | None:
    """The account of a line; None for a remark."""
    if line.startswith(b"#") or b":" not in line:
        return None
    return line.partition(b":")[0]


def _flat(tree: Tree, name: str) -> str:
    return tree.resolve(f"private/etc/{name}")


def _base(path: str) -> str:
    return f"{HOME}/base-{path.rpartition('/')[2]}"


def decide(tree: Tree, receipt: Receipt) -> None:
    """Note whether anything was done to accounts since the installation."""
    accounts = receipt.accounts
    if accounts is not None:
        accounts.used = accounts.digest is not None and (
            accounts.digest != _digest(tree)
            or any(tree.state(path) != tree.state(_base(path)) for path in accounts.flat))


def _digest(tree: Tree) -> str | None:
    """What tells two contents of the database apart; the same accounts give the same digest."""
    path = f"{tree.path}/{_DATABASE}/directory.sqlite"
    if not os.path.exists(path):
        return None
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT type, record, attribute, position, value FROM value "
            "JOIN record ON record.id = record ORDER BY record, attribute, position")
        return hashlib.sha256(repr(rows.fetchall()).encode()).hexdigest()


def _below(tree: Tree, path: str) -> list[str]:
    """Every path below a directory, parents first."""
    found = []
    for name in tree.names(path):
        found += [f"{path}/{name}", *_below(tree, f"{path}/{name}")]
    return found
