"""Numbers of the system calls that filters and set-up name, by machine (asm/unistd.h)."""

from __future__ import annotations

import posix

#: machine -> (AUDIT_ARCH of its own calls, first number of a second table to refuse or 0)
ARCHITECTURES = {"x86_64": (0xC000003E, 0x40000000), "aarch64": (0xC00000B7, 0)}

#: name -> (x86_64, aarch64); None where the machine has no such call
_TABLE: dict[str, tuple[int, int | None]] = {
    "acct": (163, 89), "add_key": (248, 217),
    "adjtimex": (159, 171), "bpf": (321, 280), "capget": (125, 90),
    "capset": (126, 91),
    "chmod": (90, None), "chroot": (161, 51), "clock_adjtime": (305, 266),
    "clock_settime": (227, 112), "clone": (56, 220), "clone3": (435, 435),
    "creat": (85, None), "delete_module": (176, 106), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchmodat2": (452, 452), "finit_module": (313, 273), "fork": (57, None),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fsopen": (430, 430), "fspick": (433, 433),
    "init_module": (175, 105), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425), "ioctl": (16, 29), "kexec_file_load": (320, 294),
    "kexec_load": (246, 104), "keyctl": (250, 219), "mkdir": (83, None),
    "mkdirat": (258, 34), "mknod": (133, None), "mknodat": (259, 33), "mount": (165, 40),
    "mount_setattr": (442, 442), "move_mount": (429, 429), "open": (2, None),
    "open_by_handle_at": (304, 265), "open_tree": (428, 428), "open_tree_attr": (467, 467),
    "openat": (257, 56), "openat2": (437, 437), "perf_event_open": (298, 241),
    "pivot_root": (155, 41), "prctl": (157, 167), "quotactl": (179, 60), "reboot": (169, 142),
    "request_key": (249, 218), "setdomainname": (171, 162), "sethostname": (170, 161),
    "setns": (308, 268), "settimeofday": (164, 170), "socket": (41, 198), "swapoff": (168, 225),
    "swapon": (167, 224), "umount2": (166, 39), "unshare": (272, 97),
    "userfaultfd": (323, 282), "vfork": (58, None),
}


def machine() -> str:
    """The machine of this process, as uname(2) names it."""
    return posix.uname().machine


def number(name: str) -> int | None:
    """This machine's number of a system call; None if it has none, or is none of those above."""
    numbers = dict(zip(ARCHITECTURES, _TABLE[name]))
    return numbers.get(machine())
