"""The sockets that launchd holds for a job (spec/launchd.md 1.5)."""

from __future__ import annotations

import os
import socket
import stat
import struct
import tempfile

from launchd_shim.unixpath import Address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from launchd_shim.job import Socket

_TYPES = {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM,
          "seqpacket": socket.SOCK_SEQPACKET}
_FAMILIES = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6, "ipv4v6": socket.AF_INET6,
             "unix": socket.AF_UNIX}
#: SecureSocketWithKey's fresh directories begin so.
_SECURE = "/private/tmp/com.apple.launchd."
_IP_PKTINFO = 8  # <linux/in.h>; Python names it from 3.14 on


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
                if description.key and not description.path:
                    description.path = _secure_path(name, host)
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


def variables(wanted: dict[str, list[Socket]]) -> dict[str, str]:
    """What the domain's environment is to say of secure sockets: variable -> path in the root."""
    return {item.key: item.path for items in wanted.values() for item in items
            if item.key and item.path}


def recall(wanted: dict[str, list[Socket]], known: dict[str, str]) -> None:
    """Secure sockets keep the paths that the domain's environment still says."""
    for items in wanted.values():
        for item in items:
            if item.key and known.get(item.key, "").startswith(_SECURE):
                item.path = known[item.key]


def seen_on_host(root: str, value: str) -> str:
    """A variable's value for a program that runs outside the root: where a secure socket is."""
    return root + value if value.startswith(_SECURE) and os.path.exists(root + value) else value


def remove_paths(wanted: dict[str, list[Socket]], host: Callable[[str], str]) -> None:
    """Remove the files of a job's unix sockets, when it is unloaded."""
    for descriptions in wanted.values():
        for description in descriptions:
            if description.path:
                _unlink_socket(host(description.path))
            if description.key and description.path.startswith(_SECURE):
                _remove_directory(os.path.dirname(host(description.path)))
                description.path = ""


def _secure_path(name: str, host: Callable[[str], str]) -> str:
    """A path for a socket in a directory that only its owner may enter."""
    parent, prefix = os.path.split(_SECURE)
    if not os.path.isdir(host(parent)):
        os.makedirs(host(parent))
        os.chmod(host(parent), 0o1777)
    directory = tempfile.mkdtemp("", prefix, host(parent))
    return f"{parent}/{os.path.basename(directory)}/{name.replace('/', '_')}"


def _remove_directory(path: str) -> None:
    try:
        os.rmdir(path)
    except OSError:
        return  # gone, or somebody has put something else there


def _open(description: Socket, host: Callable[[str], str]) -> list[int]:
    kind = _TYPES.get((description.type).lower(), socket.SOCK_STREAM)
    if description.path:
        return [_unix(description, host(description.path), kind)]
    return [_internet(description, kind, *found) for found in _addresses(description, kind)]


def _unix(description: Socket, path: str, kind: int) -> int:
    with socket.socket(socket.AF_UNIX, kind) as made:
        if not description.passive:
            with Address(path) as short:
                made.connect(short)
            return made.detach()
        _unlink_socket(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        before = os.umask(0o077)
        try:
            with Address(path) as short:
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


def _addresses(description: Socket, kind: int) -> list[tuple[int, tuple[Any, ...]]]:
    family = _FAMILIES.get((description.family).lower(), socket.AF_UNSPEC)
    flags = socket.AI_PASSIVE if description.passive else 0
    service = description.service or None
    try:
        found = socket.getaddrinfo(description.node or None, service, family, kind, 0, flags)
    except socket.gaierror as error:
        raise OSError(22, f"{description.node or '*'}:{service}: {error}") from error
    return list(dict.fromkeys((item[0], item[4]) for item in found))


def _internet(description: Socket, kind: int, family: int, address: tuple[Any, ...]) -> int:
    with socket.socket(family, kind) as made:
        share = socket.SO_REUSEPORT if description.multicast else socket.SO_REUSEADDR
        made.setsockopt(socket.SOL_SOCKET, share, 1)
        if family == socket.AF_INET6:
            both = (description.family).lower() == "ipv4v6"
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(not both))
        if not description.passive:
            made.connect(address)
            return made.detach()
        made.bind(address)
        if description.multicast:
            _join(made, description.multicast)
        if description.packet_info:
            _want_packet_info(made)
        if kind != socket.SOCK_DGRAM:
            made.listen(socket.SOMAXCONN)
        return made.detach()


def _join(made: socket.socket, group: str) -> None:
    """Become a member of a multicast group of the socket's own family, on any interface."""
    try:
        binary = socket.inet_pton(made.family, group)
    except OSError as error:
        raise OSError(22, f"MulticastGroup {group!r} is no address of the socket's kind") from error
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, binary + struct.pack("I", 0))
    else:
        made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, binary + bytes(4))


def _want_packet_info(made: socket.socket) -> None:
    """Have the kernel tell with each datagram which address it was sent to."""
    if made.family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    else:
        made.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
