"""From nodes to what the kernel is told about files: Landlock rules, mounts, and what they miss."""

from __future__ import annotations

from sandbox_stub.linux import landlock
from sandbox_stub.linux.frames import Frame, applicable
from sandbox_stub.linux.grades import NARROWED, WIDENED, Note
from sandbox_stub.linux.mounts import RDONLY
from sandbox_stub.linux.rights import (
    ATTRIBUTES,
    MAKING,
    READING,
    REMOVING,
    SETID,
    WITHHELD,
    WRITING,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox_stub.linux.nodes import Node
    from sandbox_stub.linux.probe import Kernel


class Mount:
    """One step in the private mount namespace: its ``action`` is one of ``frames``; ``inside``:
    at a place to be made in a hidden directory; ``early``: the tree that is to be seen must be
    cloned before anything is changed."""

    __slots__ = ("action", "attributes", "directory", "early", "inside", "path")

    def __init__(self, node: Node, frame: Frame, above: Frame) -> None:
        self.action, self.path, self.attributes = frame.action, node.host, frame.attributes
        self.directory, self.inside = node.directory, above.hidden
        self.early = above.hidden or bool(above.attributes & ~frame.attributes)


class FilePolicy:
    """``rules``: host path -> rights; ``mounts``, in their order; ``setid``: whether setuid bits
    must be refused everywhere; ``notes`` on what is not as the profile says."""

    def __init__(self, nodes: Iterable[Node], missing: Iterable[Node], kernel: Kernel) -> None:
        self.rules: dict[str, int] = {}
        self.mounts: list[Mount] = []
        self.notes: list[Note] = []
        self.setid = False
        self._setid_allowed: list[Node] = []
        self._nodes = sorted([*nodes, *missing], key=lambda node: node.prefix)
        # Who has nothing to hide need not ask for a namespace.
        self._outermost = Frame(landlock.handled(kernel.abi)[0],
                                any(map(_denies, self._nodes)) and kernel.mounts)
        #: Of thousands of nodes most are alike: what holds at one holds at all of its kind.
        self._frames: dict[tuple[object, ...], Frame] = {}
        self._visit_all()
        for node in self._setid_allowed if self.setid else ():
            self.notes.append(node.note(SETID, NARROWED, "setid-everywhere",
                                        "setuid and setgid bits are refused here too"))

    def _visit_all(self) -> None:
        stack = [("", self._outermost)]
        for at, node in enumerate(self._nodes):
            prefix = node.prefix
            while not prefix.startswith(stack[-1][0]):
                stack.pop()
            above = stack[-1][1]
            if node.mode:
                stack.append((prefix, self._visit(node, at, above)))
            else:
                self._visit_missing(node, above)

    def _visit(self, node: Node, at: int, above: Frame) -> Frame:
        kind = (above, node.kind, node.host == "/")
        frame = self._frames.get(kind)
        if frame is None:
            frame = self._frames[kind] = above.inner(node)
            self._take(node, frame)
        if frame.action:
            self.mounts.append(Mount(node, frame, above))
        elif frame.grant and not frame.mountable:
            frame = self._carve(node, at, frame)
        if frame.grant:
            self.rules[node.host] = frame.grant
        return frame

    def _take(self, node: Node, frame: Frame) -> None:
        """Note what is found out about nodes of a kind."""
        self.notes += frame.notes
        if frame.wanted & SETID and not frame.hidden:
            self._setid_allowed.append(node)
        elif not frame.hidden and not frame.attributes & RDONLY:
            self.setid = True

    def _carve(self, node: Node, at: int, frame: Frame) -> Frame:
        """Give what is denied further down to everything beside it, and not to the directory."""
        inside: list[str] = []
        lost = 0
        around = "\0"
        for other in self._nodes[at + 1:] if node.directory else ():
            if not other.host.startswith(node.prefix):
                break
            lacking = frame.grant & _lacking(other)
            lost |= lacking
            if (other.mode or lacking) and not other.prefix.startswith(around):
                inside.append(other.host)
                around = other.prefix
        if not lost:
            return frame
        from sandbox_stub.linux.carving import beside

        found = beside(node.host, inside)
        if found is None:
            self.notes.append(node.note(
                lost, WIDENED, "userns-forbidden",
                "too many files lie beside what is denied below it: it stays allowed"))
            return frame
        for path in found:
            self.rules[path] = self.rules.get(path, 0) | lost
        self.notes.append(node.note(
            lost, NARROWED, "deny-inside-allow",
            "what is new in a directory on the way to a denied file is denied as well"))
        return frame.without(lost)

    def _visit_missing(self, node: Node, above: Frame) -> None:
        wanted = (node.own | node.below) & WITHHELD & above.supported
        if wanted & ~above.effective & (READING | WRITING | landlock.EXECUTE) & ~landlock.REFER:
            self.notes.append(node.note(
                wanted, NARROWED, "path-missing",
                "it does not exist: nothing is allowed there"))
        excess = 0 if above.hidden else above.granted & ~node.own & WITHHELD
        if not above.protected:
            self.setid |= not node.own & SETID
            excess |= ATTRIBUTES & ~node.own
        if excess:
            self.notes.append(node.note(
                excess, WIDENED, "path-missing",
                "it does not exist: once it is made, it is as what lies around it"))


def _denies(node: Node) -> bool:
    rights = (node.own & node.below if node.directory else node.own) | node.floor
    return bool((applicable(node) | ATTRIBUTES) & ~rights)


def _lacking(node: Node) -> int:
    """What must not reach a node from above; its own removing and making is its directory's."""
    allowed = (node.below if node.directory else node.own) | node.floor | node.output
    return applicable(node) & ~allowed | (REMOVING | MAKING) & ~node.own
