"""What holds at a node, given what holds around it, and what it takes to make it so.

Landlock gives rights on the way down and takes none away. Where less is allowed further down, a
mount hides or protects that part, if there can be mounts.
"""

from __future__ import annotations

from sandbox_stub.linux import landlock as right
from sandbox_stub.linux import mounts
from sandbox_stub.linux.grades import NARROWED, NOT_ENFORCED, WIDENED, Note
from sandbox_stub.linux.rights import (
    ATTRIBUTES,
    MAKING,
    METADATA,
    READING,
    REMOVING,
    SETID,
    WITHHELD,
    WRITING,
    names,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sandbox_stub.linux.nodes import Node

#: What a mount does: hide a path, lay the tree that was there over it with attributes, or add
#: attributes to everything.
HIDE, LAY, ATTRIBUTE = "hide", "lay", "attribute"


class Frame:
    """What holds in a place and below it unless another node says otherwise.

    ``wanted`` and ``floor`` are what the profile and the platform ask for, ``granted`` what
    Landlock allows, ``grant`` the part of that which is new here; a mount (``action``) has
    ``hidden`` it, or given it ``attributes``. ``notes`` are the findings.
    """

    __slots__ = ("action", "attributes", "floor", "grant", "granted", "hidden", "mountable",
                 "notes", "outermost", "supported", "wanted")

    def __init__(self, supported: int, mountable: bool) -> None:
        """The outermost one: Landlock can withhold what is ``supported``."""
        self.supported, self.mountable = supported, mountable
        # What Landlock cannot withhold is there from the beginning; without REFER nothing can be
        # moved, and Unix sockets are the network's concern.
        self.granted = WITHHELD & ~supported & ~(right.REFER | right.RESOLVE_UNIX)
        self.floor = self.wanted = self.grant = self.attributes = 0
        self.hidden, self.outermost = False, True
        self.action = ""
        self.notes: list[Note] = []

    @property
    def effective(self) -> int:
        """What is granted and not undone by a mount."""
        if self.hidden:
            return 0
        undone = WRITING if self.attributes & mounts.RDONLY else 0
        return self.granted & ~undone

    def inner(self, node: Node) -> Frame:
        """What holds at a node in here."""
        frame = Frame(self.supported, self.mountable)
        frame.hidden, frame.attributes, frame.outermost = self.hidden, self.attributes, False
        frame.floor = self.floor | node.floor
        frame._want(node)
        frame.grant = frame.wanted & self.supported & ~self.granted
        frame.granted = self.granted | frame.grant
        excess = self.granted & ~frame.wanted & applicable(node)
        if self.mountable:
            excess = frame._mount(node, excess, self)
        frame._judge(node, excess, self)
        return frame

    def without(self, lost: int) -> Frame:
        """The same, but for some rights that are not granted here after all."""
        frame = Frame(self.supported, self.mountable)
        for name in self.__slots__:
            setattr(frame, name, getattr(self, name))
        frame.grant, frame.granted = self.grant & ~lost, self.granted & ~lost
        return frame

    def _want(self, node: Node) -> None:
        if not node.directory:
            self.wanted = (node.own | self.floor) & (
                right.FILE_RIGHTS | ATTRIBUTES | METADATA | SETID)
            return
        self.wanted = node.below | self.floor | node.output
        listed, inside = (node.own | self.floor) & right.READ_DIR, self.wanted & right.READ_DIR
        if inside and not listed:
            self._note(node, READING, WIDENED, "recursive-only",
                       "the directory can still be listed, as everything below it can")
        elif listed and not inside:
            self._note(node, READING, NARROWED, "recursive-only",
                       "the directory cannot be listed: that would allow it everywhere below")
        if node.own & ~self.wanted & WRITING:
            self._note(node, WRITING | ATTRIBUTES, NARROWED, "recursive-only",
                       "the directory itself cannot be changed, only what is below it")

    def _mount(self, node: Node, excess: int, above: Frame) -> int:
        """Plan what a mount has to do here; returns what stays allowed although it should not."""
        wanted = self.wanted
        stays = above.hidden and not wanted & READING
        if stays or (not above.hidden and excess & right.READ_FILE and node.host != "/"):
            if not stays:
                self.action, self.hidden, self.attributes = HIDE, True, 0
            if (wanted | node.own) & (WRITING | ATTRIBUTES | right.EXECUTE):
                self._note(node, wanted | node.own, NARROWED, "deny-inside-allow",
                           "what cannot be read can neither be changed nor executed")
            return 0
        self.hidden = False
        self.attributes = self._attributes(node, excess, above)
        # What may be removed but not made again could come back as something else.
        pinned = above.granted & (REMOVING | MAKING) & ~node.own
        if node.host == "/":
            self.action = ATTRIBUTE if self.attributes else ""
        elif above.hidden or self.attributes != above.attributes or pinned:
            self.action = LAY
        if self.attributes & mounts.RDONLY:
            excess &= ~(WRITING | right.MAKE_SOCK | right.MAKE_CHAR | right.MAKE_BLOCK)
        return excess & ~(right.EXECUTE if self.attributes & mounts.NOEXEC else 0)

    def _attributes(self, node: Node, excess: int, above: Frame) -> int:
        """Those of the mount that shows the node."""
        if not node.directory and not node.regular:
            return above.attributes  # a device is written to through any mount
        # The platform's devices are written to, but nothing about them is to change.
        changes = self.floor if self.floor & ATTRIBUTES else 0
        changes |= node.below | node.output if node.directory else node.own
        changes &= self.wanted & (
            (WRITING if node.directory else right.WRITE_FILE) | ATTRIBUTES)
        if changes and excess & WRITING & ~right.REFER:
            self._note(node, changes, NARROWED, "deny-inside-allow",
                       "nothing at all can be written here")
            changes = 0
        unexecutable = excess & right.EXECUTE or above.attributes & mounts.NOEXEC
        return ((0 if changes else mounts.RDONLY)
                | (mounts.NOEXEC if unexecutable and not self.wanted & right.EXECUTE else 0))

    def _judge(self, node: Node, excess: int, above: Frame) -> None:
        if excess:
            code = "deny-inside-allow" if excess & self.supported else "abi-too-low"
            self._note(node, excess, WIDENED, code, "stays allowed: " + names(excess))
        self._judge_moves(node, above)
        if self.hidden:
            return
        if not self.wanted & node.own & METADATA:
            self._note(node, METADATA, NOT_ENFORCED, "no-metadata-control",
                       "existence, size, mode and times can be asked for")
        if self.wanted & right.EXECUTE and not self.wanted & right.READ_FILE:
            self._note(node, right.EXECUTE, NARROWED, "exec-needs-read",
                       "what cannot be read cannot be executed")
        free = 0 if self.protected else ATTRIBUTES & ~(self.wanted & node.own)
        if free:
            self._note(node, free, NOT_ENFORCED, "no-attribute-control",
                       "mode, owner, times and extended attributes can be changed")

    def _judge_moves(self, node: Node, above: Frame) -> None:
        fixed = REMOVING if self.action else REMOVING & ~above.effective
        if node.own & fixed and node.host != "/":
            self._note(node, REMOVING | MAKING, NARROWED, "recursive-only",
                       "it can itself be neither removed, replaced nor renamed")
        # Landlock refuses a move that gives rights, and a rename never leaves a mount.
        edge = self.action or (above.wanted ^ self.wanted) & WITHHELD
        if edge and self.wanted & (REMOVING | MAKING) and not above.outermost:
            self._note(node, REMOVING | MAKING, NARROWED, "no-move-across",
                       "what goes in or out may have to be copied instead of renamed")
        if self.wanted & right.REFER & ~self.supported and self.supported:
            self._note(node, REMOVING | MAKING, NARROWED, "abi-too-low",
                       "nothing can be moved to another directory")

    @property
    def protected(self) -> bool:
        """Is nothing here to be changed, whoever may?"""
        return bool(self.hidden or self.attributes & mounts.RDONLY)

    def _note(self, node: Node, bits: int, grade: str, code: str, effect: str) -> None:
        self.notes.append(node.note(bits, grade, code, effect))


def applicable(node: Node) -> int:
    """What Landlock can say about such a thing."""
    return WITHHELD if node.directory else right.FILE_RIGHTS
