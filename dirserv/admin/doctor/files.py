"""Checks of the files themselves: links, permissions, owners, what other tools look at."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from dirserv.admin.doctor.site import Site
from dirserv.projection import dslocal, flat


def ours(site: Site) -> dict[str, int | None]:
    """Host path -> permission bits of every file and directory that the commands keep; None
    where they do not matter."""
    root = site.root
    node = [f"{root.path}/private/var/db/dslocal", f"{root.path}/private/var/db/dslocal/nodes",
            root.dslocal, *(f"{root.dslocal}/{name}" for name in dslocal.DIRECTORIES.values())]
    return {
        root.state: 0o700, root.database: 0o600, root.lock: None, f"{root.database}-journal": None,
        root.snapshot: 0o644,
        **{f"{root.etc}/{file}": mode for file, mode in flat.MODES.items()},
        **dict.fromkeys(node, 448),
        **{path: dslocal.MODE for type in dslocal.DIRECTORIES
           for path in dslocal.present(root.dslocal, type)},
    }


def links(site: Site) -> Iterator[str]:
    """A symbolic link where a file of ours should be."""
    for path in ours(site):
        if os.path.islink(path):
            yield f"{_inside(site, path)} is a link to {os.readlink(path)}, not a file of ours"


def modes(site: Site) -> Iterator[str]:
    """Permissions that shut readers out or let others in."""
    for path, mode in ours(site).items():
        found = _status(path)
        if found is not None and mode not in (None, stat.S_IMODE(found.st_mode)):
            yield f"{_inside(site, path)} has mode {_octal(found)}, not {mode:04o}"


def open_parents(site: Site) -> Iterator[str]:
    """Directories in which anybody could replace our files, or nobody else can look."""
    for name in ("private", "private/etc", "private/var", "private/var/db"):
        found = _status(f"{site.root.path}/{name}")
        if found is None:
            continue
        if found.st_mode & 0o022 and not found.st_mode & stat.S_ISVTX:
            yield f"{name} has mode {_octal(found)}: others may replace our files"
        elif not found.st_mode & 0o001:
            yield f"{name} has mode {_octal(found)}: readers cannot get in"


def owners(site: Site) -> Iterator[str]:
    """Files of another owner than the root's."""
    top = os.stat(site.root.path or "/")
    for path in ours(site):
        found = _status(path)
        if found is not None and found.st_uid != top.st_uid:
            yield f"{_inside(site, path)} belongs to uid {found.st_uid}, the root to {top.st_uid}"


def other_etc(site: Site) -> Iterator[str]:
    """An /etc or /var that is not the one below /private."""
    for name in ("etc", "var"):
        path = f"{site.root.path}/{name}"
        beside, private = f"{path}/passwd", f"{site.root.etc}/passwd"
        if name == "var":
            beside, private = f"{path}/db", f"{site.root.path}/private/var/db"
        if os.path.isdir(path) and _identity(beside) != _identity(private):
            yield f"/{name} is not /private/{name}: programs look there and do not see our files"


def editor(site: Site) -> Iterator[str]:
    """/etc/ptmp holds every writer up."""
    if os.path.lexists(site.root.etc + "/ptmp"):
        yield "private/etc/ptmp exists: somebody edits the password file, or an editor died"


def lock(site: Site) -> Iterator[str]:
    """Somebody keeps the lock."""
    with site.locked():
        if not site.lock_free:
            yield "a command holds the directory's lock and does not let it go"


def space(site: Site) -> Iterator[str]:
    """A nearly full disk: a change needs room for a copy of every file."""
    disk = os.statvfs(site.root.path or "/")
    free = disk.f_bavail * disk.f_frsize >> 20
    if free < _NEEDED_MIB or disk.f_files > 0 and disk.f_favail < _NEEDED_FILES:
        yield f"{free} MiB and {disk.f_favail} files are free on the disk"


#: What a change, or an installer's next step, should find free.
_NEEDED_MIB, _NEEDED_FILES = 64, 100


def _status(path: str) -> os.stat_result | None:
    """What lies there; None for nothing and for a link, which is another finding."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    return None if stat.S_ISLNK(found.st_mode) else found


def _octal(found: os.stat_result) -> str:
    return f"{stat.S_IMODE(found.st_mode):04o}"


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _inside(site: Site, path: str) -> str:
    return path.removeprefix(site.root.path + "/")
