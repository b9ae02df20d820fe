"""Filters: which objects of an operation a rule is about (spec/sandbox.md 3.6).

Paths are compared byte for byte, as Linux does; a macOS volume would usually ignore case.
A filter whose field the target lacks does not match, and neither does one about things that a
prefix never has (sandbox extensions, entitlements).
"""

from __future__ import annotations

from sandbox_stub import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PATHS = ("literal", "subpath", "prefix", "regex")
COMBINATIONS = ("require-any", "require-all", "require-not")
NETWORK = ("local", "remote")
#: File type bits of st_mode (sys/stat.h) -> what ``vnode-type`` calls it
FILE_TYPES = {
    0o100000: "REGULAR-FILE", 0o040000: "DIRECTORY", 0o060000: "BLOCK-DEVICE",
    0o020000: "CHARACTER-DEVICE", 0o120000: "SYMLINK", 0o140000: "SOCKET", 0o010000: "FIFO",
}
VNODE_TYPES = (*FILE_TYPES.values(), "TTY")
#: Kinds that look at the target's name; each also exists as KIND-prefix and KIND-regex.
NAMES = (
    "global-name", "local-name", "xpc-service-name", "ipc-posix-name", "sysctl-name",
    "preference-domain", "notification-name", "right-name", "appleevent-destination",
    "iokit-connection", "iokit-property", "iokit-registry-entry-class", "iokit-user-client-class",
    "kext-bundle-id", "info-type", "control-name", "process-name", "nvram-variable", "xattr",
    "socket-domain", "socket-type", "socket-protocol", "syscall-number", "ioctl-command",
    "fsctl-command", "privilege-id", "necp-client-action", "mac-policy-name",
)
RECEIVERS = ("self", "pgrp", "others", "children", "same-sandbox")
#: What a signal's receiver also is: a process of ours runs in the same sandbox.
_RECEIVERS = {
    "self": ("self", "pgrp", "same-sandbox"),
    "children": ("children", "same-sandbox"),
}
#: A require-any with fewer children is tried one by one.
_FEW = 8
_LOCAL_HOSTS = ("localhost", "::1")


class Target:
    """The object of an operation; a field that does not apply is None.

    ``path`` is absolute and free of symbolic links, ``vnode_type`` one of ``VNODE_TYPES``,
    ``mode`` the permission bits. ``network`` is (protocol, host, port): protocol "tcp", "udp",
    or with a family "tcp4"; host a name or address; port a number or its digits. ``side`` says
    which end that is, "local" or "remote" (None: what the operation suggests). ``socket_path`` is
    a Unix socket's path, ``name`` a Mach service's, sysctl's, … name, ``signal_target`` one of
    ``RECEIVERS``.
    """

    __slots__ = ("mode", "name", "network", "path", "side", "signal_target", "socket_path",
                 "vnode_type")

    def __init__(
        self,
        path: str | None = None,
        *,
        vnode_type: str | None = None,
        mode: int | None = None,
        network: tuple[str, str, int | str] | None = None,
        side: str | None = None,
        socket_path: str | None = None,
        name: str | None = None,
        signal_target: str | None = None,
    ) -> None:
        self.path = path
        self.vnode_type = vnode_type
        self.mode = mode
        self.network = network
        self.side = side
        self.socket_path = socket_path
        self.name = name
        self.signal_target = signal_target


class Filter:
    """A condition: ``kind`` with the strings it compares with, or with the filters it combines.

    ``values`` of local and remote are (protocol, host, port) or ("unix-socket",), the latter with
    a path filter as only child or with none; host is "*" or "localhost", port "*" or digits.
    ``values`` of file-mode are decimal. ``depth`` is 1 for a filter without children,
    ``size`` the number of conditions that it takes to say no.
    """

    __slots__ = ("_index", "children", "depth", "kind", "size", "values")

    def __init__(
        self, kind: str, values: tuple[str, ...] = (), children: tuple[Filter, ...] = ()
    ) -> None:
        self.kind = kind
        self.values = values
        self.children = children
        self._index: tuple[set[str], set[str], list[Filter]] | None = None
        self.depth = 1
        self.size = 1 + len(values)
        for child in children:
            self.depth = max(self.depth, 1 + child.depth)
            self.size += child.size

    def matches(self, target: Target) -> bool:
        """Does the object fulfil the condition?"""
        match = _MATCH.get(self.kind)
        return match is not None and match(self, target)

    def any_matches(self, target: Target) -> bool:
        """Does one of the children match? Of thousands of paths those are looked up that count."""
        if len(self.children) < _FEW:
            return any(child.matches(target) for child in self.children)
        literals, subpaths, others = self._index = self._index or _indexed(self.children)
        path = target.path if target.path is not None else target.socket_path
        if path is not None and (path in literals or "/" in subpaths):
            return True
        while path:
            if path in subpaths:
                return True
            path = path.rpartition("/")[0]
        return any(child.matches(target) for child in others)

    def __str__(self) -> str:
        if self.kind in NETWORK and not self.children and len(self.values) == 3:
            protocol, host, port = self.values
            return f'({self.kind} {protocol} "{host}:{port}")'
        bare = self.kind in NETWORK or self.kind in ("target", "vnode-type", "file-mode")
        values = self.values if bare else map(quoted, self.values)
        return "(" + " ".join((self.kind, *values, *map(str, self.children))) + ")"

    def __repr__(self) -> str:
        return str(self)


def _indexed(filters: tuple[Filter, ...]) -> tuple[set[str], set[str], list[Filter]]:
    """The values of literals, those of subpaths, and the other filters."""
    found: dict[str, set[str]] = {"literal": set(), "subpath": set()}
    others = []
    for filter in filters:
        if filter.kind in found:
            found[filter.kind].update(filter.values)
        else:
            others.append(filter)
    return found["literal"], found["subpath"], others


def quoted(text: str) -> str:
    """A string in the language's notation."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _literal(text: str, value: str) -> bool:
    return text == value


def _subpath(text: str, value: str) -> bool:
    return text == value or value == "/" or text.startswith(value + "/")


def _prefix(text: str, value: str) -> bool:
    return text.startswith(value)


def _regex(text: str, value: str) -> bool:
    return regex.search(value, text)


def _on(field: str, compare: Callable[[str, str], bool]) -> Callable[[Filter, Target], bool]:
    def match(filter: Filter, target: Target) -> bool:
        text = getattr(target, field)
        if text is None and field == "path":
            text = target.socket_path
        return text is not None and any(compare(text, value) for value in filter.values)
    return match


def _network(filter: Filter, target: Target) -> bool:
    if filter.values[0] == "unix-socket":
        return target.socket_path is not None and (
            not filter.children or filter.children[0].matches(target))
    if target.network is None:
        return False
    wanted, host, port = filter.values
    if not _covers(wanted, target.network[0]):
        return False
    if (host, port) == ("*", "*"):
        return True
    return (target.side in (None, filter.kind)
            and (host == "*" or _is_local(target.network[1]))
            and port in ("*", str(target.network[2])))


def _covers(wanted: str, protocol: str) -> bool:
    """Is this protocol one of those meant: ip is every transport, tcp is every family?"""
    transport, family = wanted.rstrip("46"), wanted[len(wanted.rstrip("46")):]
    return transport in ("ip", protocol.rstrip("46")) and protocol.endswith(family)


def _is_local(host: str) -> bool:
    return host in _LOCAL_HOSTS or host.startswith("127.")


def _vnode_type(filter: Filter, target: Target) -> bool:
    return target.vnode_type in filter.values


def _file_mode(filter: Filter, target: Target) -> bool:
    return target.mode is not None and any(
        target.mode & int(bits) == int(bits) for bits in filter.values)


def _receiver(filter: Filter, target: Target) -> bool:
    receiver = target.signal_target
    return receiver is not None and any(
        name in filter.values for name in _RECEIVERS.get(receiver, (receiver,)))


_MATCH: dict[str, Callable[[Filter, Target], bool]] = {
    "require-any": Filter.any_matches,
    "require-all": lambda filter, target: all(one.matches(target) for one in filter.children),
    "require-not": lambda filter, target: not filter.children[0].matches(target),
    "literal": _on("path", _literal),
    "subpath": _on("path", _subpath),
    "prefix": _on("path", _prefix),
    "regex": _on("path", _regex),
    "local": _network,
    "remote": _network,
    "vnode-type": _vnode_type,
    "file-mode": _file_mode,
    "target": _receiver,
    **{name: _on("name", _literal) for name in NAMES},
    **{name + "-prefix": _on("name", _prefix) for name in NAMES},
    **{name + "-regex": _on("name", _regex) for name in NAMES},
}
