"""How much of the machine a job may take: niceness and I/O priority (spec/launchd.md 1.2).

Linux has ioprio_set(2), for which neither Python nor the C library has a function.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.job import Process

#: ioprio values: the best-effort class's lowest level, and the idle class.
LOWEST, IDLE = 2 << 13 | 7, 3 << 13
_WHO_PROCESS = 1
#: uname -m -> the number of ioprio_set(2); only 64-bit ones, whose processes have one table.
_NUMBERS = {"x86_64": 251, "aarch64": 30, "riscv64": 30, "ppc64le": 273, "ppc64": 273,
            "s390x": 282, "loongarch64": 30}
#: Niceness of ProcessType Background; the other types are not slowed down.
_BACKGROUND_NICE = 10


def niceness(process: Process) -> int | None:
    """The niceness to set; None leaves it."""
    if process.nice is not None:
        return process.nice
    return _BACKGROUND_NICE if process.type == "Background" else None


def io_priority(process: Process) -> int | None:
    """The I/O priority to set; None leaves it. The background's is stronger than plain low."""
    if process.low_priority_background_io:
        return IDLE
    return LOWEST if process.low_priority_io or process.type == "Background" else None


def set_io_priority(value: int) -> None:
    """Set this process's I/O priority, where this machine's call is known."""
    number = _NUMBERS.get(os.uname().machine) if sys.maxsize > 1 << 32 else None
    if number is not None:
        import ctypes

        ctypes.CDLL(None).syscall(number, _WHO_PROCESS, 0, value)
