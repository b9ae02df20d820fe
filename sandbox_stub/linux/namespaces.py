"""Namespaces of a process's own: its mounts, its network, and where needed its user ids.

unshare(2) in the process itself: no helper stays between the caller and the command.
"""

from __future__ import annotations

import posix
from struct import pack, unpack

from sandbox_stub.linux.calls import Buffer, syscall
from sandbox_stub.linux.numbers import number

NEWNS, NEWUSER, NEWNET = 0x00020000, 0x10000000, 0x40000000
_MS_REC, _MS_PRIVATE = 0x4000, 0x40000
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1
_AF_INET, _SOCK_DGRAM, _CLOEXEC = 2, 2, 0o2000000

_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 24, 38
_CAPABILITY_VERSION = 0x20080522
#: What root keeps (capabilities(7)): owning, modes, identities, signals, low ports, niceness,
#: limits. The others reach past path rules: raw devices, modules, mounts, handles, tracing.
#: CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE IPC_LOCK SYS_NICE
#: SYS_RESOURCE
KEPT_CAPABILITIES = sum(1 << bit for bit in (0, 1, 3, 4, 5, 6, 7, 8, 10, 14, 23, 24))
_SETPCAP = 1 << 8


def enter(flags: int) -> None:
    """Move this process into new namespaces; ids look the same inside and outside.

    With NEWUSER nobody needs to be privileged, but other users' ids then read as "nobody".
    Raises OSError.
    """
    uid, gid = posix.geteuid(), posix.getegid()
    syscall(number("unshare"), flags)
    if flags & NEWUSER:
        for name, line in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"),
                           ("gid_map", f"{gid} {gid} 1")):
            fd = posix.open("/proc/self/" + name, posix.O_WRONLY)
            try:
                posix.write(fd, line.encode())
            finally:
                posix.close(fd)
    if flags & NEWNS:
        syscall(number("mount"), None, b"/", None, _MS_REC | _MS_PRIVATE, None)


def loopback_up() -> None:
    """Switch on the loopback interface of a new network namespace."""
    fd = syscall(number("socket"), _AF_INET, _SOCK_DGRAM | _CLOEXEC, 0)
    try:
        syscall(number("ioctl"), fd, _SIOCSIFFLAGS, pack("16sH22x", b"lo", _IFF_UP))
    finally:
        posix.close(fd)


def no_new_privileges() -> None:
    """From here on no execve(2) gives more rights: no setuid, no file capabilities."""
    syscall(number("prctl"), _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def drop_capabilities() -> None:
    """Give up, for good, what root has beyond KEPT_CAPABILITIES. Who is not root has none to
    begin with, or loses them at execve(2)."""
    held = effective_capabilities()
    if held & _SETPCAP:
        for bit in range(held.bit_length()):
            if not KEPT_CAPABILITIES >> bit & 1:
                syscall(number("prctl"), _PR_CAPBSET_DROP, bit, 0, 0, 0)
    kept = KEPT_CAPABILITIES & held
    syscall(number("capset"), pack("Ii", _CAPABILITY_VERSION, 0), pack("6I", kept, kept, *[0] * 4))


def effective_capabilities() -> int:
    """The capabilities in force, as a bit mask."""
    held = Buffer(bytes(24))
    syscall(number("capget"), pack("Ii", _CAPABILITY_VERSION, 0), held.address)
    halves: tuple[int, int] = unpack("I8xI8x", held.read())
    return halves[0] | halves[1] << 32
