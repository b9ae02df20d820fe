"""The state of a root on disk: is it made, is somebody editing it, is all of it in step."""

from __future__ import annotations

import _stat
import posix

from dirserv.errors import OPERATION_FAILED, PERMISSION, DSError
from dirserv.files import CREATING, owner_of, signature, staging_name
from dirserv.identity import may_write
from dirserv.paths import Root
from dirserv.projection import dslocal, flat
from dirserv.system import exists, is_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.record import Record
    from dirserv.snapshot import Snapshot

#: How long an editor that holds /etc/ptmp (vipw) is waited for.
PTMP_SECONDS = 10.0


def prepare(root: Root) -> tuple[int, int] | None:
    """Make the directories of a root; returns who is to own files there, None for ourselves.

    Raises DSError eDSPermissionError if this process may not write there.
    """
    if not may_write(root):
        raise DSError(PERMISSION)
    owner = owner_of(root.path)
    if not is_directory(root.state) or not is_directory(root.dslocal + "/groups"):
        for path, mode in _directories(root):
            _make(path, mode, owner)
    status = posix.lstat(root.state)
    if _stat.S_ISLNK(status.st_mode) or status.st_uid not in (posix.geteuid(), *(owner or ())[:1]):
        raise DSError(OPERATION_FAILED, f"{root.state[len(root.path):]} belongs to somebody else; "
                                        "remove it and try again")
    make_lock(root)
    return owner


def make_lock(root: Root) -> None:
    """Have the lock's file be there, and be the owner's of the root."""
    owner = owner_of(root.path)
    if owner is None or exists(root.lock, follow=False):
        return
    try:
        fd = posix.open(root.lock, CREATING, 0o600)
    except FileExistsError:
        return  # another was faster
    posix.fchown(fd, *owner)
    posix.close(fd)


def _directories(root: Root) -> list[tuple[str, int]]:
    public = ["private", "private/etc", "private/var", "private/var/db"]
    below = root.dslocal[len(f"{root.path}/private/var/db/"):].split("/")
    node = ["private/var/db/" + "/".join(below[:end]) for end in range(1, len(below) + 1)]
    node += [f"{node[-1]}/{name}" for name in dslocal.DIRECTORIES.values()]
    return [(f"{root.path}/{name}", 0o755) for name in public] + [
        (f"{root.path}/{name}", 0o700) for name in node
    ] + [(root.state, 0o700)]


def _make(path: str, mode: int, owner: tuple[int, int] | None) -> None:
    try:
        posix.mkdir(path, mode)
    except FileExistsError:
        return
    posix.chmod(path, mode)
    if owner is not None:
        posix.chown(path, *owner)


def being_edited(root: Root) -> bool:
    """Whether somebody holds /etc/ptmp, the lock of vipw(8)."""
    return exists(root.etc + "/ptmp", follow=False)


def wait_for_editor(root: Root) -> None:
    """Wait until nobody holds /etc/ptmp, the lock of vipw(8).

    Raises DSError eDSOperationFailed, naming the file, if that takes too long.
    """
    if not being_edited(root):
        return
    import time

    end = time.monotonic() + PTMP_SECONDS
    while being_edited(root):
        if time.monotonic() > end:
            raise DSError(
                OPERATION_FAILED,
                "/private/etc/ptmp exists: somebody is editing the password file (vipw); "
                "end that, or remove the file if it was left behind, and try again",
            )
        time.sleep(0.05)


def in_step(root: Root, snapshot: Snapshot) -> bool:
    """Whether no change is under way or broken off and no projected file was touched since.

    In-place writes of single dslocal files do not show here: see ``edited``.
    """
    if exists(staging_name(root.snapshot), follow=False):
        return False
    for file in flat.MODES:
        if signature(f"{root.etc}/{file}") != snapshot.files.get(file):
            return False
    return (
        dslocal.times(root.dslocal) == snapshot.directories
        and _inode(root.database) == snapshot.files["database"][0]
    )


def _inode(path: str) -> int:
    try:
        return posix.stat(path).st_ino
    except FileNotFoundError:
        return 0


def edited(root: Root, type: str, name: str, record: Record | None) -> bool:
    """Whether the dslocal file for a name is not the one that the snapshot knows."""
    if type not in dslocal.DIRECTORIES or "\0" in name or len(name) > 244:
        return False
    mark = signature(dslocal.file(root.dslocal, type, record.name if record else name))
    return mark != (record.plist if record else None)
