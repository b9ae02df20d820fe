"""Which rule decides (spec/sandbox.md 3.5): a pure function of profile, operation and object.

It is not "the last match wins": the most specific operation comes first; among its rules with a
filter the newest that matches decides, else its newest rule without one, wherever that stands;
else what the operation has by nature; else the operation above it.
"""

from __future__ import annotations

from sandbox_stub import operations
from sandbox_stub.filters import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sandbox_stub.profile import Position, Profile, Rule

#: Which end of a connection an operation is about.
_SIDES = {"network-inbound": "local", "network-bind": "local", "network-outbound": "remote"}


class Decision:
    """``action`` is "allow" or "deny"; ``via`` the operation at which it fell.

    ``rule`` is None where no rule but the nature of the operation decided.
    """

    __slots__ = ("action", "rule", "via")

    def __init__(self, action: str, rule: Rule | None, via: str) -> None:
        self.action = action
        self.rule = rule
        self.via = via

    @property
    def position(self) -> Position | None:
        """Where the rule stands."""
        return self.rule.position if self.rule is not None else None

    @property
    def allowed(self) -> bool:
        """Is it an "allow"?"""
        return self.action == "allow"

    def __repr__(self) -> str:
        return f"{self.action} by {self.rule or 'default'} at {self.via}"


def decide(profile: Profile, operation: str, target: Target | None = None) -> Decision:
    """May the operation be done to the target, and which rule says so?

    Raises KeyError for an operation that is not in the table (aliases are known).
    """
    name = operations.canonical(operation)
    if name is None:
        raise KeyError(operation)
    target = _sided(target or Target(), name)
    for via in operations.lineage(name):
        for rule in profile.filtered(via):
            if rule.filter is not None and rule.filter.matches(target):
                return Decision(rule.action, rule, via)
        fallback = profile.fallback(via)
        if fallback is not None:
            return Decision(fallback.action, fallback, via)
        action = operations.initial(via)
        if action is not None:
            return Decision(action, None, via)
    raise AssertionError("default has an initial action")


def _sided(target: Target, operation: str) -> Target:
    """The target with the end of the connection that the operation suggests."""
    if target.network is None or target.side is not None:
        return target
    copy = Target(**{field: getattr(target, field) for field in Target.__slots__})
    copy.side = _SIDES.get(operation)
    return copy
