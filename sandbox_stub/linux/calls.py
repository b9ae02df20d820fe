"""System calls that Python has no function for.

``_ctypes`` and not ``ctypes``: the same foreign calls without the package around them save 4 ms of
every confined command.
"""

from __future__ import annotations

import _ctypes
import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    _Integer = _ctypes._SimpleCData[int]
else:
    _Integer = _ctypes._SimpleCData

ENOSYS = 38


class Refused(Exception):
    """The policy cannot be put in force; says why, and nothing may be executed after it."""


class Long(_Integer):
    """An argument as wide as a register."""

    _type_ = "l"


class _Syscall(_ctypes.CFuncPtr):
    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
    _restype_ = Long


class Buffer:
    """Bytes in memory whose address a structure of the kernel can hold."""

    def __init__(self, data: bytes) -> None:
        self._data = (_Byte * len(data)).from_buffer_copy(data)
        self.address = _ctypes.addressof(self._data)

    def read(self) -> bytes:
        """What lies there now."""
        return bytes(self._data)


class _Byte(_Integer):
    _type_ = "B"


def syscall(number: int | None, *arguments: int | bytes | None) -> int:
    """One system call; raises OSError as the kernel names it, for None (``number``: this machine
    has none of that name) as well. Bytes are passed by address."""
    if number is None:
        raise OSError(ENOSYS, posix.strerror(ENOSYS))
    result = raw(number, *arguments)
    if result < 0:
        code = _ctypes.get_errno()
        raise OSError(code, posix.strerror(code))
    return result


def raw(number: int, *arguments: int | bytes | None) -> int:
    """The same, but -1 when it failed, whatever the reason."""
    global _syscall
    if _syscall is None:
        program = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]  # typeshed lacks None: ourselves
        _syscall = _Syscall(_ctypes.dlsym(program, "syscall"))
    result: int = _syscall(Long(number), *(Long(one) if isinstance(one, int) else one
                                           for one in arguments))
    return result


_syscall: _Syscall | None = None

#: Calls younger than 2019 have one number everywhere; the others' are in ``numbers``.
OPEN_TREE, MOVE_MOUNT, FSOPEN, FSCONFIG, FSMOUNT, MOUNT_SETATTR = 428, 429, 430, 431, 432, 442
LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
