"""A directory tree that need not be trusted: nothing here reads or writes outside of it.

A path is first resolved as a program inside the tree would (``etc`` may be a link to
``private/etc``, an absolute link starts at the tree's top) and is then opened component by
component without following any link. A link that is planted in between makes the call fail.

A Darling prefix that is not running is only the upper layer of what its programs see; ``lower``
is the other one, which is looked at and never written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from dirserv.admin.errors import AdminError
from dirserv.files import sync_directory, write_all
from dirserv.prefix.state import State, content, state_of

_MOST_LINKS = 40
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Tree:
    """The tree at a host path. Paths are relative to it and, but for ``resolve``, resolved.

    Raises AdminError if there is no such directory.
    """

    def __init__(self, path: str, lower: str | None = None) -> None:
        self.path = os.path.realpath(path).rstrip("/")
        self.lower = lower
        #: Links that are planned: path -> target. Paths resolve as if they were there.
        self.links: dict[str, str] = {}
        if not os.path.isdir(self.path or "/"):
            raise AdminError(f"{path} is not a directory; create the prefix first")

    @property
    def owner(self) -> tuple[int, int]:
        """Who owns the tree: (uid, gid)."""
        status = os.stat(self.path or "/")
        return status.st_uid, status.st_gid

    # -- looking -------------------------------------------------------------------------------

    def resolve(self, path: str) -> str:
        """The path with every link on the way followed inside the tree; its last component is
        left as it is. Raises AdminError for a ring of links."""
        done: list[str] = []
        todo, links = path.strip("/").split("/")[::-1], 0
        while todo:
            part = todo.pop()
            if part in ("", "."):
                continue
            if part == "..":
                del done[-1:]
                continue
            target = self._target("/".join([*done, part])) if todo else None
            if target is None:
                done.append(part)
                continue
            links += 1
            if links > _MOST_LINKS:
                raise AdminError(f"{self.path}/{path}: too many symbolic links; remove the ring")
            done = [] if target.startswith("/") else done
            todo += target.split("/")[::-1]
        return "/".join(done)

    def follow(self, path: str) -> str:
        """Like ``resolve``, with a link in the last place followed too."""
        return self.resolve(path + "/.")

    def _target(self, path: str) -> str | None:
        """The target of a link in either layer; None if the path is anything else."""
        if path in self.links:
            return self.links[path]
        for layer in self._layers():
            try:
                return os.readlink(f"{layer}/{path}")
            except FileNotFoundError:
                continue
            except OSError:
                return None  # there, and not a link
        return None

    def _layers(self) -> list[str]:
        return [self.path] if self.lower is None else [self.path, self.lower]

    def state(self, path: str) -> State | None:
        """What lies there in the upper layer, else in the lower one."""
        try:
            with self._parent(path) as (folder, name):
                return state_of(folder, name)
        except (FileNotFoundError, NotADirectoryError):
            pass  # not in this layer, as a missing directory on the way shows
        if self.lower is None:
            return None
        below = Tree(self.lower).state(path)
        return below and State(below.kind, below.mode, below.content, below.owner, True)

    def read(self, path: str) -> bytes:
        """The content of a file of either layer. Raises OSError."""
        try:
            with self._parent(path) as (folder, name):
                return content(folder, name)
        except (FileNotFoundError, NotADirectoryError):
            if self.lower is None:
                raise
        return Tree(self.lower).read(path)

    def names(self, path: str) -> list[str]:
        """The names in a directory of the upper layer, none if there is no such directory."""
        try:
            with self._parent(path + "/x") as (folder, _):
                return sorted(os.listdir(folder))
        except (FileNotFoundError, NotADirectoryError):
            return []

    # -- changing ------------------------------------------------------------------------------

    def write(self, path: str, data: bytes, mode: int, mtime_ns: int | None = None) -> None:
        """Put a file there, whole, in place of what there is, durably."""
        with self._parent(path) as (folder, name):
            fresh = _staging(folder, name)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            fd = os.open(fresh, flags, 0o600, dir_fd=folder)
            try:
                write_all(fd, data)
                os.fchmod(fd, mode)
                if mtime_ns is not None:
                    os.utime(fd, ns=(mtime_ns, mtime_ns))
                os.fsync(fd)
            finally:
                os.close(fd)
            os.rename(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)

    def link(self, path: str, target: str) -> None:
        """Put a symbolic link there in place of what there is."""
        with self._parent(path) as (folder, name):
            fresh = _staging(folder, name)
            os.symlink(target, fresh, dir_fd=folder)
            os.rename(fresh, name, src_dir_fd=folder, dst_dir_fd=folder)

    def mkdir(self, path: str, mode: int) -> None:
        """Make a directory; the mode is the mode, whatever the umask."""
        with self._parent(path) as (folder, name):
            os.mkdir(name, 0o700, dir_fd=folder)
            made = os.open(name, _FOLDER, dir_fd=folder)
            try:
                os.fchmod(made, mode)
            finally:
                os.close(made)

    def keep(self, path: str, copy: str, alone: bool = False) -> None:
        """Have ``copy`` be what lies at ``path``, with its mode and times.

        A hard link, so that owner and attributes are kept too; a copy where the system refuses
        that, or when it is to stay ``alone`` from what is written into the file later.
        """
        self.remove(copy)
        with self._parent(path) as (folder, name), self._parent(copy) as (place, new):
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if not alone:
                try:
                    os.link(name, new, src_dir_fd=folder, dst_dir_fd=place, follow_symlinks=False)
                    return
                except OSError:
                    pass  # another's file (fs.protected_hardlinks), another file system: copied
            if stat.S_ISLNK(status.st_mode):
                os.symlink(os.readlink(name, dir_fd=folder), new, dir_fd=place)
                return
            data = content(folder, name)
        self.write(copy, data, stat.S_IMODE(status.st_mode), status.st_mtime_ns)

    def move(self, path: str, to: str) -> None:
        """Rename, over what is there."""
        with self._parent(path) as (folder, name), self._parent(to) as (place, new):
            os.rename(name, new, src_dir_fd=folder, dst_dir_fd=place)

    def remove(self, path: str) -> bool:
        """Remove a file or a link, or a directory with nothing in it; whether it is gone."""
        try:
            with self._parent(path) as (folder, name):
                if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                    os.rmdir(name, dir_fd=folder)
                else:
                    os.unlink(name, dir_fd=folder)
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            if self.names(path):
                return False
            raise
        return True

    def clear(self, path: str) -> None:
        """Remove a path and everything below it."""
        state = self.state(path)
        if state is not None and state.kind == "dir" and not state.lower:
            for name in self.names(path):
                self.clear(f"{path}/{name}")
        self.remove(path)

    def sweep(self, path: str) -> None:
        """Remove what a run that was killed had prepared for a path."""
        folder, _, name = path.rpartition("/")
        self.remove(f"{folder}/{_fresh(name)}".lstrip("/"))

    def sync(self, paths: set[str]) -> None:
        """Make the renames in these directories durable."""
        for path in paths:
            if os.path.isdir(f"{self.path}/{path}"):
                sync_directory(f"{self.path}/{path}")

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        """The open directory that a path lies in, reached without following a link."""
        *folders, name = path.split("/")
        fd = os.open(self.path or "/", _FOLDER & ~os.O_NOFOLLOW)
        try:
            for part in folders:
                deeper = os.open(part, _FOLDER, dir_fd=fd)
                os.close(fd)
                fd = deeper
            yield fd, name
        finally:
            os.close(fd)


def _fresh(name: str) -> str:
    return f".{name}.dirserv-new"


def _staging(folder: int, name: str) -> str:
    """A free name beside ``name``: what lies there was left by a run that was killed."""
    fresh = _fresh(name)
    try:
        os.unlink(fresh, dir_fd=folder)
    except FileNotFoundError:
        pass  # as it should be
    return fresh
