"""The paths at which a profile's rights change, found on this machine.

Everything that the policy knows of files is a list of nodes: a host path, what is allowed to
itself and what to everything below it for which there is no other node.
"""

from __future__ import annotations

import os
import stat

from sandbox_stub.decision import decide
from sandbox_stub.linux import baseline, patterns
from sandbox_stub.linux.landlock import EXECUTE
from sandbox_stub.linux.pathrules import ATTRIBUTES, READING, REMOVING, WRITING, PathRules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_stub.linux.places import Places
    from sandbox_stub.linux.probe import Kernel
    from sandbox_stub.profile import Profile

#: How many files are looked at for one pattern, and how many outputs' neighbours are protected.
SNAPSHOT_LIMIT = 5000
NEIGHBOUR_LIMIT = 512
_VNODE_TYPES = (
    (stat.S_ISREG, "REGULAR-FILE"), (stat.S_ISDIR, "DIRECTORY"), (stat.S_ISLNK, "SYMLINK"),
    (stat.S_ISCHR, "CHARACTER-DEVICE"), (stat.S_ISBLK, "BLOCK-DEVICE"),
    (stat.S_ISSOCK, "SOCKET"), (stat.S_ISFIFO, "FIFO"),
)


class Node:
    """One host path. ``path`` is its canonical name ("" for the platform's); ``floor`` holds here
    and below whatever the profile says; ``mode`` is st_mode, 0 if there is nothing."""

    __slots__ = ("below", "floor", "host", "mode", "output", "own", "path")

    def __init__(self, host: str, path: str = "", own: int = 0, below: int = 0, *,
                 floor: int = 0, mode: int = 0) -> None:
        self.host, self.path = host, path
        self.own, self.below, self.floor, self.mode = own, below, floor, mode
        #: What outputs that are to be made in this directory need.
        self.output = 0

    @property
    def directory(self) -> bool:
        """Is it a directory?"""
        return stat.S_ISDIR(self.mode)

    @property
    def regular(self) -> bool:
        """Is it a plain file?"""
        return stat.S_ISREG(self.mode)


class Nodes:
    """All nodes of one profile, by host path."""

    def __init__(self, profile: Profile, rules: PathRules, places: Places, cwd: str) -> None:
        self._rules, self._places, self._cwd = rules, places, cwd
        self._usual: dict[str, int] = {}
        self.by_host: dict[str, Node] = {}
        #: named, but not there: (node with the host path that it would have)
        self.missing: list[Node] = []
        #: directories with more files than could be asked about
        self.unfinished: list[str] = []
        self._name("/")
        for path in set().union(*map(patterns.named, rules.filters.values())):
            self._name(path)
        for directory in set().union(*map(patterns.searched, rules.filters.values())):
            self._search(directory)
        self._add_platform(profile)

    def _name(self, path: str) -> None:
        host = self._places.host(path)
        if host is None:
            return
        mode = _mode(host)
        if mode:
            self._add(host, path, mode)
            if path == "/" and self._places.tree and not self._places.chroot:
                # What lies around the tree is to the profile what lies anywhere in it.
                self._add("/", "/", mode)
            return
        beside = self._places.beside(path)
        if beside is not None:
            self._add(beside, path, _mode(beside))
        else:
            self.missing.append(Node(host, path, self._rules.own(path), self._rules.below(path)))

    def _add(self, host: str, path: str, mode: int) -> Node:
        node = self.by_host.get(host)
        if node is None:
            own = self._rules.own(path, _vnode_type(mode), stat.S_IMODE(mode))
            below = self._rules.below(path) if stat.S_ISDIR(mode) else 0
            if self._places.inside(host) is None:
                # Rules about a tree let nothing around it be changed that "/" does not.
                most = READING | EXECUTE | self._rules.below("/")
                own, below = own & most, below & most
            node = self.by_host[host] = Node(host, path, own, below, mode=mode)
        return node

    def _search(self, directory: str) -> None:
        """Look at every file below a directory for one that a pattern tells apart."""
        host = self._places.host(directory) if directory else self._cwd
        if host is None or not os.path.isdir(host):
            return
        for count, place in enumerate(_everything(host)):
            if count == SNAPSHOT_LIMIT:
                self.unfinished.append(directory)
                return
            path = self._places.inside(place)
            if path is not None:
                self._distinguish(place, path)

    def _distinguish(self, host: str, path: str) -> None:
        mode = _mode(host)
        own = self._rules.own(path, _vnode_type(mode), stat.S_IMODE(mode))
        parent = path.rpartition("/")[0] or "/"
        usual = self._usual.get(parent)
        if usual is None:
            usual = self._usual[parent] = self._rules.below(parent)
        below = self._rules.below(path) if stat.S_ISDIR(mode) else usual
        if mode and not stat.S_ISLNK(mode) and (own, below) != (usual, usual):
            self._add(host, path, mode)

    def _add_platform(self, profile: Profile) -> None:
        needed = list(self._places.needed())
        if decide(profile, "ipc-posix-shm-write-create").allowed:
            needed.append(("/dev/shm", READING | WRITING | ATTRIBUTES))
        for host, rights in needed:
            mode = _mode(host)
            if mode:
                self._platform(host, mode).floor |= rights

    def _platform(self, host: str, mode: int) -> Node:
        if host not in self.by_host and self._rules.plain:
            # Nothing names it, so it is as what lies around it.
            above = host
            while above not in self.by_host and above != "/":
                above = above.rpartition("/")[0] or "/"
            around = self.by_host.get(above)
            if around is not None:
                self.by_host[host] = Node(host, self._places.inside(host) or host, around.below,
                                          around.below, mode=mode)
        return self._add(host, self._places.inside(host) or host, mode)

    def outputs(self, kernel: Kernel) -> Iterator[Node]:
        """Let the missing outputs be made in their directory; tells which those are.

        Where there are mounts, what already lies there becomes a node of its own, so that it can
        be kept as the profile has it; without, or with too many, nothing may be removed there.
        """
        for node in list(self.missing):
            parent, _, _ = node.path.rpartition("/")
            host = self._places.host(parent) if parent in baseline.OUTPUT_PARENTS else None
            if host is None or not os.path.isdir(host) or not node.below & WRITING:
                continue
            store = self._add(host, parent, _mode(host))
            neighbours = os.listdir(host)
            kept = kernel.mounts and len(neighbours) <= NEIGHBOUR_LIMIT
            store.output |= node.below if kept else node.below & ~REMOVING
            for name in neighbours if kept else ():
                mode = _mode(f"{host}/{name}")
                if mode and not stat.S_ISLNK(mode):
                    self._add(f"{host}/{name}", f"{parent}/{name}", mode)
            self.missing.remove(node)
            yield node


def _mode(host: str) -> int:
    try:
        return os.lstat(host).st_mode
    except OSError:
        return 0


def _vnode_type(mode: int) -> str | None:
    return next((name for test, name in _VNODE_TYPES if test(mode)), None)


def _everything(directory: str) -> Iterator[str]:
    """What there is at and below a directory; links are not followed."""
    yield directory
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _everything(entry.path)
        else:
            yield entry.path
