"""``allow`` and ``deny``: from arguments to a rule (spec/sandbox.md 3.2, 3.5, 3.7)."""

from __future__ import annotations

from sandbox_stub.constructors import combined
from sandbox_stub.filters import NETWORK, PATHS, Filter
from sandbox_stub.profile import IMPLICIT, Rule
from sandbox_stub.values import Modifier, Operation, Unknown, printed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sandbox_stub.evaluator import Machine

_NAMELESS = ("file", "network", "process", "signal", "ipc")
_PATHLESS = ("mach", "sysctl", "signal", "process-fork", "ipc-sysv", "user-preference")
#: kind of filter -> (its type's name, beginnings of the operations that it says nothing about)
_FOREIGN: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(PATHS, ("path", _PATHLESS)),
    **dict.fromkeys(("vnode-type", "file-mode"), ("vnode", (*_PATHLESS, "network"))),
    **dict.fromkeys(NETWORK, ("network", ("file", "process", "mach", *_PATHLESS))),
    **dict.fromkeys(("global-name", "local-name"), ("mach", (*_NAMELESS, "sysctl"))),
    "sysctl-name": ("sysctl", (*_NAMELESS, "mach")),
}
_BOTH = ("allow", "deny")
#: modifier -> (its actions, beginning of the operations that it is for, number of its values)
_MODIFIERS: dict[str, tuple[tuple[str, ...], str, int]] = {
    "no-log": (("deny",), "", 0),
    "report": (("allow",), "", 0),
    "send-signal": (_BOTH, "", 1),
    "no-sandbox": (("allow",), "process-exec", 0),
    "message": (_BOTH, "", 1),
    "grant": (("allow",), "", 0),
    "telemetry": (_BOTH, "", 0),
    "telemetry-backtrace": (_BOTH, "", 0),
    "rootless": (_BOTH, "", 0),
    "user-approval": (_BOTH, "", 0),
    "no-callout": (_BOTH, "", 0),
    "partial-symbolication": (_BOTH, "", 0),
}
#: Other names: (modifier, its values).
_ALIASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "no-report": ("no-log", ()),
    "no-profile": ("no-sandbox", ()),
    "termination": ("send-signal", ("SIGKILL",)),
}


class Scope:
    """The rules so far, and what the forms around the next one add to it."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.filters: list[Filter] = []
        self.modifiers: list[Modifier] = []
        self.operations: list[Operation] = []


def modifier(machine: Machine, name: str, values: list[Any]) -> Modifier | Unknown:
    """What ``(with NAME VALUE …)`` stands for; raises ProfileError if it is none."""
    name, implied = _ALIASES.get(name, (name, ()))
    if name not in _MODIFIERS:
        machine.tolerate(machine.fail("illegal modifier"))
        return Unknown(name)
    shown = implied or tuple(getattr(value, "name", value) for value in values)
    if len(shown) != _MODIFIERS[name][2]:
        raise machine.fail(f"malformed modifier: {name}")
    return Modifier(name, shown)


def add_rule(machine: Machine, scope: Scope, action: str, arguments: tuple[Any, ...]) -> None:
    """Note the rule of ``(allow …)`` or ``(deny …)``; raises ProfileError if it is none.

    In a lenient reading a rule that has only filters, or only operations, that nobody knows is
    left out: without them it would say something else.
    """
    found: dict[type, list[Any]] = {
        Operation: list(scope.operations), Filter: [], Modifier: list(scope.modifiers),
        Unknown: [],
    }
    for argument in arguments:
        if type(argument) not in found:
            raise machine.fail("illegal argument:  " + printed(argument))
        found[type(argument)].append(argument)
    operations, filters, unknown = found[Operation], found[Filter], found[Unknown]
    if not operations and not unknown:
        raise machine.fail("at least one operation required")
    if not operations or (not filters and any(one.is_built for one in unknown)):
        machine.warn("the rule is left out", machine.place())
        return
    names = tuple(dict.fromkeys(operation.name for operation in operations))
    inner = tuple(filters)
    if len(inner) > 1:
        inner = (combined(machine, "require-any", inner),)
    conditions = (*scope.filters, *inner)
    if len(conditions) > 1:
        conditions = (combined(machine, "require-all", conditions),)
    for condition in conditions:
        machine.charge(condition.size)
        _check(machine, names, condition)
    modifiers = dict(_applying(machine, action, names, found[Modifier]))
    filter = conditions[0] if conditions else None
    scope.rules.append(Rule(action, names, filter, modifiers, machine.place() or IMPLICIT))


def _check(machine: Machine, operations: tuple[str, ...], condition: Filter) -> None:
    """Refuse a filter that can say nothing about one of the operations."""
    for kind in _kinds((condition,)):
        type_name, foreign = _FOREIGN.get(kind, ("", ()))
        for operation in operations:
            if operation.startswith(foreign):
                message = f"{type_name} filter does not apply to {operation} operation"
                machine.tolerate(machine.fail(message), machine.place())


def _kinds(filters: tuple[Filter, ...]) -> dict[str, None]:
    """The kinds of filters and of those in them, each once."""
    found: dict[str, None] = {}
    for filter in filters:
        if filter.children:
            found |= _kinds(filter.children)
    return found | dict.fromkeys([filter.kind for filter in filters])


def _applying(
    machine: Machine, action: str, operations: tuple[str, ...], modifiers: list[Modifier]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The modifiers that fit; the others are errors, or left out by a lenient reading."""
    seen = set()
    for modifier in modifiers:
        name = modifier.name
        actions, beginning, _ = _MODIFIERS[name]
        fault = ""
        if name in seen:
            fault = f"{name} modifier can only appear once per rule"
        elif action not in actions:
            fault = f"{name} modifier does not apply to {action} action"
        for operation in operations:
            if not fault and not operation.startswith(beginning):
                fault = f"{name} modifier does not apply to {operation} operation"
        seen.add(name)
        if fault:
            machine.tolerate(machine.fail(fault), machine.place())
        else:
            yield name, modifier.values
