"""The Sockets key (spec/launchd.md 1.5)."""

from __future__ import annotations

from launchd_shim import keys, rules
from launchd_shim.filling import fill
from launchd_shim.job import Socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launchd_shim.filling import Rule
    from launchd_shim.notes import Notes

#: What fits into sockaddr_un, without the NUL: on macOS and on Linux.
_DARWIN_PATH, _LINUX_PATH = 103, 107
_S_IFSOCK = 0o140000


def sockets(key: str, value: dict[str, Any], notes: Notes) -> dict[str, list[Socket]]:
    """Name -> sockets; what is neither a dictionary nor an array of them is left out."""
    inner = notes.within(key)
    found = {}
    for name, item in value.items():
        if isinstance(item, list):
            entries = [(f"{name}[{at}]", entry) for at, entry in enumerate(item)]
            if not entries:
                inner.remark(name, f"{name} is an empty array: there is no socket in it")
        else:
            entries = [(name, item)]
        made = [_socket(where, entry, inner) for where, entry in entries]
        found[name] = [socket for socket in made if socket is not None]
    return {name: made for name, made in found.items() if made}


def _socket(where: str, entry: Any, notes: Notes) -> Socket | None:
    if not isinstance(entry, dict):
        notes.wrong_kind(where, entry, [keys.DICT])
        return None
    socket = Socket()
    inner = notes.within(where)
    fill(socket, entry, keys.SOCKET, _RULES, inner)
    if socket.path:
        socket.family = "Unix"
    _check(socket, inner)
    return socket


def _check(socket: Socket, notes: Notes) -> None:
    """Remark on what will fail when the socket is made."""
    if socket.family == "Unix" and not (socket.path or socket.key):
        notes.remark("SockPathName", "a Unix socket needs SockPathName")
    elif not (socket.path or socket.key or socket.service):
        notes.remark("SockServiceName", "there is neither a service nor a path to listen on")
    length = len(socket.path.encode("utf-8", "surrogatepass"))
    if length > _LINUX_PATH:
        notes.remark("SockPathName", f"the path has {length} bytes, more than a socket can have")
    elif length > _DARWIN_PATH:
        notes.remark("SockPathName", f"the path has {length} bytes, more than macOS allows")


def _service(key: str, value: str | int, notes: Notes) -> str | None:
    """A service's name or a port."""
    if isinstance(value, str):
        return rules.filled(key, value, notes)
    port = rules.within(key, value, 0, 65535, notes)
    return None if port is None else str(port)


def _type(key: str, value: str, notes: Notes) -> str | None:
    return rules.one_of(key, value, keys.SOCKET_TYPES, notes)


def _family(key: str, value: str, notes: Notes) -> str | None:
    return rules.one_of(key, value, keys.SOCKET_FAMILIES, notes)


def _protocol(key: str, value: str, notes: Notes) -> str | None:
    return rules.one_of(key, value, keys.SOCKET_PROTOCOLS, notes)


def _mode(key: str, value: int, notes: Notes) -> int | None:
    if value in (600, 644, 660, 666, 700, 755, 770, 777):
        notes.remark(key, f"{key} {value} is a decimal number, that is mode {value:04o}; "
                          f"mode {value:04d} is {int(str(value), 8)}")
    # cupsd's says that it is a socket as well; chmod(2) takes the permissions only.
    permissions = value - _S_IFSOCK if value >= _S_IFSOCK else value
    return rules.within(key, permissions, 0, 0o7777, notes)


def _id(key: str, value: int, notes: Notes) -> int | None:
    return rules.within(key, value, 0, (1 << 32) - 2, notes)


_RULES: dict[str, Rule] = {
    "filled": rules.filled, "id": _id, "mode": _mode, "service": _service, "sock_type": _type,
    "sock_family": _family, "sock_protocol": _protocol, "variable": rules.variable,
}
