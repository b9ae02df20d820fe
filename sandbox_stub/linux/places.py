"""Where the paths of a profile lie on this machine."""

from __future__ import annotations

import _stat as stat
import posix

from dirserv.system import exists, is_directory
from sandbox_stub.linux import baseline
from sandbox_stub.paths import realpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dirserv.paths import Root


class Places:
    """The canonical paths of one root.

    In a tree of its own a profile's path means that path in the tree, byte for byte: a symbolic
    link on the way makes the rule match nothing, as on macOS. On a plain Linux (root ``/``) no
    path of macOS is canonical, so links are followed and /private/tmp is /tmp.
    """

    def __init__(self, root: Root, *, chroot: bool = False,
                 needed: Iterable[tuple[str, int]] = ()) -> None:
        self._needed = tuple(needed)
        self._resolved = {"": "/", "/": "/"}
        self._modes: dict[str, int] = {}
        self.tree = realpath(root.path) if root.path else ""
        self.chroot = chroot and bool(self.tree)
        #: The host path that stands for ``/``: nothing above it can be reached.
        self.top = self.tree if self.chroot else "/"
        self._short = not self.tree and not is_directory("/private")

    def canonical(self, path: str) -> str:
        """The name under which the kernel will know what a rule names."""
        if self.tree:
            return path
        if self._short and path.startswith(baseline.PRIVATE):
            path = path[len("/private"):]
        return self._real(path)

    def _real(self, path: str) -> str:
        """realpath(3), with what is known of the directories: a profile may name thousands."""
        waiting = []
        while path not in self._resolved:
            waiting.append(path)
            path = path.rpartition("/")[0]
        real = self._resolved[path]
        for path in reversed(waiting):
            name = path.rpartition("/")[2]
            real = real.rstrip("/") + "/" + name
            if name in (".", "..", "") or stat.S_ISLNK(self.mode(real)):
                real = realpath(real)
            self._resolved[path] = real
        return real

    def mode(self, host: str) -> int:
        """st_mode of what a host path names (a link is one), 0 if there is nothing; asked once."""
        mode = self._modes.get(host)
        if mode is None:
            try:
                mode = posix.lstat(host).st_mode
            except (OSError, ValueError):  # no path has a NUL
                mode = 0
            self._modes[host] = mode
        return mode

    def spellings(self, path: str) -> tuple[str, ...]:
        """What a pattern is compared with: the canonical path, and what macOS would call it."""
        private = "/private" + path
        if self._short and private.startswith(baseline.PRIVATE):
            return (path, private)
        return (path,)

    def host(self, path: str) -> str | None:
        """The host path of a canonical path; None where it leads through a symbolic link."""
        if not self.tree:
            return path
        place = self.tree + path.rstrip("/")
        return place if self._real(place) == place else None

    def beside(self, path: str) -> str | None:
        """Where the host has what the tree lacks: a program that runs as it is on the host."""
        if not self.tree or self.chroot or exists(self.tree + path, follow=False):
            return None
        place = realpath(path)
        return place if exists(place) else None

    def inside(self, host: str) -> str | None:
        """The canonical path of a host path, None outside of the tree."""
        if not self.tree:
            return host
        if host == self.tree:
            return "/"
        return host[len(self.tree):] if host.startswith(self.tree + "/") else None

    def needed(self) -> Iterator[tuple[str, int]]:
        """The platform baseline as (host path, rights)."""
        for prefix in {self.top.rstrip("/"), ""}:
            for path, rights in (*baseline.GRANTS, *(() if prefix else self._needed)):
                yield self._real(prefix + path), rights
