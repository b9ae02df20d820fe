"""What one run of dscl knows: the node, the options, the current path, what is to be printed."""

from __future__ import annotations

from dirserv.dscl.items import Item, walk
from dirserv.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from dirserv.change import Change
    from dirserv.console import Console
    from dirserv.dscl.grammar import Options
    from dirserv.record import Attributes, Record, Value

    class Store(Protocol):
        """Where records are: the directory, or a dslocal node opened with ``-f``."""

        def find(self, type: str, name: str) -> Record | None: ...
        def records(self, type: str) -> list[Record]: ...
        def holders(self, type: str, attribute: str, value: Value) -> list[Record]: ...
        def secrets(self, record: Record) -> Attributes: ...
        def change(self) -> Change: ...
        def forget(self) -> None: ...


class Node:
    """A node as dscl names it, over the place where its records are."""

    def __init__(self, name: str, store: Store) -> None:
        self.name = name
        self.find = store.find
        self.records = store.records
        self.holders = store.holders
        self.secrets = store.secrets
        self.change = store.change
        self.forget = store.forget


class Session:
    """The state that commands share in interactive mode."""

    def __init__(
        self, node: Node, top: Item, options: Options, console: Console
    ) -> None:
        self.node = node
        self.options = options
        self.console = console
        self.stack: list[Item] = [top]
        self.pushed: list[list[Item]] = []
        self.outcome = Outcome()
        self.interactive = False

    @property
    def here(self) -> Item:
        """The current item."""
        return self.stack[-1]

    def at(self, path: str | None) -> Item:
        """The item that a path leads to; the current one for none. Raises InvalidPath."""
        return self.here if path is None else walk(self.stack, path)[-1]

    def say(self, line: str) -> None:
        """Print a line."""
        self.outcome.say(line)
