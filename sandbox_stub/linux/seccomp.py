"""seccomp(2): system calls that no path rule can judge, refused by a filter of our own.

The filter is a deny list of small blocks, each of which either answers or falls through to the
next one; what no block answers is allowed. It sees numbers only, never what an address points to.
"""

from __future__ import annotations

from struct import pack

from sandbox_stub.linux.calls import Buffer, syscall
from sandbox_stub.linux.numbers import ARCHITECTURES, machine, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

EPERM, ENOSYS = 1, 38
_LOAD, _EQUAL, _GREATER, _SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_ARCH_AT, _NUMBER_AT = 4, 0
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2

_SETID_BITS = 0o6000
_CREATING = 0o100 | 0o20000000  # O_CREAT, O_TMPFILE: without them the mode is no argument
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS … CLONE_NEWNET
_THREAD = 0x10000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C

Instruction = tuple[int, int, int, int]


class Test:
    """A condition on one argument's low 32 bits: any of these bits set, or equal to a value."""

    def __init__(self, argument: int, *, bits: int = 0, equal: int | None = None,
                 negated: bool = False) -> None:
        self.argument = argument
        self.code, self.value = (_SET, bits) if equal is None else (_EQUAL, equal)
        self.negated = negated


class Deny:
    """A system call that is answered with an error when all tests hold (none: always)."""

    def __init__(self, call: str, *tests: Test, code: int = EPERM) -> None:
        self.call, self.tests, self.code = call, tests, code

    def block(self) -> list[Instruction]:
        """Its instructions; the number must be loaded, and is again behind them."""
        nr = number(self.call)
        if nr is None:
            return []
        body: list[Instruction] = []
        left = 2 * len(self.tests) + 1  # to the last one, which loads the number again
        for test in self.tests:
            left -= 2
            miss, hit = (0, left) if test.negated else (left, 0)
            body += [(_LOAD, 0, 0, 16 + 8 * test.argument), (test.code, hit, miss, test.value)]
        body.append((_RETURN, 0, 0, _ERRNO | self.code))
        if self.tests:
            body.append((_LOAD, 0, 0, _NUMBER_AT))
        return [(_EQUAL, 0, len(body), nr), *body]


def _moded(call: str, mode: int, flags: int | None = None) -> Deny:
    creating = () if flags is None else (Test(flags, bits=_CREATING),)
    return Deny(call, *creating, Test(mode, bits=_SETID_BITS))


#: Nobody may make a program run as its owner (file-write-setugid; spec 5.2). What takes its mode
#: from memory cannot be judged, and programs fall back on the older call when it is missing.
SETID = (
    _moded("chmod", 1), _moded("fchmod", 1), _moded("fchmodat", 2), _moded("fchmodat2", 2),
    _moded("open", 2, 1), _moded("openat", 3, 2), _moded("creat", 1), _moded("mknod", 1),
    _moded("mknodat", 2), _moded("mkdir", 1), _moded("mkdirat", 2),
    Deny("openat2", code=ENOSYS),
)
#: Requests in shared memory pass every filter by, so there are none under a filter.
UNSEEN = tuple(Deny(call, code=ENOSYS)
               for call in ("io_uring_setup", "io_uring_enter", "io_uring_register"))
#: Ways around masks, namespaces and rules, and kernel services that macOS does not have.
ESCAPES = (
    *(Deny(call) for call in (
        "mount", "umount2", "pivot_root", "move_mount", "open_tree", "open_tree_attr", "fsopen",
        "fsconfig", "fsmount", "fspick", "mount_setattr", "setns", "open_by_handle_at", "bpf",
        "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key")),
    Deny("unshare", Test(0, bits=_NEW_NAMESPACES)), Deny("clone", Test(0, bits=_NEW_NAMESPACES)),
    Deny("clone3", code=ENOSYS),
    Deny("ioctl", Test(1, equal=_TIOCSTI)), Deny("ioctl", Test(1, equal=_TIOCLINUX)),
)
FORK = (Deny("fork"), Deny("vfork"), Deny("clone", Test(0, bits=_THREAD, negated=True)),
        Deny("clone3", code=ENOSYS))
#: Operation of the profile -> the calls that are nothing but it
OPERATIONS = {
    "file-chroot": ("chroot",),
    "file-mount": ("mount", "fsmount", "move_mount", "open_tree", "open_tree_attr"),
    "file-mount-update": ("mount", "mount_setattr", "fspick"),
    "file-unmount": ("umount2", "pivot_root"),
    "system-acct": ("acct",),
    "system-swap": ("swapon", "swapoff"),
    "system-reboot": ("reboot", "kexec_load", "kexec_file_load"),
    "system-kext-load": ("init_module", "finit_module"),
    "system-kext-unload": ("delete_module",),
    "system-set-time": ("settimeofday", "clock_settime", "clock_adjtime"),
    "system-fsctl": ("quotactl",),
}
_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
UNIX_FAMILIES, IP_FAMILIES, LOCAL_FAMILIES = (_UNIX,), (_INET, _INET6), (_NETLINK,)


def families(kept: Iterable[int]) -> list[Instruction]:
    """socket(2) for these address families only; macOS refuses later, when it is to be used."""
    nr = number("socket")
    if nr is None:
        return []
    kept = list(kept)
    body = [(_LOAD, 0, 0, 16)]
    body += [(_EQUAL, len(kept) - at, 0, family) for at, family in enumerate(kept)]
    body += [(_RETURN, 0, 0, _ERRNO | EPERM), (_LOAD, 0, 0, _NUMBER_AT)]
    return [(_EQUAL, 0, len(body), nr), *body]


def program(denied: Iterable[Deny], kept: Iterable[int] | None = None) -> bytes:
    """The filter. A process of another architecture or call table has no system call at all:
    its numbers mean other things, and 32-bit programs are not what a profile is about."""
    native, foreign = ARCHITECTURES[machine()]
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH_AT), (_EQUAL, 1, 0, native), (_RETURN, 0, 0, _ERRNO | ENOSYS),
        (_LOAD, 0, 0, _NUMBER_AT)]
    if foreign:
        code += [(_GREATER, 0, 1, foreign), (_RETURN, 0, 0, _ERRNO | ENOSYS)]
    for deny in denied:
        code += deny.block()
    if kept is not None:
        code += families(kept)
    code.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(pack("HBBI", *instruction) for instruction in code)


def install(filter: bytes) -> None:
    """Put a filter in force for this process and its descendants (no_new_privs must be set)."""
    instructions = Buffer(filter)
    header = pack("HxxxxxxQ", len(filter) // 8, instructions.address)
    syscall(number("prctl"), _PR_SET_SECCOMP, _MODE_FILTER, header, 0, 0)
