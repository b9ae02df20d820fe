"""Home directories: made from the user template, removed for good, never outside the root.

Every path is walked from the root one name at a time through directory descriptors, and no
symbolic link in it is followed: what an ordinary user planted cannot lead a command that runs as
root anywhere else. Sources: spec/dirserv.md 4.3, 4.5 and 5.6.
"""

from __future__ import annotations

import os

from dirserv.hometree import (
    HomeError,
    populate,
    read_regular,
    reason,
    remove_tree,
    walk,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.paths import Root

#: macOS has these at the top as links into /private.
_INTO_PRIVATE = ("etc", "tmp", "var")
#: Top-level directories in which everything one level down is the system's, not a home.
_SYSTEM = ("Applications", "Library", "System", "Volumes", "bin", "cores", "dev", "nix", "opt",
           "private", "sbin", "usr")
#: Directories that are no homes, and directories in which there are none.
_PROTECTED = {("Users", "Shared"), *(("private", "var", name) for name in (
    "db", "empty", "folders", "log", "root", "run", "spool", "tmp", "vm"))}
_SEALED = (("System",), ("private", "etc"), ("private", "var", "db", "dirserv"),
           ("private", "var", "db", "dslocal"))


def parts(root: Root, path: str) -> tuple[str, ...]:
    """The names that lead from the root to a home.

    Raises HomeError for a path that is not absolute or that climbs (``..``).
    """
    if not path.startswith("/") or "\0" in path:
        raise HomeError("the path is not absolute")
    inside = root.host(path)[len(root.path):]
    names = [name for name in inside.split("/") if name not in ("", ".")]
    if ".." in names:
        raise HomeError("the path leads upwards")
    if names and names[0] in _INTO_PRIVATE and os.path.islink(f"{root.path}/{names[0]}"):
        names.insert(0, "private")
    return tuple(names)


def make(root: Root, path: str, owner: tuple[int, int] | None) -> bool:
    """Make a home with mode 0700; False if something is there already.

    ``owner`` (uid, gid) is given to everything in it when the process runs as root, None leaves
    that alone. ``/Users`` is made as well, any other parent must exist.

    Raises HomeError; what had been made is then removed again.
    """
    *parents, name = parts(root, path) or ("",)
    if not name:
        raise HomeError("it is the root directory")
    if parents == ["Users"]:
        _make_users(f"{root.path}/Users", root.path or "/")
    parent = walk(root, parents)
    try:
        try:
            os.mkdir(name, 0o700, dir_fd=parent)
        except FileExistsError:
            return False
        populate(root, parent, name, owner if os.geteuid() == 0 else None)
    except OSError as error:
        raise HomeError(reason(error)) from error
    finally:
        os.close(parent)
    return True


def why_kept(root: Root, path: str, others: list[str]) -> str | None:
    """Why a home must not be removed, None if it may: it is the system's, or it is, holds or
    lies in one of the ``others``, the homes of all other users."""
    try:
        home = _place(root, path)
    except HomeError as error:
        return str(error)
    if (
        len(home) < 2
        or home in _PROTECTED
        or (len(home) == 2 and home[0] in _SYSTEM)
        or any(home[:len(sealed)] == sealed for sealed in _SEALED)
    ):
        return "it belongs to the system"
    for other in others:
        try:
            theirs = _place(root, other)
        except HomeError:
            continue  # a path that leads nowhere cannot overlap
        shorter = min(len(home), len(theirs))
        if shorter > 1 and home[:shorter] == theirs[:shorter]:
            return f"another user's home is {other}"
    return None


def _place(root: Root, path: str) -> tuple[str, ...]:
    """Where a path lies on macOS, whether or not this root has the links into /private."""
    names = parts(root, path)
    return ("private", *names) if names[:1] and names[0] in _INTO_PRIVATE else names


def remove(root: Root, path: str) -> None:
    """Remove a home with all that is in it; one that is not there is fine.

    Links in it are removed, never followed. Ask ``why_kept`` first.

    Raises HomeError.
    """
    *parents, name = parts(root, path)
    try:
        parent = walk(root, parents)
    except HomeError:
        if os.path.lexists(root.host(path)):
            raise
        return
    try:
        remove_tree(parent, name)
    except FileNotFoundError:
        return
    except OSError as error:
        raise HomeError(reason(error)) from error
    finally:
        os.close(parent)


def read_file(root: Root, path: str, limit: int) -> bytes | None:
    """The content of a regular file of at most ``limit`` bytes, reached without following a link;
    None if there is none to be read."""
    try:
        *parents, name = parts(root, path) or ("",)
        parent = walk(root, parents)
    except HomeError:
        return None
    try:
        return read_regular(parent, name, limit)
    except OSError:
        return None
    finally:
        os.close(parent)


def _make_users(path: str, root: str) -> None:
    try:
        os.mkdir(path, 0o755)
        os.chmod(path, 0o755)  # the umask is 077
        if os.geteuid() == 0:
            status = os.stat(root)
            os.chown(path, status.st_uid, status.st_gid)
    except FileExistsError:
        return
    except OSError as error:
        raise HomeError(f"/Users: {reason(error)}") from error
