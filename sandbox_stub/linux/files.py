"""From nodes to what the kernel is told about files: Landlock rules, mounts, and what they miss.

A Landlock rule holds for everything below a directory. Where less is allowed further down, a mount
hides or protects that part; without a mount namespace the right is instead given to what lies
beside the denied part when the policy is made.
"""

from __future__ import annotations

import os

from sandbox_stub.linux import landlock as right
from sandbox_stub.linux import mounts
from sandbox_stub.linux.grades import NARROWED, NOT_ENFORCED, WIDENED, Note
from sandbox_stub.linux.pathrules import (
    ALL,
    ATTRIBUTES,
    MAKING,
    METADATA,
    READING,
    REMOVING,
    SETID,
    WRITING,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox_stub.linux.nodes import Node
    from sandbox_stub.linux.probe import Kernel

HIDE, LAY, ATTRIBUTE = "hide", "lay", "attribute"
_CARVE_LIMIT = 4096
_KERNEL_RIGHTS = ALL & ~(ATTRIBUTES | METADATA | SETID)


class Mount:
    """One step in the private mount namespace, in order: HIDE a path, LAY the tree that was there
    over it with attributes (``inside``: at a place to be made in a hidden directory), or add an
    ATTRIBUTE to everything."""

    __slots__ = ("action", "attributes", "directory", "early", "inside", "path")

    def __init__(self, action: str, node: Node, attributes: int, above: _Frame) -> None:
        self.action, self.path, self.attributes = action, node.host, attributes
        self.directory, self.inside = node.directory, above.hidden
        #: The tree must be cloned before anything is changed.
        self.early = above.hidden or bool(above.attributes & ~attributes)


class _Frame:
    """What holds at a node and below it unless another node says otherwise."""

    __slots__ = ("attributes", "floor", "granted", "hidden", "host", "wanted")

    def __init__(self, host: str, granted: int, above: _Frame | None = None) -> None:
        self.host, self.granted = host, granted
        self.wanted = 0
        self.floor: int = above.floor if above else 0
        self.hidden: bool = above.hidden if above else False
        self.attributes: int = above.attributes if above else 0

    @property
    def effective(self) -> int:
        """What is granted and not undone by a mount."""
        if self.hidden:
            return 0
        undone = WRITING if self.attributes & mounts.RDONLY else 0
        return self.granted & ~undone


class FilePolicy:
    """``rules``: host path -> rights; ``mounts``; ``setid``: whether setuid bits must be refused
    everywhere; ``notes`` on what is not as the profile says."""

    def __init__(self, nodes: Iterable[Node], missing: Iterable[Node], kernel: Kernel) -> None:
        self.rules: dict[str, int] = {}
        self.mounts: list[Mount] = []
        self.notes: list[Note] = []
        self.setid = False
        self._setid_allowed: list[Node] = []
        self._supported = right.handled(kernel.abi)[0]
        self._nodes = sorted([*nodes, *missing], key=lambda node: node.host.rstrip("/") + "/")
        # Who has nothing to hide need not ask for a namespace.
        self._mountable = any(map(_denies, self._nodes)) and kernel.mounts
        # What Landlock cannot withhold is there from the beginning; without REFER nothing can be
        # moved, and Unix sockets are the network's concern.
        given = _KERNEL_RIGHTS & ~self._supported & ~(right.REFER | right.RESOLVE_UNIX)
        self._stack = [_Frame("", given)]
        for at, node in enumerate(self._nodes):
            while not (node.host.rstrip("/") + "/").startswith(self._stack[-1].host):
                self._stack.pop()
            if node.mode:
                self._visit(node, at)
            else:
                self._visit_missing(node)
        for node in self._setid_allowed if self.setid else ():
            self._note(node, SETID, NARROWED, "setid-everywhere",
                       "setuid and setgid bits are refused here too")

    def _visit(self, node: Node, at: int) -> None:
        above = self._stack[-1]
        frame = _Frame(node.host.rstrip("/") + "/", above.granted, above)
        frame.floor |= node.floor
        frame.wanted = wanted = self._wanted(node, frame.floor)
        grant = wanted & self._supported & ~above.granted
        if self._mountable:
            excess = self._mount(node, wanted, frame, above)
        else:
            excess = above.granted & ~wanted & _applicable(node)
            grant = self._carve(node, at, grant)
        if grant:
            self.rules[node.host] = grant
        frame.granted |= grant
        self._judge(node, wanted, excess, frame, above)
        self._stack.append(frame)

    def _wanted(self, node: Node, floor: int) -> int:
        if not node.directory:
            return (node.own | floor) & (right.FILE_RIGHTS | ATTRIBUTES | METADATA | SETID)
        wanted = node.below | floor | node.output
        listed, inside = (node.own | floor) & right.READ_DIR, wanted & right.READ_DIR
        if inside and not listed:
            self._note(node, READING, WIDENED, "recursive-only",
                       "the directory can still be listed, as everything below it can")
        elif listed and not inside:
            self._note(node, READING, NARROWED, "recursive-only",
                       "the directory cannot be listed: that would allow it everywhere below")
        if node.own & ~wanted & WRITING:
            self._note(node, WRITING | ATTRIBUTES, NARROWED, "recursive-only",
                       "the directory itself cannot be changed, only what is below it")
        return wanted

    def _mount(self, node: Node, wanted: int, frame: _Frame, above: _Frame) -> int:
        """Plan what mounts have to do here; returns what stays allowed although it should not."""
        excess = above.granted & ~wanted & _applicable(node)
        stays = above.hidden and not wanted & READING
        if stays or (not above.hidden and excess & right.READ_FILE and node.host != "/"):
            if not stays:
                frame.hidden, frame.attributes = True, 0
                self.mounts.append(Mount(HIDE, node, 0, above))
            if (wanted | node.own) & (WRITING | ATTRIBUTES | right.EXECUTE):
                self._note(node, wanted | node.own, NARROWED, "deny-inside-allow",
                           "what cannot be read can neither be changed nor executed")
            return 0
        frame.hidden = False
        # The platform's devices are written to, but nothing about them is to change.
        floor = frame.floor if frame.floor & ATTRIBUTES else 0
        changes = floor | (node.below | node.output if node.directory else node.own)
        frame.attributes = self._attributes(node, wanted, changes & wanted, excess, above)
        # What may be removed but not made again could come back as something else.
        pinned = above.granted & (REMOVING | MAKING) & ~node.own
        if node.host == "/":
            if frame.attributes:
                self.mounts.append(Mount(ATTRIBUTE, node, frame.attributes, above))
        elif above.hidden or frame.attributes != above.attributes or pinned:
            self.mounts.append(Mount(LAY, node, frame.attributes, above))
        if frame.attributes & mounts.RDONLY:
            excess &= ~(WRITING | right.MAKE_SOCK | right.MAKE_CHAR | right.MAKE_BLOCK)
        return excess & ~(right.EXECUTE if frame.attributes & mounts.NOEXEC else 0)

    def _attributes(
        self, node: Node, wanted: int, changes: int, excess: int, above: _Frame
    ) -> int:
        if not node.directory and not node.regular:
            return above.attributes  # a device is written to through any mount
        changes &= (WRITING if node.directory else right.WRITE_FILE) | ATTRIBUTES
        if changes and excess & WRITING & ~right.REFER:
            self._note(node, changes, NARROWED, "deny-inside-allow",
                       "nothing at all can be written here")
            changes = 0
        unexecutable = (excess & right.EXECUTE or above.attributes & mounts.NOEXEC)
        return ((0 if changes else mounts.RDONLY)
                | (mounts.NOEXEC if unexecutable and not wanted & right.EXECUTE else 0))

    def _carve(self, node: Node, at: int, grant: int) -> int:
        """Give what is denied further down to everything beside it; returns what can be given to
        the directory itself."""
        prefix = node.host.rstrip("/") + "/"
        inside: list[str] = []
        lost = 0
        for other in self._nodes[at + 1:] if node.directory and grant else ():
            if not other.host.startswith(prefix):
                break
            lacking = grant & _lacking(other)
            lost |= lacking
            if other.mode or lacking:
                inside.append(other.host)
        if not lost:
            return grant
        beside = _beside(node.host, inside)
        if beside is None:
            self._note(node, lost, WIDENED, "userns-forbidden",
                       "too many files lie beside what is denied below it: it stays allowed")
            return grant
        for path in beside:
            self.rules[path] = self.rules.get(path, 0) | lost
        self._note(node, lost, NARROWED, "deny-inside-allow",
                   "what is new in a directory on the way to a denied file is denied as well")
        return grant & ~lost

    def _visit_missing(self, node: Node) -> None:
        above = self._stack[-1]
        wanted = (node.own | node.below) & _KERNEL_RIGHTS & self._supported
        if wanted & ~above.effective & (READING | WRITING | right.EXECUTE) & ~right.REFER:
            self._note(node, wanted, NARROWED, "path-missing",
                       "it does not exist: nothing is allowed there")
        excess = above.granted & ~node.own & _KERNEL_RIGHTS
        if excess and not above.hidden:
            self._note(node, excess, WIDENED, "path-missing",
                       "it does not exist: once it is made, it is as what lies around it")

    def _judge(self, node: Node, wanted: int, excess: int, frame: _Frame, above: _Frame) -> None:
        if excess:
            code = "deny-inside-allow" if excess & self._supported else "abi-too-low"
            self._note(node, excess, WIDENED, code, "stays allowed: " + names(excess))
        mounted = self.mounts and self.mounts[-1].path == node.host
        fixed = REMOVING if mounted else REMOVING & ~above.effective
        if node.own & fixed and node.host != "/":
            self._note(node, REMOVING | MAKING, NARROWED, "recursive-only",
                       "it can itself be neither removed, replaced nor renamed")
        # Landlock refuses a move that gives rights, and a rename never leaves a mount.
        edge = mounted or (above.wanted ^ wanted) & _KERNEL_RIGHTS
        if edge and wanted & (REMOVING | MAKING) and above.host:
            self._note(node, REMOVING | MAKING, NARROWED, "no-move-across",
                       "what goes in or out may have to be copied instead of renamed")
        if wanted & right.REFER & ~self._supported and self._supported:
            self._note(node, REMOVING | MAKING, NARROWED, "abi-too-low",
                       "nothing can be moved to another directory")
        if frame.hidden:
            return
        if not wanted & node.own & METADATA:
            self._note(node, METADATA, NOT_ENFORCED, "no-metadata-control",
                       "existence, size, mode and times can be asked for")
        if wanted & right.EXECUTE and not wanted & right.READ_FILE:
            self._note(node, right.EXECUTE, NARROWED, "exec-needs-read",
                       "what cannot be read cannot be executed")
        protected = frame.attributes & mounts.RDONLY
        if wanted & SETID:
            self._setid_allowed.append(node)
        elif not protected:
            self.setid = True
        free = 0 if protected else ATTRIBUTES & ~(wanted & node.own)
        if free:
            self._note(node, free, NOT_ENFORCED, "no-attribute-control",
                       "mode, owner, times and extended attributes can be changed")
    def _note(self, node: Node, bits: int, grade: str, code: str, effect: str) -> None:
        self.notes.append(Note(node.path or node.host, bits, grade, code, effect))


_NAMES = (
    (right.READ_FILE | right.READ_DIR, "reading"), (right.EXECUTE, "executing"),
    (right.WRITE_FILE, "writing"), (right.TRUNCATE, "truncating"), (MAKING, "making"),
    (REMOVING, "removing"), (right.MAKE_CHAR | right.MAKE_BLOCK, "making devices"),
    (right.MAKE_SOCK, "making sockets"), (right.IOCTL_DEV, "device control"),
    (right.RESOLVE_UNIX, "connecting to sockets"), (right.REFER, "linking across directories"),
)


def names(bits: int) -> str:
    """Rights in plain words."""
    return ", ".join(name for mask, name in _NAMES if bits & mask)


def _denies(node: Node) -> bool:
    rights = (node.own & node.below if node.directory else node.own) | node.floor
    return bool((_applicable(node) | ATTRIBUTES) & ~rights)


def _applicable(node: Node) -> int:
    return _KERNEL_RIGHTS if node.directory else right.FILE_RIGHTS


def _lacking(node: Node) -> int:
    """What must not reach a node from above; its own removing and making is its directory's."""
    allowed = (node.below if node.directory else node.own) | node.floor | node.output
    return _applicable(node) & ~allowed | (REMOVING | MAKING) & ~node.own


def _beside(directory: str, inside: list[str]) -> list[str] | None:
    """What lies in the directories on the way to some paths below one, except those; None if that
    is too much."""
    found: list[str] = []
    waiting = [directory]
    while waiting:
        place = waiting.pop()
        try:
            entries = os.listdir(place)
        except OSError:
            continue
        for name in entries:
            path = place.rstrip("/") + "/" + name
            if path in inside:
                continue
            if any(one.startswith(path + "/") for one in inside):
                waiting.append(path)
            else:
                found.append(path)
        if len(found) > _CARVE_LIMIT:
            return None
    return found
