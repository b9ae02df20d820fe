"""The paths at which a profile's rights change, found on this machine.

Everything that the policy knows of files is a list of nodes: a host path, what is allowed to
itself and what to everything below it for which there is no other node.
"""

from __future__ import annotations

import _stat as stat
import posix

from dirserv.system import is_directory
from sandbox_stub.decision import decide
from sandbox_stub.linux import baseline
from sandbox_stub.linux.grades import Note
from sandbox_stub.linux.landlock import EXECUTE
from sandbox_stub.linux.rights import ATTRIBUTES, READING, REMOVING, WRITING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_stub.linux.pathrules import Numbers, PathRules
    from sandbox_stub.linux.places import Places
    from sandbox_stub.linux.probe import Kernel
    from sandbox_stub.profile import Profile

#: How many files are looked at for one pattern, and how many outputs' neighbours are protected.
SNAPSHOT_LIMIT = 5000
NEIGHBOUR_LIMIT = 512


class Node:
    """One host path. ``path`` is its canonical name ("" for the platform's); ``floor`` holds here
    and below whatever the profile says; ``mode`` is st_mode, 0 if there is nothing; ``rules`` are
    those of the profile that hold for itself, and for what is below it."""

    __slots__ = ("below", "floor", "host", "mode", "output", "own", "path", "prefix", "rules")

    def __init__(self, host: str, path: str, rules: tuple[Numbers, ...], own: int, below: int,
                 mode: int = 0) -> None:
        self.host, self.path, self.rules = host, path, rules
        self.own, self.below, self.mode = own, below, mode
        self.floor = 0
        #: What outputs that are to be made in this directory need.
        self.output = 0
        #: What the host paths of all below it begin with.
        self.prefix = host.rstrip("/") + "/"

    @property
    def kind(self) -> tuple[object, ...]:
        """All that counts, but for its place."""
        return (self.rules, self.own, self.below, self.floor, self.output, stat.S_IFMT(self.mode))

    @property
    def directory(self) -> bool:
        """Is it a directory?"""
        return stat.S_ISDIR(self.mode)

    @property
    def regular(self) -> bool:
        """Is it a plain file?"""
        return stat.S_ISREG(self.mode)

    def note(self, bits: int, grade: str, code: str, effect: str) -> Note:
        """A finding about some rights here."""
        return Note(self.path or self.host, bits, grade, code, effect, self.rules)


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
        for path in rules.named():
            self._name(path)
        for directory in rules.searched():
            self._search(directory)
        self._add_platform(profile)

    def _name(self, path: str) -> None:
        host = self._places.host(path)
        if host is None:
            return
        mode = self._places.mode(host)
        if mode:
            self._add(host, path, mode)
            if path == "/" and self._places.tree and not self._places.chroot:
                # What lies around the tree is to the profile what lies anywhere in it.
                self._add("/", "/", mode)
            return
        beside = self._places.beside(path)
        if beside is not None:
            self._add(beside, path, self._places.mode(beside))
        else:
            self.missing.append(self._node(host, path, 0))

    def _add(self, host: str, path: str, mode: int) -> Node:
        node = self.by_host.get(host)
        if node is None:
            node = self.by_host[host] = self._node(host, path, mode)
            if self._places.inside(host) is None:
                # Rules about a tree let nothing around it be changed that "/" does not.
                most = READING | EXECUTE | self._rules.rights(self._rules.below("/"))
                node.own, node.below = node.own & most, node.below & most
        return node

    def _node(self, host: str, path: str, mode: int) -> Node:
        own = self._rules.own(path, mode)
        if mode and not stat.S_ISDIR(mode):
            return Node(host, path, (own,), self._rules.rights(own), 0, mode)
        below = self._rules.below(path)
        return Node(host, path, (own, below), self._rules.rights(own), self._rules.rights(below),
                    mode)

    def _search(self, directory: str) -> None:
        """Look at every file below a directory for one that a pattern tells apart."""
        host = self._places.host(directory) if directory else self._cwd
        if host is None or not is_directory(host):
            return
        for count, place in enumerate(_everything(host)):
            if count == SNAPSHOT_LIMIT:
                self.unfinished.append(directory)
                return
            path = self._places.inside(place)
            if path is not None:
                self._distinguish(place, path)

    def _distinguish(self, host: str, path: str) -> None:
        mode = self._places.mode(host)
        parent = path.rpartition("/")[0] or "/"
        usual = self._usual.get(parent)
        if usual is None:
            usual = self._usual[parent] = self._rules.rights(self._rules.below(parent))
        node = self._node(host, path, mode)
        below = node.below if node.directory else usual
        if mode and not stat.S_ISLNK(mode) and (node.own, below) != (usual, usual):
            self._add(host, path, mode)

    def _add_platform(self, profile: Profile) -> None:
        needed = list(self._places.needed())
        if decide(profile, "ipc-posix-shm-write-create").allowed:
            needed.append(("/dev/shm", READING | WRITING | ATTRIBUTES))
        for host, rights in needed:
            mode = self._places.mode(host)
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
                self.by_host[host] = Node(host, self._places.inside(host) or host,
                                          around.rules[-1:], around.below, around.below, mode)
        return self._add(host, self._places.inside(host) or host, mode)

    def outputs(self, kernel: Kernel) -> Iterator[tuple[Node, Node]]:
        """Let the missing outputs be made in their directory; gives each directory and output.

        Where there are mounts, what already lies there becomes a node of its own, so that it can
        be kept as the profile has it; without, or with too many, nothing may be removed there.
        """
        for node in list(self.missing):
            parent, _, _ = node.path.rpartition("/")
            host = self._places.host(parent) if parent in baseline.OUTPUT_PARENTS else None
            if host is None or not is_directory(host) or not node.below & WRITING:
                continue
            store = self._add(host, parent, self._places.mode(host))
            neighbours = posix.listdir(host)
            kept = kernel.mounts and len(neighbours) <= NEIGHBOUR_LIMIT
            store.output |= node.below if kept else node.below & ~REMOVING
            for name in neighbours if kept else ():
                mode = self._places.mode(f"{host}/{name}")
                if mode and not stat.S_ISLNK(mode):
                    self._add(f"{host}/{name}", f"{parent}/{name}", mode)
            self.missing.remove(node)
            yield store, node


def _everything(directory: str) -> Iterator[str]:
    """What there is at and below a directory; links are not followed."""
    yield directory
    try:
        entries = list(posix.scandir(directory))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _everything(entry.path)
        else:
            yield entry.path
