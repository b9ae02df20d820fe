"""A compiled profile: the rules in the order in which they were evaluated.

Which rule decides is said by `decision`; this only keeps them apart by operation
(spec/sandbox.md 3.5).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sandbox_stub.filters import Filter

    #: (file, line, column) as Apple counts: from 1, a form's column is that behind its parenthesis.
    Position = tuple[str, int, int]

#: Where the rules stand that nobody wrote.
IMPLICIT: Position = ("<implicit rule>", 0, 0)
_LONGEST_TEXT = 160


class Rule:
    """One ``(allow …)`` or ``(deny …)`` form.

    ``action`` is "allow" or "deny"; ``operations`` are canonical names; ``filter`` is None for a
    rule that is its operations' fallback (several filters of a form are one require-any);
    ``modifiers`` maps a modifier's name to its arguments.
    """

    __slots__ = ("action", "filter", "modifiers", "operations", "position")

    def __init__(
        self,
        action: str,
        operations: tuple[str, ...],
        filter: Filter | None = None,
        modifiers: dict[str, tuple[str, ...]] | None = None,
        position: Position = IMPLICIT,
    ) -> None:
        self.action = action
        self.operations = operations
        self.filter = filter
        self.modifiers = modifiers or {}
        self.position = position

    @property
    def text(self) -> str:
        """The rule as one short line, in the language's own notation."""
        text = "(" + " ".join((self.action, *self.operations))
        filter = self.filter
        among = filter.children if filter and filter.kind == "require-any" else (filter,)
        for one in among if filter else ():
            text += f" {one}"
            if len(text) > _LONGEST_TEXT:
                break
        for name, values in self.modifiers.items():
            text += " (" + " ".join(("with", name, *map(str, values))) + ")"
        text += ")"
        return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT - 1] + "…"

    def __repr__(self) -> str:
        return self.text


class Profile:
    """What a profile text says: ``rules`` oldest first, and what was remarked while reading it."""

    def __init__(
        self,
        file: str = "<input string>",
        parameters: dict[str, str] | None = None,
        rules: list[Rule] | None = None,
    ) -> None:
        self.file = file
        self.parameters = parameters or {}
        self.rules: list[Rule] = rules or []
        self.warnings: list[str] = []
        self._filtered: dict[str, list[Rule]] = {}
        self._fallbacks: dict[str, Rule] = {}
        self._sorted = 0

    def filtered(self, operation: str) -> list[Rule]:
        """The rules with a filter that name this very operation, newest first."""
        self._sort()
        return self._filtered.get(operation, [])

    def fallback(self, operation: str) -> Rule | None:
        """The newest rule without a filter that names this very operation."""
        self._sort()
        return self._fallbacks.get(operation)

    def _sort(self) -> None:
        """Look through the rules, unless there are no more than the last time."""
        if self._sorted == len(self.rules):
            return
        self._filtered.clear()
        self._fallbacks.clear()
        for rule in reversed(self.rules):
            for operation in rule.operations:
                if rule.filter is None:
                    self._fallbacks.setdefault(operation, rule)
                else:
                    self._filtered.setdefault(operation, []).append(rule)
        self._sorted = len(self.rules)
