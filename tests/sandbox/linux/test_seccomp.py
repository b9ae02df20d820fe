"""The system call filter by itself."""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox_stub.linux import seccomp
from sandbox_stub.linux.calls import raw, syscall
from sandbox_stub.linux.namespaces import no_new_privileges
from sandbox_stub.linux.numbers import _TABLE, ARCHITECTURES, machine, number
from tests.sandbox.linux.confined import in_child, needs_seccomp, outcome

pytestmark = needs_seccomp
_AT_FDCWD = -100
on_x86 = pytest.mark.skipif(machine() != "x86_64", reason="only x86_64 has these calls")


def filtered(work: Callable[[], object], *denied: seccomp.Deny,
             families: list[int] | None = None) -> object:
    """What ``work`` returns in a child under a filter."""
    def child() -> object:
        no_new_privileges()
        seccomp.install(seccomp.program(denied, families))
        return work()
    return in_child(child)


def call(name: str, *arguments: int | bytes) -> Callable[[], object]:
    """A system call by its name, where this machine has it."""
    if number(name) is None:
        pytest.skip(f"{machine()} has no {name}")
    return lambda: syscall(number(name), *arguments)


# name, its arguments with the path first where there is one, the argument that holds the mode
_O = os.O_CREAT | os.O_WRONLY
_SETID_CALLS = [
    ("chmod", lambda at, mode: (at, mode)), ("fchmodat", lambda at, mode: (_AT_FDCWD, at, mode)),
    ("fchmodat2", lambda at, mode: (_AT_FDCWD, at, mode, 0)),
    ("open", lambda at, mode: (at + b"1", _O, mode)),
    ("openat", lambda at, mode: (_AT_FDCWD, at + b"2", _O, mode)),
    ("openat", lambda at, mode: (_AT_FDCWD, os.path.dirname(at), os.O_TMPFILE | os.O_RDWR, mode)),
    ("creat", lambda at, mode: (at + b"3", mode)),
    ("mknod", lambda at, mode: (at + b"4", 0o100000 | mode, 0)),
    ("mknodat", lambda at, mode: (_AT_FDCWD, at + b"5", 0o100000 | mode, 0)),
    ("mkdir", lambda at, mode: (at + b"6", mode)),
    ("mkdirat", lambda at, mode: (_AT_FDCWD, at + b"7", mode)),
]


@pytest.mark.parametrize(("name", "arguments"), _SETID_CALLS,
                         ids=[f"{name}-{at}" for at, (name, _) in enumerate(_SETID_CALLS)])
def test_no_call_sets_a_setuid_or_setgid_bit(
    name: str, arguments: Callable, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.touch()
    at = os.fsencode(file)
    calls = [call(name, *(one + b"\0" if isinstance(one, bytes) else one
                          for one in arguments(at, mode)))
             for mode in (0o4755, 0o2755, 0o6755, 0o755)]
    found = filtered(lambda: [outcome(one) for one in calls], *seccomp.SETID)
    known = "ENOSYS" if name == "fchmodat2" and outcome(calls[3]) == "ENOSYS" else "ok"
    assert found == ["EPERM", "EPERM", "EPERM", known]
    assert not any(one.stat().st_mode & 0o6000 for one in tmp_path.iterdir())


def test_a_mode_counts_only_where_something_is_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    opened = call("openat", _AT_FDCWD, os.fsencode(tmp_path / "file") + b"\0", os.O_RDONLY, 0o6755)
    descriptor = os.open(tmp_path / "file", os.O_RDONLY)
    found = filtered(lambda: [outcome(opened), outcome(os.fchmod, descriptor, 0o4700),
                              outcome(os.fchmod, descriptor, 0o700)], *seccomp.SETID)
    assert found == ["ok", "EPERM", "ok"]


def test_calls_that_a_filter_cannot_see_through_are_missing() -> None:
    names = ("openat2", "io_uring_setup", "io_uring_enter", "io_uring_register")
    calls = [call(name, 0, 0, 0, 0) for name in names]
    assert filtered(lambda: [outcome(one) for one in calls],
                    *seccomp.SETID, *seccomp.UNSEEN) == ["ENOSYS"] * 4


@pytest.mark.parametrize("name", [deny.call for deny in seccomp.ESCAPES if not deny.tests])
def test_ways_around_are_closed(name: str) -> None:
    found = filtered(lambda: outcome(call(name, 0, 0, 0, 0, 0)), *seccomp.ESCAPES)
    assert found == ("ENOSYS" if name == "clone3" else "EPERM")


@pytest.mark.parametrize("flag", [0x20000, 0x2000000, 0x10000000, 0x40000000])
def test_no_new_namespace(flag: int) -> None:
    calls = (call("unshare", flag), call("clone", flag | 17, 0, 0, 0, 0))
    assert filtered(lambda: [outcome(one) for one in calls], *seccomp.ESCAPES) == ["EPERM"] * 2


def test_no_input_is_forged_on_a_terminal() -> None:
    _, side = os.openpty()
    tiocsti, winsize = call("ioctl", side, 0x5412, b"x"), call("ioctl", side, 0x5413, b"12345678")
    found = filtered(lambda: [outcome(tiocsti), outcome(winsize)], *seccomp.ESCAPES)
    assert found == ["EPERM", "ok"]


def test_fork_is_refused_and_a_thread_is_not() -> None:
    def work() -> list[str]:
        return [outcome(os.fork), outcome(call("clone3", 0, 0))]
    assert filtered(work, *seccomp.FORK) == ["EPERM", "ENOSYS"]
    blocks = [deny.block() for deny in seccomp.FORK if deny.call == "clone"]
    assert blocks[0][2][3] == 0x10000  # CLONE_THREAD: what has it passes


@pytest.mark.parametrize(
    ("kept", "expected"),
    [([1, 2, 10, 16], ["ok", "ok", "EPERM"]), ([1], ["ok", "EPERM", "EPERM"]),
     ([], ["EPERM", "EPERM", "EPERM"])],
)
def test_sockets_of_some_families_only(kept: list[int], expected: list[str]) -> None:
    families = (socket.AF_UNIX, socket.AF_INET, socket.AF_VSOCK)
    found = filtered(lambda: [outcome(socket.socket, one) for one in families], families=kept)
    assert found == expected
    assert filtered(lambda: outcome(socket.socketpair), families=kept) == "ok"


@on_x86
def test_calls_of_the_32_bit_tables_are_missing() -> None:
    """int 0x80 and x32 have other numbers for the same deeds."""
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000" "cd80" "c3"))  # mov eax, getpid; int 0x80; ret
    getpid = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    assert filtered(lambda: (getpid(), raw(0x40000000 | 39))) == (-38, -1)


def test_a_filter_is_as_long_as_its_blocks_say() -> None:
    """Every jump stays inside: the kernel refuses a filter that jumps out of itself."""
    everything = (*seccomp.SETID, *seccomp.UNSEEN, *seccomp.ESCAPES, *seccomp.FORK)
    assert filtered(lambda: "fine", *everything, families=[1, 2, 10, 16]) == "fine"
    assert len(seccomp.program(everything)) % 8 == 0


def test_every_call_has_a_number_for_every_machine() -> None:
    assert {len(numbers) for numbers in _TABLE.values()} == {len(ARCHITECTURES)}
    for index in range(len(ARCHITECTURES)):
        known = [numbers[index] for numbers in _TABLE.values() if numbers[index] is not None]
        assert len(known) == len(set(known))
