"""Mach's and the bootstrap server's error codes, for ``launchctl error`` (spec/launchd.md 2.3)."""

from __future__ import annotations

#: kern_return_t: number -> text.
KERNEL = {
    0: "(os/kern) successful", 1: "(os/kern) invalid address", 2: "(os/kern) protection failure",
    3: "(os/kern) no space available", 4: "(os/kern) invalid argument", 5: "(os/kern) failure",
    6: "(os/kern) resource shortage", 7: "(os/kern) not receiver", 8: "(os/kern) no access",
    9: "(os/kern) memory failure", 10: "(os/kern) memory error", 11: "(os/kern) already in set",
    12: "(os/kern) not in set", 13: "(os/kern) name exists", 14: "(os/kern) aborted",
    15: "(os/kern) invalid name", 16: "(os/kern) invalid task", 17: "(os/kern) invalid right",
    18: "(os/kern) invalid value", 19: "(os/kern) urefs overflow",
    20: "(os/kern) invalid capability", 0x10000003: "(ipc/send) invalid destination port",
    0x10000004: "(ipc/send) timed out", 0x10004003: "(ipc/rcv) timed out",
}

#: bootstrap.h: number -> text.
BOOTSTRAP = {
    0: "Success", 1100: "Permission denied", 1101: "Service name already exists",
    1102: "Unknown service name", 1103: "Service name already exists",
    1104: "Too many lookups were requested in one request", 1105: "Out of memory",
}


def mach_text(code: int) -> str:
    """The text of a mach_error_t."""
    return KERNEL.get(code, "unknown error code")


def bootstrap_text(code: int) -> str:
    """The text of a bootstrap code; any other number is taken for a mach_error_t."""
    return BOOTSTRAP.get(code) or mach_text(code)


def describe(code: int) -> str:
    """A mach_error_t with its parts: 6 bits of system, 12 of subsystem, 14 of code."""
    code &= 0xFFFFFFFF
    return (f"0x{code:x}: {mach_text(code)}\nsystem = 0x{code >> 26:x}\n"
            f"subsystem = 0x{code >> 14 & 0xFFF:x}\ncode = 0x{code & 0x3FFF:x}\n")
