"""The sockets that launchd holds for a job (spec/launchd.md 1.5)."""

from __future__ import annotations

import os
import socket
import stat

from launchd_shim.supervisor.unixpath import address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launchd_shim.job import Socket

_TYPES = {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM,
          "seqpacket": socket.SOCK_SEQPACKET}
_FAMILIES = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6, "ipv4v6": socket.AF_INET6,
             "unix": socket.AF_UNIX}


def open_all(
    wanted: dict[str, list[Socket]], host: Callable[[str], str]
) -> dict[str, list[int]]:
    """Open every socket of a job; name -> descriptors. ``host`` maps paths into the root.

    Raises OSError, having closed what was open, if one cannot be had.
    """
    opened: dict[str, list[int]] = {}
    try:
        for name, descriptions in wanted.items():
            for description in descriptions:
                opened.setdefault(name, []).extend(_open(description, host))
    except OSError:
        close_all(opened)
        raise
    return opened


def close_all(opened: dict[str, list[int]]) -> None:
    """Close the sockets of a job."""
    for descriptors in opened.values():
        for fd in descriptors:
            os.close(fd)
    opened.clear()


def remove_paths(wanted: dict[str, list[Socket]], host: Callable[[str], str]) -> None:
    """Remove the files of a job's unix sockets, when it is unloaded."""
    for descriptions in wanted.values():
        for description in descriptions:
            if description.path:
                _unlink_socket(host(description.path))


def _open(description: Socket, host: Callable[[str], str]) -> list[int]:
    kind = _TYPES.get((description.type).lower(), socket.SOCK_STREAM)
    if description.path:
        return [_unix(description, host(description.path), kind)]
    return [_internet(description, kind, *found) for found in _addresses(description, kind)]


def _unix(description: Socket, path: str, kind: int) -> int:
    with socket.socket(socket.AF_UNIX, kind) as made:
        if not description.passive:
            with address(path) as short:
                made.connect(short)
            return made.detach()
        _unlink_socket(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        before = os.umask(0o077)
        try:
            with address(path) as short:
                made.bind(short)
        finally:
            os.umask(before)
        if description.mode is not None:
            os.chmod(path, description.mode)
        if description.owner is not None or description.group is not None:
            os.chown(path, _or_same(description.owner), _or_same(description.group))
        if kind != socket.SOCK_DGRAM:
            made.listen(socket.SOMAXCONN)
        return made.detach()


def _or_same(number: int | None) -> int:
    return -1 if number is None else number


def _unlink_socket(path: str) -> None:
    """Remove a socket that was left behind; anything else at its place stays."""
    try:
        if stat.S_ISSOCK(os.lstat(path).st_mode):
            os.unlink(path)
    except FileNotFoundError:
        return


def _addresses(description: Socket, kind: int) -> list[tuple[int, tuple]]:
    family = _FAMILIES.get((description.family).lower(), socket.AF_UNSPEC)
    flags = socket.AI_PASSIVE if description.passive else 0
    service = description.service or None
    try:
        found = socket.getaddrinfo(description.node or None, service, family, kind, 0, flags)
    except socket.gaierror as error:
        raise OSError(22, f"{description.node or '*'}:{service}: {error}") from error
    return list(dict.fromkeys((item[0], item[4]) for item in found))


def _internet(description: Socket, kind: int, family: int, address: tuple) -> int:
    with socket.socket(family, kind) as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            both = (description.family).lower() == "ipv4v6"
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not both))
        if not description.passive:
            made.connect(address)
            return made.detach()
        made.bind(address)
        if kind != socket.SOCK_DGRAM:
            made.listen(socket.SOMAXCONN)
        return made.detach()
