"""The procedures of the language that make filters (spec/sandbox.md 3.6)."""

from __future__ import annotations

from sandbox_stub import limits, network, regex
from sandbox_stub.errors import ProfileError
from sandbox_stub.filters import COMBINATIONS, NAMES, RECEIVERS, VNODE_TYPES, Filter
from sandbox_stub.values import Char, Constant, Pair, Procedure, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sandbox_stub.evaluator import Machine

#: The names of filters that compare a path.
_PATHS = {
    "literal": "literal", "path": "literal", "path-literal": "literal",
    "subpath": "subpath", "path-subpath": "subpath",
    "prefix": "prefix", "path-prefix": "prefix",
    "regex": "regex", "path-regex": "regex",
}
#: Filters about things that a prefix does not have, or that nothing here looks at: they take
#: anything and never match.
_NEVER = (
    "extension", "extension-class", "debug-mode", "process-attribute", "system-attribute",
    "semaphore-owner", "signal-number", "device-major", "device-minor", "file-attribute",
    "entitlement-is-present", "entitlement-is-bool-true", "entitlement-value",
    "entitlement-value-regex", "require-entitlement", "mount-relative-literal",
    "mount-relative-path", "mount-relative-subpath", "mount-relative-prefix",
    "mount-relative-regex",
)
_TYPE_NAMES: dict[type, str] = {
    bool: "boolean", int: "integer", float: "real", Char: "character", Symbol: "symbol",
    Pair: "list", type(None): "list",
}


def _checked(machine: Machine, type_name: str, values: tuple[Any, ...]) -> tuple[str, ...]:
    """The strings that a filter compares with; raises ProfileError for anything else.

    The real compiler finds this when it puts the rules together: there is no backtrace.
    """
    if not values:
        raise machine.fail(f"malformed {type_name} filter")
    for value in values:
        if type(value) is not str:
            got = _TYPE_NAMES.get(type(value), "other")
            raise ProfileError(
                f"invalid data type of {type_name} filter; expected pattern, got {got}")
    machine.charge(len(values))
    return values


def _regexes(machine: Machine, values: tuple[str, ...]) -> None:
    for pattern in values:
        machine.charge(2 * len(pattern))
        regex.compiled(pattern)


def _path(kind: str) -> Callable[..., Filter]:
    def make(machine: Machine, *values: Any) -> Filter:
        values = _checked(machine, "path", values)
        if kind == "regex":
            _regexes(machine, values)
        elif kind == "subpath":
            values = tuple(_directory(machine, value) for value in values)
        return Filter(kind, values)
    return make


def _directory(machine: Machine, path: str) -> str:
    if path == "":
        raise ProfileError("empty subpath pattern")
    if path[-1] != "/" or path == "/":
        return path
    # An error up to 10.11; later systems take it.
    machine.warn(f"subpaths must not end with a slash; it is ignored: {path}")
    return path.rstrip("/") or "/"


def _name(kind: str) -> Callable[..., Filter]:
    def make(machine: Machine, *values: Any) -> Filter:
        # Constants and numbers are compared by what they are called.
        texts = _checked(machine, kind, tuple(
            value.name if isinstance(value, Constant) else
            str(value) if type(value) is int else value for value in values))
        if kind.endswith("-regex"):
            _regexes(machine, texts)
        return Filter(kind, texts)
    return make


def _never(kind: str) -> Callable[..., Filter]:
    def make(machine: Machine, *values: Any) -> Filter:
        return Filter(kind, tuple(value for value in values if type(value) is str))
    return make


def _combination(kind: str) -> Callable[..., Filter]:
    def make(machine: Machine, *filters: Any) -> Filter:
        if not filters:
            raise machine.fail(f"{kind} requires at least one filter")
        if any(type(one) is not Filter for one in filters):
            raise machine.fail(f"arguments to {kind} must be filters")
        if kind == "require-not" and len(filters) > 1:
            raise machine.fail("require-not takes exactly one filter")
        return combined(machine, kind, filters)
    return make


def combined(machine: Machine, kind: str, filters: tuple[Filter, ...]) -> Filter:
    """A filter made of filters; raises ProfileError if that nests too deep."""
    machine.charge(len(filters))
    made = Filter(kind, children=filters)
    if made.depth > limits.FILTER_DEPTH:
        raise machine.fail(f"filters are nested more than {limits.FILTER_DEPTH} deep")
    if made.size > limits.FILTER_SIZE:
        raise machine.fail(f"a filter has more than {limits.FILTER_SIZE} conditions")
    return made


def _ancestors(machine: Machine, *paths: Any) -> Filter:
    """``path-ancestors``: every directory above the paths, themselves not."""
    found: dict[str, None] = {}
    for path in _checked(machine, "path", paths):
        end = path.rstrip("/").rfind("/")
        while end >= 0:
            machine.charge(1 + end // 16)
            found[path[:end] or "/"] = None
            end = path.rfind("/", 0, end)
    return Filter("literal", tuple(found))


def _words(kind: str, allowed: tuple[str, ...]) -> Callable[..., Filter]:
    def make(machine: Machine, *values: Any) -> Filter:
        names = tuple(getattr(value, "name", "") for value in values)
        if not names or not set(names) <= set(allowed):
            raise machine.fail(f"malformed {kind} filter")
        return Filter(kind, names)
    return make


def _mode(machine: Machine, *bits: int) -> Filter:
    return Filter("file-mode", tuple(map(str, bits)))


def _tty(machine: Machine) -> Filter:
    return Filter("vnode-type", ("TTY",))


CONSTRUCTORS = {name: Procedure(name, make) for name, make in {
    **{name: _path(kind) for name, kind in _PATHS.items()},
    **{kind: _name(kind) for name in NAMES for kind in (name, name + "-prefix", name + "-regex")},
    **{kind: _never(kind) for kind in _NEVER},
    **{kind: _combination(kind) for kind in COMBINATIONS},
    **{name: network.constructor("local") for name in ("local", "from")},
    **{name: network.constructor("remote") for name in ("remote", "to")},
    "path-ancestors": _ancestors,
    "vnode-type": _words("vnode-type", VNODE_TYPES),
    "target": _words("target", RECEIVERS),
}.items()} | {
    "file-mode": Procedure("file-mode", _mode, 1, None, ("integer",)),
    "tty": Procedure("tty", _tty, 0, 0),
}
