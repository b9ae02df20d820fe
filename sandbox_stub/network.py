"""``(local …)`` and ``(remote …)``: the ends of connections (spec/sandbox.md 3.6)."""

from __future__ import annotations

from sandbox_stub.filters import PATHS, Filter
from sandbox_stub.values import Constant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sandbox_stub.evaluator import Machine

UNIX = ("unix", "unix-socket")
PROTOCOLS = ("ip", "ip4", "ip6", "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6")
_HOSTS = ("*", "localhost")
_PORTS = range(1, 65536)


def constructor(kind: str) -> Callable[..., Any]:
    """The procedure that makes filters of this kind, "local" or "remote"."""
    def make(machine: Machine, *values: Any) -> Filter:
        name = values[0].name if values and isinstance(values[0], Constant) else ""
        if name in UNIX:
            return _unix(machine, kind, values[1:])
        if name not in PROTOCOLS:
            raise machine.fail(f"malformed {kind} filter")
        machine.charge(len(values))
        ends = tuple(_end(machine, kind, name, address) for address in values[1:] or ("*:*",))
        return ends[0] if len(ends) == 1 else Filter("require-any", children=ends)
    return make


def _unix(machine: Machine, kind: str, paths: tuple[Any, ...]) -> Filter:
    if any(type(one) is not Filter or one.kind not in PATHS for one in paths) or len(paths) > 1:
        raise machine.fail(f"malformed {kind} filter")
    return Filter(kind, ("unix-socket",), paths)


def _end(machine: Machine, kind: str, protocol: str, address: Any) -> Filter:
    if type(address) is not str:
        raise machine.fail(f"{kind} expects string argument")
    host, colon, port = address.rpartition(":")
    if not colon:
        raise machine.fail(f"port missing in network address: {address}")
    if host not in _HOSTS:
        raise machine.fail("host must be * or localhost in network address")
    number = int(port) if port.isdecimal() and port.isascii() and len(port) < 9 else 0
    if port != "*" and number not in _PORTS:
        raise machine.fail("invalid port in network address")
    return Filter(kind, (protocol, host, str(number) if number else "*"))
