"""Checks of the database and of what the commands publish from it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from dirserv.admin.doctor.site import Site
from dirserv.files import staging_name
from dirserv.projection import dslocal, flat
from dirserv.store import SCHEMA_VERSION

#: The triggers that keep the log append-only.
_TRIGGERS = 3


def missing(site: Site) -> Iterator[str]:
    """No database."""
    if not os.path.lexists(site.root.database):
        yield ("there is no user database" if site.snapshot is None
               else "the user database is gone, what it published is still there")


def damaged(site: Site) -> Iterator[str]:
    """SQLite says that it is damaged, or it is not one."""
    if os.path.lexists(site.root.database) and site.facts.faults:
        yield f"the user database is damaged: {site.facts.faults[0]}"


def older(site: Site) -> Iterator[str]:
    """Its schema is an older one."""
    if not site.facts.faults and site.facts.version < SCHEMA_VERSION:
        yield f"the database has schema {site.facts.version}, the commands write {SCHEMA_VERSION}"


def newer(site: Site) -> Iterator[str]:
    """Its schema is a newer one."""
    if site.facts.version > SCHEMA_VERSION:
        yield f"the database has schema {site.facts.version}, newer than these commands know"


def orphans(site: Site) -> Iterator[str]:
    """Values without a record, records without a name."""
    if site.facts.version == SCHEMA_VERSION and site.facts.orphans:
        yield f"{site.facts.orphans} entries in the database belong to no record or have no name"


def log(site: Site) -> Iterator[str]:
    """The log could be rewritten."""
    if site.sound.triggers != _TRIGGERS:
        yield "the log is not append-only: a trigger of the database is gone"


def snapshot(site: Site) -> Iterator[str]:
    """Readers see nothing, or an old state."""
    if site.sound.orphans:
        return  # nothing can be published until that is repaired
    if site.snapshot is None:
        if not os.path.islink(site.root.snapshot):
            yield "the snapshot that readers use is gone or damaged"
    elif site.snapshot.generation != site.facts.generation:
        yield (f"readers see generation {site.snapshot.generation}, the database has "
               f"{site.facts.generation}")
    elif ({record.id: record.attributes for record in site.snapshot.records()}
            != {record.id: record.attributes for record in site.facts.records}):
        yield "readers see other records than the database holds"


def flat_files(site: Site) -> Iterator[str]:
    """passwd, master.passwd and group are not what the database says."""
    if site.sound.orphans:
        return
    for file in flat.MODES:
        path = f"{site.root.etc}/{file}"
        if os.path.islink(path):
            continue
        entries = flat.entries(
            file, site.facts.records,
            lambda record: flat.master_fields(site.facts.secrets.get(record.id, {})))
        if _content(path) != flat.render(file, entries):
            yield f"private/etc/{file} " + (
                "differs from the database" if os.path.lexists(path) else "is missing")


def plists(site: Site) -> Iterator[str]:
    """The dslocal files are not what the database says."""
    if site.sound.orphans:
        return
    wanted = {
        dslocal.file(site.root.dslocal, record.type, record.name): dslocal.render(
            {**record.attributes, **site.facts.secrets.get(record.id, {})})
        for type in dslocal.DIRECTORIES for record in site.records(type)
    }
    present = {path for type in dslocal.DIRECTORIES
               for path in dslocal.present(site.root.dslocal, type)}
    wrong = [path for path, data in wanted.items()
             if not os.path.islink(path) and _content(path) != data]
    for path in sorted({*wrong, *(present - set(wanted))}):
        yield f"{path.removeprefix(site.root.dslocal + '/')} differs from the database"


def leftovers(site: Site) -> Iterator[str]:
    """What a writer that died had prepared."""
    directories = [site.root.etc, os.path.dirname(site.root.snapshot), site.root.state,
                   *(f"{site.root.dslocal}/{name}" for name in dslocal.DIRECTORIES.values())]
    known = {os.path.basename(staging_name(site.root.snapshot)), "directory.sqlite.new"}
    for directory in filter(os.path.isdir, directories):
        for name in sorted(os.listdir(directory)):
            ours = directory != os.path.dirname(site.root.snapshot) or name in known
            if ours and name.endswith(".new") and (name.startswith(".") or name in known):
                path = f"{directory}/{name}".removeprefix(site.root.path + "/")
                yield f"{path} was left by a command that died"


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
