"""What a profile leaves of the network, and what enforces that (spec/sandbox.md 5.4).

The strongest means is a network of the process's own, with nothing in it or only a loopback.
Ports are Landlock's; sockets of other kinds are refused where they are made.
"""

from __future__ import annotations

from sandbox_stub.decision import decide
from sandbox_stub.filters import Target
from sandbox_stub.linux import landlock, seccomp
from sandbox_stub.linux.grades import NARROWED, NOT_ENFORCED, WIDENED, Note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_stub.filters import Filter
    from sandbox_stub.linux.probe import Kernel
    from sandbox_stub.profile import Profile

OUT, BIND, IN = "network-outbound", "network-bind", "network-inbound"
_FAR, _NEAR = "192.0.2.1", "localhost"
_NOWHERE = "/\x01"
_CONNECT = {"tcp": landlock.CONNECT_TCP, "udp": landlock.CONNECT_UDP}
_BIND = {"tcp": landlock.BIND_TCP, "udp": landlock.BIND_UDP}


class NetworkPolicy:
    """``private``: a network of its own, with ``loopback`` or without; ``handled`` and ``ports``:
    what Landlock withholds and the (right, port) pairs it does not; ``families``: the address
    families whose sockets may be made (None: all); ``scope``: whether abstract Unix sockets
    outside are out of reach; ``notes``: findings, their ``path`` is the operation."""

    def __init__(self, profile: Profile, kernel: Kernel, *, keep_unix: bool) -> None:
        self._profile, self._kernel = profile, kernel
        self.private = self.loopback = self.scope = False
        self.handled = 0
        self.ports: list[tuple[int, int]] = []
        self.families: list[int] | None = None
        self.notes: list[Note] = []
        leaves = list(_leaves(profile))
        self._named = sorted({int(leaf.values[2]) for leaf in leaves
                              if len(leaf.values) == 3 and leaf.values[2].isdigit()})
        self._other = next(port for port in range(61000, 62000) if port not in self._named)
        self._internet()
        self._unix(any(leaf.values[0] == "unix-socket" for leaf in leaves), keep_unix)
        self.confined = bool(self.private or self.handled or self.families is not None
                             or self.scope)

    def _allows(self, operation: str, host: str, port: int, protocol: str = "tcp") -> bool:
        target = Target(network=(protocol, host, port))
        return decide(self._profile, operation, target).allowed

    def _anywhere(self, host: str) -> bool:
        """Is there anything at all of the network that may be used with this host?"""
        return any(self._allows(operation, host, port, protocol)
                   for operation in (OUT, BIND, IN) for protocol in ("tcp", "udp")
                   for port in (self._other, *self._named))

    def _differs(self, possible: tuple[str, str], denied: tuple[str, str]) -> bool:
        """Is an (operation, host) somewhere allowed where the other one is denied?"""
        return any(
            self._allows(*possible, port, protocol) and not self._allows(*denied, port, protocol)
            for protocol in _CONNECT for port in (self._other, *self._named))

    def _internet(self) -> None:
        far, near = self._anywhere(_FAR), self._anywhere(_NEAR)
        if not far:
            self._isolate(near)
        for operation in (OUT, BIND) if far else ():
            if self._differs((operation, _FAR), (operation, _NEAR)):
                self._note(operation, WIDENED, "port-only", "a host cannot be told from another")
        if self._differs((BIND, _NEAR), (IN, _NEAR)) or (
                far and self._differs((BIND, _FAR), (IN, _FAR))):
            self._note(IN, WIDENED, "no-accept-control",
                       "who may bind a port may be connected to there")
        for protocol in ("tcp", "udp"):
            self._limit(OUT, _CONNECT[protocol], protocol, _FAR if far else _NEAR)
            self._limit(BIND, _BIND[protocol], protocol, _FAR if far else _NEAR)

    def _isolate(self, near: bool) -> None:
        """There is no way out: leave nothing, or the process's own loopback."""
        if self._kernel.network:
            self.private, self.loopback = True, near
            if near:
                self._note(OUT, NARROWED, "private-loopback",
                           "localhost is the sandbox's own: services outside are not reached")
        elif near:
            self._note(OUT, WIDENED, "userns-forbidden",
                       "without a network namespace every host can be reached as localhost can")
        elif not self._kernel.seccomp:
            self._note(OUT, WIDENED, "no-udp", "only TCP is refused")
        else:
            self._note(OUT, NARROWED, "userns-forbidden", "no internet socket can be made at all")
        kept = seccomp.LOCAL_FAMILIES + seccomp.UNIX_FAMILIES
        self.families = [*kept, *(seccomp.IP_FAMILIES if near or self._kernel.network else ())]

    def _limit(self, operation: str, right: int, protocol: str, host: str) -> None:
        """Withhold a right except for the named ports, where not every port is allowed."""
        if self._allows(operation, host, self._other, protocol):
            if any(not self._allows(operation, host, port, protocol) for port in self._named):
                self._note(operation, WIDENED, "port-only",
                           "single ports cannot be taken away from all others")
            return
        if not right & landlock.handled(self._kernel.abi)[1]:
            if not self.private and self._sockets_possible():
                self._note(operation, WIDENED, "no-udp" if protocol == "udp" else "abi-too-low",
                           f"every {protocol.upper()} port can be used")
            return
        self.handled |= right
        for port in self._named:
            if self._allows(operation, host, port, protocol):
                self.ports.append((right, port))

    def _sockets_possible(self) -> bool:
        return self.families is None or seccomp.IP_FAMILIES[0] in self.families

    def _unix(self, some: bool, keep: bool) -> None:
        """Unix sockets: by path since ABI 9; before, all or none."""
        if decide(self._profile, OUT, Target(socket_path=_NOWHERE)).allowed:
            return
        self.scope = bool(landlock.handled(self._kernel.abi)[2] & landlock.SCOPE_ABSTRACT_UNIX)
        if landlock.handled(self._kernel.abi)[0] & landlock.RESOLVE_UNIX:
            return
        some = some or self._unix_by_path()
        if some or keep or not self._kernel.seccomp:
            self._note(OUT, NOT_ENFORCED, "unix-path-abi",
                       "every Unix socket that has a path can be connected to")
            return
        families = self.families
        if families is None:
            families = [*seccomp.LOCAL_FAMILIES, *seccomp.IP_FAMILIES]
        self.families = [one for one in families if one not in seccomp.UNIX_FAMILIES]
        self._note(OUT, NARROWED, "unix-path-abi", "no Unix socket can be made at all")

    def _unix_by_path(self) -> bool:
        """Does some rule allow a socket by a plain path filter?"""
        return any(rule.action == "allow" and rule.filter is not None
                   and any(name.startswith("network") for name in rule.operations)
                   and _has_path(rule.filter) for rule in self._profile.rules)

    def _note(self, operation: str, grade: str, code: str, effect: str) -> None:
        self.notes.append(Note(operation, 0, grade, code, effect))


def _leaves(profile: Profile) -> Iterator[Filter]:
    """All network filters of a profile."""
    waiting = [rule.filter for rule in profile.rules if rule.filter is not None]
    while waiting:
        filter = waiting.pop()
        waiting += filter.children
        if filter.kind in ("local", "remote"):
            yield filter


def _has_path(filter: Filter) -> bool:
    return filter.kind in ("literal", "subpath", "prefix", "regex") or any(
        map(_has_path, filter.children))
