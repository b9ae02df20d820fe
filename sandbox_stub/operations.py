"""The tree of operations: which is a kind of which, and what nobody has ruled on.

The table is ``operations.tsv``. Its 10.11 part is spec/sandbox.md 3.4; the later names come from
profiles, their parents and their "allow" by nature (profiles that deny by default work without
naming syscall-unix, system-fcntl, nvram*).
"""

from __future__ import annotations

_TABLE = "operations.tsv"
_parents: dict[str, str] = {}
_initial: dict[str, str] = {}
_canonical: dict[str, str] = {}


def _load() -> dict[str, str]:
    """The names and aliases, read at first use."""
    if not _canonical:
        with open(__file__.rpartition("/")[0] + "/" + _TABLE, encoding="utf-8") as file:
            for line in file:
                if not line.startswith("#"):
                    name, parent, initial, aliases = line.rstrip("\n").split("\t")
                    _parents[name] = parent
                    _initial[name] = initial
                    for alias in (name, *aliases.split()):
                        _canonical[alias] = name
    return _canonical


def canonical(name: str) -> str | None:
    """The operation that a name or an old name stands for; None if there is none."""
    return _load().get(name)


def parent(operation: str) -> str | None:
    """The operation that this one is a kind of; None above ``default``. Raises KeyError."""
    _load()
    return _parents[operation] or None


def initial(operation: str) -> str | None:
    """What holds without any rule, "allow" or "deny"; None: what the parent says."""
    _load()
    return _initial[operation] or None


def lineage(operation: str) -> list[str]:
    """The operation and those above it, most specific first; raises KeyError for none."""
    found = [operation]
    while (above := parent(found[-1])) is not None:
        found.append(above)
    return found


def children(operation: str) -> list[str]:
    """The operations directly below one, in the order of the table."""
    _load()
    return [name for name, above in _parents.items() if above == operation]


def operations() -> list[str]:
    """Every operation by its canonical name, in the order of the table."""
    _load()
    return list(_parents)
