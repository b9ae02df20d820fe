"""What a rule asks for that no mechanism looks at: such a denial is no denial (spec 5.4).

Everything that a rule can name has to be known here as something that is upheld, or judged, or a
gap; what is none of these is not enforced.
"""

from __future__ import annotations

from sandbox_stub import operations
from sandbox_stub.filters import COMBINATIONS, NETWORK, PATHS
from sandbox_stub.linux import landlock, seccomp
from sandbox_stub.linux.gaps import ALONE, GAPS
from sandbox_stub.linux.grades import NARROWED, NOT_ENFORCED, WIDENED, Note
from sandbox_stub.linux.rights import RIGHTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox_stub.filters import Filter
    from sandbox_stub.profile import Rule

_FILES = tuple(name for name, _ in RIGHTS if not name.startswith("network"))
_NETWORK = ("network-outbound", "network-inbound", "network-bind")
#: Operations, and the kinds of filters that what upholds them looks at
_LOOKED_AT = (
    (_FILES, (*PATHS, "vnode-type", "file-mode")),
    (_NETWORK, (*NETWORK, *PATHS)),
    (("signal",), ("target",)),
    (("process-fork", *seccomp.OPERATIONS), ()),
)
#: Filters that are about nothing here: that they never match is what macOS would say.
_NEVER = ("extension", "extension-class", "debug-mode", "require-entitlement",
          "entitlement-is-present", "entitlement-is-bool-true", "entitlement-value",
          "entitlement-value-regex")
_NO_MECHANISM = ("no-mechanism", "nothing here can deny this alone")


class Unseen:
    """Findings about the operations and filters of rules, for a kernel with this Landlock."""

    def __init__(self, abi: int) -> None:
        self._unix_by_path = bool(landlock.handled(abi)[0] & landlock.RESOLVE_UNIX)
        #: (operations and those above them, kinds of filters)
        self._upheld = [(_with_above(names), kinds) for names, kinds in _LOOKED_AT]
        self._gaps = _with_above(GAPS)

    def notes(self, rule: Rule) -> Iterator[Note]:
        """What is not upheld because nothing looks at it."""
        for name in rule.operations:
            above = operations.lineage(name)
            kinds = {kind for names, kinds in self._upheld if name in names for kind in kinds}
            if any(name in names for names, _ in self._upheld):
                if rule.filter is not None:
                    yield from self._filters(name, kinds, rule.filter, rule.action == "deny")
            elif name not in self._gaps and not any(one in GAPS for one in above):
                code = next((ALONE[one] for one in above if one in ALONE), _NO_MECHANISM)
                yield Note(name, 0, NOT_ENFORCED, *code)

    def _filters(
        self, name: str, kinds: set[str], filter: Filter, denied: bool, positive: bool = True
    ) -> Iterator[Note]:
        """A condition that is never seen to hold: what is denied on it is not, or too much is."""
        if filter.kind in COMBINATIONS:
            positive = positive is not (filter.kind == "require-not")
            # Paths are alike in this: one of each kind will do.
            for one in {one.kind if one.kind in PATHS else one: one
                        for one in filter.children}.values():
                yield from self._filters(name, kinds, one, denied, positive)
        elif filter.kind not in _NEVER and not (
                filter.kind in kinds and _LEAVES.get(filter.kind, _always)(name, filter)):
            loose = NOT_ENFORCED if denied else WIDENED
            yield Note(name, 0, loose if denied is positive else NARROWED, "filter-not-seen",
                       f"{filter} is not looked at, as if it never held")
        elif denied and not self._unix_by_path and _picks_unix(name, filter):
            yield Note(name, 0, NOT_ENFORCED, "unix-path-abi",
                       "a Unix socket that has a path can be connected to")


def _with_above(names: Iterable[str]) -> set[str]:
    return {above for name in names for above in operations.lineage(name)}


def _always(name: str, filter: Filter) -> bool:
    return True


def _end(name: str, filter: Filter) -> bool:
    """Whether the end of a connection that a filter is about is the one that is looked at."""
    if filter.values[0] == "unix-socket":
        return True
    protocol, host, port = filter.values
    sides = {"network-outbound": ("remote",), "network*": NETWORK, "default": NETWORK}
    return protocol[-1] not in "46" and (
        (host, port) == ("*", "*") or filter.kind in sides.get(name, ("local",)))


def _receiver(name: str, filter: Filter) -> bool:
    return "pgrp" not in filter.values or "others" in filter.values


_LEAVES = {"local": _end, "remote": _end, "target": _receiver}


def _picks_unix(name: str, filter: Filter) -> bool:
    """Is it about connections, and picks out sockets by their path?"""
    return name.startswith("network") and (
        filter.kind in PATHS or filter.values[:1] == ("unix-socket",))
