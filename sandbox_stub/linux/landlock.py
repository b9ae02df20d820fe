"""Landlock: which files, ports and processes a process may still reach (landlock(7)).

Rights are only ever taken away, for this process and all its descendants. A rule on a directory
holds for everything below it; there is no rule that takes a right back further down.
"""

from __future__ import annotations

import posix
from struct import pack

from sandbox_stub.linux.calls import (
    LANDLOCK_ADD,
    LANDLOCK_CREATE,
    LANDLOCK_RESTRICT,
    Refused,
    raw,
    syscall,
)

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE = 1 << 4, 1 << 5
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK = 1 << 6, 1 << 7, 1 << 8, 1 << 9
MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = 1 << 10, 1 << 11, 1 << 12
REFER, TRUNCATE, IOCTL_DEV, RESOLVE_UNIX = 1 << 13, 1 << 14, 1 << 15, 1 << 16
BIND_TCP, CONNECT_TCP, BIND_UDP, CONNECT_UDP = 1 << 0, 1 << 1, 1 << 2, 1 << 3
SCOPE_ABSTRACT_UNIX, SCOPE_SIGNAL = 1 << 0, 1 << 1

#: What a rule on something that is not a directory may name.
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV | RESOLVE_UNIX

#: ABI -> (file rights, network rights, scopes) that came with it; linux/landlock.h
_SINCE = {
    1: (MAKE_SYM * 2 - 1, 0, 0),
    2: (REFER, 0, 0),
    3: (TRUNCATE, 0, 0),
    4: (0, BIND_TCP | CONNECT_TCP, 0),
    5: (IOCTL_DEV, 0, 0),
    6: (0, 0, SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL),
    9: (RESOLVE_UNIX, 0, 0),
    10: (0, BIND_UDP | CONNECT_UDP, 0),
}
#: ABI -> size of the structure that describes a ruleset
_ATTRIBUTE_SIZE = ((6, 24), (4, 16), (1, 8))
_PATH_BENEATH, _NET_PORT = 1, 2
_QUERY_VERSION, _QUERY_ERRATA = 1, 2


def version() -> int:
    """The ABI of the running kernel, 0 where there is no Landlock or it is switched off."""
    return max(0, raw(LANDLOCK_CREATE, None, 0, _QUERY_VERSION))


def errata() -> int:
    """The bit mask of repaired faults (kernels since 6.15 tell), 0 when unknown."""
    return max(0, raw(LANDLOCK_CREATE, None, 0, _QUERY_ERRATA))


def handled(abi: int) -> tuple[int, int, int]:
    """The (file, network, scope) rights that an ABI can withhold."""
    files = network = scopes = 0
    for since, (file, net, scope) in _SINCE.items():
        if since <= abi:
            files, network, scopes = files | file, network | net, scopes | scope
    return files, network, scopes


class Ruleset:
    """What is withheld, and the exceptions. Rights that the ABI does not know must not be named."""

    def __init__(self, abi: int, files: int, network: int, scopes: int) -> None:
        attribute = pack("QQQ", files, network, scopes)
        size = next(size for since, size in _ATTRIBUTE_SIZE if abi >= since)
        self._files = files
        self._fd = syscall(LANDLOCK_CREATE, attribute[:size], size, 0)

    def allow(self, path: str, rights: int) -> None:
        """Grant rights on a path and all below it; what is missing grants nothing."""
        try:
            fd = posix.open(path, posix.O_PATH | posix.O_NOFOLLOW | posix.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise Refused(f"{path}: {error.strerror}") from error
        try:
            self._beneath(fd, rights & self._files)
        finally:
            posix.close(fd)

    def _beneath(self, fd: int, rights: int) -> None:
        if posix.fstat(fd).st_mode & 0o170000 != 0o040000:
            rights &= FILE_RIGHTS
        if rights:
            syscall(LANDLOCK_ADD, self._fd, _PATH_BENEATH, pack("=Qi", rights, fd), 0)

    def allow_port(self, right: int, port: int) -> None:
        """Grant connecting to, or binding, this port, whatever the host."""
        syscall(LANDLOCK_ADD, self._fd, _NET_PORT, pack("QQ", right, port), 0)

    def restrict(self) -> None:
        """Put it in force for this process; it must have given up new privileges before."""
        syscall(LANDLOCK_RESTRICT, self._fd, 0)
        posix.close(self._fd)
