"""A corpus of launchd property lists, and what each is to come to: plists/*.toml.

Real ones are fetched from Debian's, Python's and Node's archives; the others are combinations of
the keys that well-known programs write.
"""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.clients import archive, registry

HERE = Path(__file__).resolve().parent / "plists"
#: Programs of a property list that is to be loaded are of no account: this one is harmless.
SLEEP = ["/bin/sh", "-c", "exec sleep 1000"]
# What `configure` and its like fill in: a word between two signs.
BLANK = re.compile(rb"@[A-Za-z_]+@|%[A-Z_]+%")


class Case(NamedTuple):
    """A described property list: its value, and what is to come of it.

    error: the number that refuses it, 0 when it is loaded.  ignored: keys that are read past.
    prints: lines of `launchctl print`, less their first tab.
    """

    name: str
    value: dict[str, Any]
    error: int = 0
    ignored: frozenset[str] = frozenset()
    prints: tuple[str, ...] = ()


def described() -> list[Case]:
    """Every property list of families.toml."""
    content = tomllib.loads((HERE / "families.toml").read_text(encoding="utf-8"))
    odd = [
        _case(f"org.example.odd{at}", {"ProgramArguments": SLEEP}, (table,))
        for at, table in enumerate(content["odd"])
    ]
    refused = [Case(table["why"], table["keys"], table["error"]) for table in content["refused"]]
    return [*(case for family in content["family"] for case in _family(family)), *odd, *refused]


def _family(family: dict[str, Any]) -> Iterator[Case]:
    axes = [axis["alternatives"] for axis in family["axis"]]
    for at, choice in enumerate(itertools.product(*axes)):
        yield _case(f"{family['label']}.job{at}", family["base"], choice)


def _case(label: str, base: dict[str, Any], choice: tuple[dict[str, Any], ...]) -> Case:
    value = {"Label": label, **base}
    for alternative in choice:
        value |= alternative["keys"]
    ignored = frozenset(key for one in choice for key in one.get("ignored", ()))
    return Case(label, value, 0, ignored, tuple(line for one in choice
                                                for line in one.get("prints", ())))


class Source(NamedTuple):
    """A package with property lists: where it comes from, and file -> label or error number."""

    kind: str
    name: str
    sha256: str
    plists: dict[str, str | int]


def sources() -> list[Source]:
    """Every package of sources.toml."""
    content = tomllib.loads((HERE / "sources.toml").read_text(encoding="utf-8"))
    return [
        Source(kind, table.get("file") or table["package"], table.get("sha256", ""),
               table["plists"])
        for kind, tables in content.items() for table in tables
    ]


def fetch(source: Source) -> dict[str, bytes]:
    """The property lists of a package, templates filled in; the files are kept in the cache.

    Raises archive.ArchiveUnreachable.
    """
    wanted = tuple(sorted(source.plists))

    def fill(directory: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="plists-") as scratch:
            top = _unpacked(source, Path(scratch))
            for name in wanted:
                (directory / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(top / name, directory / name)

    name = f"plists-{source.name.rpartition('/')[2]}"
    directory = registry.kept(name, (source.sha256, *wanted), fill)
    return {name: BLANK.sub(b"/filled", (directory / name).read_bytes()) for name in wanted}


def _unpacked(source: Source, scratch: Path) -> Path:
    """Get a package and unpack what is wanted of it; returns where its top directory's files are.
    """
    if source.kind == "npm":
        registry.node_install(source.name, scratch)
        return scratch / "node_modules"
    file, content = scratch / "package", scratch / "content"
    if source.kind == "debian":
        archive.fetch_from_pool(source.name, source.sha256, file)
    else:
        registry.download_source(source.name, scratch)
        next(scratch.iterdir()).rename(file)
    registry.unpack(file, content, *source.plists)
    return content
