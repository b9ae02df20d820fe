"""Stepping through another process's system calls with ptrace(2), and falsifying them.

Works from outside the process: what a library written in C does is seen like what Python does.
Structures and numbers: linux/ptrace.h, asm/ptrace.h; a call is skipped with the number -1.
"""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

_TRACEME, _DETACH, _SYSCALL, _SETOPTIONS = 0, 17, 24, 0x4200
_GETREGSET, _SETREGSET, _GET_SYSCALL_INFO = 0x4204, 0x4205, 0x420E
#: A stop at a system call is told from a signal by its 0x80; who traces takes its victim along.
_TRACESYSGOOD, _EXITKILL = 1, 0x100000
_AT_A_CALL = signal.SIGTRAP | 0x80
_NT_PRSTATUS, _NT_ARM_SYSTEM_CALL = 1, 0x404
_NO_CALL = -1
_ENTRY = 1  # PTRACE_SYSCALL_INFO_ENTRY


class _Machine(NamedTuple):
    """Which registers hold what; ``number`` is None where it is a register set of its own."""

    registers: int
    result: int
    third: int
    number: int | None


_MACHINES = {"x86_64": _Machine(27, 10, 12, 15), "aarch64": _Machine(34, 0, 2, None)}

_ptrace = ctypes.CDLL(None, use_errno=True).ptrace
_ptrace.restype = ctypes.c_long
_ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


class _Info(ctypes.Structure):
    """struct ptrace_syscall_info, as far as a stop at an entry fills it."""

    _fields_ = [("op", ctypes.c_uint8), ("pad", ctypes.c_uint8 * 3), ("arch", ctypes.c_uint32),
                ("ip", ctypes.c_uint64), ("sp", ctypes.c_uint64), ("number", ctypes.c_int64),
                ("arguments", ctypes.c_uint64 * 6)]


class _Piece(ctypes.Structure):
    """struct iovec."""

    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def _ask(request: int, pid: int, address: int = 0, data: object = None) -> None:
    if _ptrace(request, pid, address, data) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), f"ptrace request {request:#x}")


class Call:
    """A system call of a stopped process: about to be made, or made."""

    def __init__(self, pid: int, number: int, arguments: list[int]) -> None:
        self.pid, self.number, self.arguments = pid, number, arguments
        self.made = False

    def fail(self, code: int) -> None:
        """Have the process see this errno, 0 for success; a call not made is not made at all."""
        machine = _MACHINES[os.uname().machine]
        if not self.made and machine.number is None:
            self._registers(_SETREGSET, _NT_ARM_SYSTEM_CALL, ctypes.c_int(_NO_CALL))
        elif not self.made:
            self._set(machine.number, _NO_CALL)
        self._set(machine.result, -code)

    def shorten(self) -> None:
        """Have only half be written of what the third argument is the length of."""
        self._set(_MACHINES[os.uname().machine].third, max(1, self.arguments[2] // 2))

    def _set(self, register: int, value: int) -> None:
        registers = (ctypes.c_int64 * _MACHINES[os.uname().machine].registers)()
        self._registers(_GETREGSET, _NT_PRSTATUS, registers)
        registers[register] = value
        self._registers(_SETREGSET, _NT_PRSTATUS, registers)

    def _registers(self, request: int, kind: int, content: ctypes.Array | ctypes.c_int) -> None:
        piece = _Piece(ctypes.addressof(content), ctypes.sizeof(content))
        _ask(request, self.pid, kind, ctypes.byref(piece))


def begin() -> None:
    """For the child itself: have ``trace`` see every system call from here to ``end``."""
    _ask(_TRACEME, 0)
    signal.raise_signal(signal.SIGSTOP)


def end() -> None:
    """For the child itself: go on alone."""
    signal.raise_signal(signal.SIGSTOP)


def trace(pid: int, look: Callable[[Call], None]) -> int:
    """Have ``look`` see each system call of a child before and after it is made, and do what it
    likes to it; returns the child's wait status when it has ended."""
    call, stopped = Call(pid, _NO_CALL, []), 0
    status = os.waitpid(pid, 0)[1]  # it has begun
    if os.WIFSTOPPED(status):
        _ask(_SETOPTIONS, pid, 0, _TRACESYSGOOD | _EXITKILL)
    while os.WIFSTOPPED(status):
        with suppress(ProcessLookupError):  # it may have been killed where it stood
            _ask(_SYSCALL, pid, 0, stopped)  # a signal that came is passed on
        status = os.waitpid(pid, 0)[1]
        stopped = os.WSTOPSIG(status) if os.WIFSTOPPED(status) else 0
        if stopped == signal.SIGSTOP:
            _ask(_DETACH, pid)
            return os.waitpid(pid, 0)[1]
        if stopped == _AT_A_CALL:
            stopped = 0
            call = _next(call)
            look(call)
    return status


def _next(call: Call) -> Call:
    """The call that a process has stopped at; that of its last stop, if it is made now."""
    info = _Info()
    _ask(_GET_SYSCALL_INFO, call.pid, ctypes.sizeof(info), ctypes.byref(info))
    if info.op == _ENTRY:
        return Call(call.pid, info.number, list(info.arguments))
    call.made = True
    return call


def obstacle() -> str | None:
    """Why nothing can be traced here; None if it can."""
    if os.uname().machine not in _MACHINES:
        return f"no table of registers for {os.uname().machine}"
    pid = os.fork()
    if not pid:
        try:
            begin()
            os.getppid()
            end()
        finally:
            os._exit(0)
    seen: list[int] = []
    try:
        trace(pid, lambda call: seen.append(call.number))
    except OSError as error:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return f"no ptrace(2): {error}"
    return None if seen else "ptrace(2) shows nothing"
