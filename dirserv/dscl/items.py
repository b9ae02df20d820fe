"""What a dscl path leads through: service, plug-in, node, record type, record (spec 2.4)."""

from __future__ import annotations

from dirserv.attribute_names import LOCAL_RECORD_TYPES
from dirserv.errors import DSError, InvalidPath
from dirserv.names import STANDARD_TYPE, record_type, without_prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.dscl.session import Node
    from dirserv.record import Record


class Item:
    """One step of a path. ``name`` is what the current path shows of it."""

    name = ""

    def enter(self, name: str) -> Item | None:
        """The item below this one with the given (unescaped) name, None if there is none."""
        return None


class ServiceItem(Item):
    """The root of ``localhost``: plug-ins and search paths."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def enter(self, name: str) -> Item | None:
        if name in ("Search", "Contact"):
            return NodeItem(self.node, name, "/" + name)
        return PlugInItem(self.node) if name.lower() == "local" else None


class PlugInItem(Item):
    """``/Local`` of localhost."""

    name = "Local"

    def __init__(self, node: Node) -> None:
        self.node = node

    def enter(self, name: str) -> Item | None:
        known = self.node.name.rpartition("/")[2]
        return NodeItem(self.node, name, self.node.name) if name == known else None


class NodeItem(Item):
    """A node: record types lie below it."""

    def __init__(self, node: Node, name: str, node_name: str) -> None:
        self.node = node
        self.name = name
        self.node_name = node_name

    def enter(self, name: str) -> Item | None:
        found = record_type(name)
        return None if found is None else TypeItem(self, found)

    def types(self) -> list[str]:
        """The record types in the order in which they are listed."""
        return sorted((STANDARD_TYPE + name for name in LOCAL_RECORD_TYPES), key=str.lower)


class TypeItem(Item):
    """A record type: records lie below it."""

    def __init__(self, parent: NodeItem, type: str) -> None:
        self.parent = parent
        self.type = type
        self.name = without_prefix(type)

    @property
    def node(self) -> Node:
        """The node that holds the records."""
        return self.parent.node

    def find(self, name: str) -> Record | None:
        """The record with this name."""
        return self.node.find(self.type, name)

    def enter(self, name: str) -> Item | None:
        record = self.find(name)
        return None if record is None else RecordItem(self, record)


class RecordItem(Item):
    """A record, found anew at each look: a session stays in it while it changes."""

    def __init__(self, parent: TypeItem, record: Record) -> None:
        self.parent = parent
        self.name = record.name
        self._known = record

    @property
    def record(self) -> Record:
        """The record as it is now; as it was last, once it is gone."""
        self._known = self.parent.find(self.name) or self._known
        return self._known

    @property
    def node(self) -> Node:
        """The node that holds the record."""
        return self.parent.node


def components(path: str) -> list[str]:
    """The unescaped components of a path; empty ones do not count."""


    if "\\" not in path and "%" not in path:
        parts = path.split("/")
    else:
        from urllib.parse import unquote  # rare, and it costs 5 ms

        for escaped, code in (("\\/", "%2f"), ("\\\\", "%5c"), ("\\", "")):
            path = path.replace(escaped, code)
        parts = [unquote(part, errors="surrogateescape") for part in path.split("/")]
    return [part for part in parts if part]


def walk(stack: list[Item], path: str) -> list[Item]:
    """The items from the root to where ``path`` leads from the end of ``stack``.

    Raises InvalidPath if any component leads nowhere.
    """
    if path.startswith("/"):
        stack = stack[:1]
    for part in components(path):
        stack = step(stack, part)
    return stack


def step(stack: list[Item], part: str) -> list[Item]:
    """One unescaped component further: up, on the spot, or down."""
    if part == ".":
        return stack
    if part == "..":
        return stack[:-1] or stack
    try:
        below = stack[-1].enter(part)
    except DSError as error:
        if error.note:
            raise  # the disk's fault, not the path's
        raise InvalidPath() from error
    if below is None:
        raise InvalidPath()
    return [*stack, below]


def deepest(stack: list[Item]) -> str:
    """The current path as the prompt and pushd show it; nothing for the root."""
    return "/".join(item.name for item in stack)
