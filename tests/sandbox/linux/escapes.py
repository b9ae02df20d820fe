"""Ways out of a sandbox, each tried from inside. All that is needed is open before.

A way is a function that raises OSError when it is barred, and returns what it got when it is not;
"nothing" is what it says when it got through to nothing.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import struct
from collections.abc import Callable

from sandbox_stub.linux.calls import syscall
from sandbox_stub.linux.numbers import machine, number

SECRET = b"secret of the outside"
_PTRACE, _PROCESS_VM_READV, _PIDFD_OPEN, _PIDFD_GETFD, _MEMFD = (
    {"x86_64": (101, 310, 434, 438, 319), "aarch64": (117, 270, 434, 438, 279)}[machine()])
_NAME_TO_HANDLE = {"x86_64": 303, "aarch64": 264}[machine()]
_PTRACE_SEIZE, _TIOCSTI, _AT_FDCWD = 0x4206, 0x5412, -100


class Stage:
    """What the escapes work with: ``inside`` is allowed, ``outside`` is not, ``masked`` is a
    denied directory inside; both hold a file "secret". The rest was opened by the caller."""

    def __init__(self, place: str) -> None:
        self.inside, self.outside = place + "/inside", place + "/outside"
        self.masked = self.inside + "/masked"
        self.outer = os.getpid()
        self.abstract = f"\0escape-{os.getpid()}"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.abstract)
        self.listener.listen()
        self.masked_directory = os.open(self.masked, os.O_RDONLY)
        self.namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY)
        self.terminal = os.openpty()
        self.root = os.open("/", os.O_RDONLY)
        for fd in (self.masked_directory, self.root):
            os.set_inheritable(fd, True)

    def close(self) -> None:
        """Let go of everything."""
        self.listener.close()
        for fd in (self.masked_directory, self.namespace, *self.terminal, self.root):
            os.close(fd)


def _read(path: str, directory: int | None = None) -> bytes:
    fd = os.open(path, os.O_RDONLY, dir_fd=directory)
    try:
        return os.read(fd, 100)
    finally:
        os.close(fd)


def _symlink(stage: Stage) -> bytes:
    os.symlink(stage.outside + "/secret", stage.inside + "/way")
    return _read(stage.inside + "/way")


def _link(stage: Stage) -> bytes:
    os.link(stage.outside + "/secret", stage.inside + "/linked")
    return _read(stage.inside + "/linked")


def _rename_in(stage: Stage) -> bytes:
    os.rename(stage.outside + "/secret", stage.inside + "/renamed")
    return _read(stage.inside + "/renamed")


def _exchange(stage: Stage) -> bytes:
    """renameat2(2) with RENAME_EXCHANGE."""
    syscall({"x86_64": 316, "aarch64": 276}[machine()],
            _AT_FDCWD, os.fsencode(stage.inside) + b"/mine\0",
            _AT_FDCWD, os.fsencode(stage.outside) + b"/secret\0", 2)
    return _read(stage.inside + "/mine")


def _link_of_descriptor(stage: Stage) -> bytes:
    """A name for what somebody else holds open without the right to read it."""
    held = os.open(stage.outside + "/secret", os.O_PATH)
    os.link(f"/proc/self/fd/{held}", stage.inside + "/linked", follow_symlinks=True)
    return _read(stage.inside + "/linked")


def _reopened_file(stage: Stage) -> bytes:
    return _read(f"/proc/self/fd/{os.open(stage.outside + '/secret', os.O_PATH)}")


def _overwritten_program(stage: Stage) -> object:
    """Change what lies outside through a mapping of it."""
    fd = os.open(stage.outside + "/secret", os.O_RDWR)
    return mmap.mmap(fd, 1)


def _rename_masked(stage: Stage) -> bytes:
    os.rename(stage.masked, stage.inside + "/other")
    return _read(stage.inside + "/other/secret")


def _rename_parent(stage: Stage) -> bytes:
    """The directory around the mask may move; the mask must move with it."""
    os.rename(stage.inside + "/around", stage.inside + "/elsewhere")
    return _read(stage.inside + "/elsewhere/masked/secret")


def _relative(stage: Stage) -> bytes:
    os.chdir(stage.outside)
    return _read("secret")


def _file_descriptor(stage: Stage) -> bytes:
    return _read("secret", stage.masked_directory)


def _reopened(stage: Stage) -> bytes:
    os.fchdir(stage.root)
    return _read(stage.outside[1:] + "/secret")


def _memory_of_outer(stage: Stage) -> bytes:
    return _read(f"/proc/{stage.outer}/mem") or b"nothing"


def _read_outer(stage: Stage) -> object:
    buffer = ctypes.create_string_buffer(8)
    area = struct.pack("QQ", ctypes.addressof(buffer), 8)
    return syscall(_PROCESS_VM_READV, stage.outer, area, 1, area, 1, 0)


def _descriptor_of_outer(stage: Stage) -> object:
    return syscall(_PIDFD_GETFD, syscall(_PIDFD_OPEN, stage.outer, 0), 0, 0)


def _handle(stage: Stage) -> bytes:
    handle = bytearray(struct.pack("Ii", 128, 0) + bytes(128))
    area = (ctypes.c_char * len(handle)).from_buffer(handle)
    mount = ctypes.c_int()
    syscall(_NAME_TO_HANDLE, _AT_FDCWD, os.fsencode(stage.masked) + b"/secret\0",
            ctypes.addressof(area), ctypes.addressof(mount), 0)
    fd = syscall(number("open_by_handle_at"), stage.root, ctypes.addressof(area), os.O_RDONLY)
    return os.read(fd, 100)


def _namespace(stage: Stage) -> bytes:
    syscall(number("setns"), stage.namespace, 0)
    return _read(stage.masked + "/secret")


def _user_namespace(stage: Stage) -> bytes:
    syscall(number("unshare"), 0x10000000 | 0x20000)
    syscall(number("umount2"), os.fsencode(stage.masked) + b"\0", 2)
    return _read(stage.masked + "/secret")


def _unmount(stage: Stage) -> bytes:
    syscall(number("umount2"), os.fsencode(stage.masked) + b"\0", 2)
    return _read(stage.masked + "/secret")


def _bind(stage: Stage) -> bytes:
    syscall(number("mount"), os.fsencode(stage.outside) + b"\0",
            os.fsencode(stage.inside) + b"/empty\0", None, 4096, None)
    return _read(stage.inside + "/empty/secret")


def _chroot(stage: Stage) -> bytes:
    os.chroot(stage.inside)
    return _read("../../outside/secret")


def _program_from_memory(stage: Stage) -> bytes:
    """A program that may be read, but not executed, copied to memory and executed there."""
    program = os.open(stage.inside + "/program", os.O_RDONLY)
    copy = os.memfd_create("copy")
    os.sendfile(copy, program, 0, os.fstat(program).st_size)
    pid = os.fork()
    if pid == 0:
        try:
            os.execve(copy, ["program"], {})
        finally:
            os._exit(99)
    if os.waitpid(pid, 0)[1]:
        raise PermissionError(1, "not executed")
    return b"executed"


def _thirty_two_bits(stage: Stage) -> object:
    """open(2) by int 0x80 with a setuid mode; the path lies below 4 GiB."""
    if machine() != "x86_64":
        raise PermissionError(1, "no such machine")
    low = ctypes.CDLL(None).mmap
    low.restype = ctypes.c_void_p
    area = low(None, 4096, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC,
               mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40, -1, 0)
    path = os.fsencode(stage.inside + "/made32") + b"\0"
    code = (b"\x53\xbb" + struct.pack("I", area + 256) + b"\xb9" + struct.pack("I", 0o101)
            + b"\xba" + struct.pack("I", 0o4755) + b"\xb8\x05\0\0\0\xcd\x80\x5b\xc3")
    ctypes.memmove(area, code.ljust(256, b"\xc3") + path, 256 + len(path))
    found = ctypes.CFUNCTYPE(ctypes.c_int)(area)()
    if found < 0:
        raise OSError(-found, "refused")
    return found


def _setuid(stage: Stage) -> object:
    fd = os.open(stage.inside + "/made", os.O_CREAT | os.O_WRONLY, 0o4755)
    return os.fstat(fd).st_mode & 0o4000 or b"nothing"


def _device(stage: Stage) -> bytes:
    os.mknod(stage.inside + "/disk", 0o060600, os.makedev(254, 0))
    return _read(stage.inside + "/disk")


def _raw_socket(stage: Stage) -> object:
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x300)


def _datagram(stage: Stage) -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9))


def _abstract(stage: Stage) -> object:
    return socket.socket(socket.AF_UNIX).connect(stage.abstract)


#: name -> (the way, the reason code under which a plan may list it as open)
WAYS: dict[str, tuple[Callable[[Stage], object], str]] = {
    "plain read": (lambda stage: _read(stage.outside + "/secret"), ""),
    "masked read": (lambda stage: _read(stage.masked + "/secret"), ""),
    "dot dot": (lambda stage: _read(stage.inside + "/../outside/secret"), ""),
    "symlink": (_symlink, ""),
    "hard link": (_link, ""),
    "rename in": (_rename_in, ""),
    "rename out": (lambda stage: os.rename(stage.inside + "/mine", stage.outside + "/new"), ""),
    "rename the mask": (_rename_masked, ""),
    "rename around the mask": (_rename_parent, ""),
    "exchange": (lambda stage: os.replace(stage.inside + "/mine", stage.outside + "/secret"), ""),
    "exchange of names": (_exchange, ""),
    "link of a descriptor": (_link_of_descriptor, ""),
    "descriptor opened anew": (_reopened_file, ""),
    "mapping outside": (_overwritten_program, ""),
    "times outside": (lambda stage: os.utime(stage.outside + "/secret", (1, 1)),
                      "no-attribute-control"),
    "owner outside": (lambda stage: os.chown(stage.outside + "/secret", -1, os.getegid()),
                      "no-attribute-control"),
    "attribute outside": (lambda stage: os.setxattr(stage.outside + "/secret", "user.a", b"x"),
                          "no-attribute-control"),
    "write outside": (lambda stage: os.open(stage.outside + "/new", os.O_CREAT | os.O_RDWR), ""),
    "truncate outside": (lambda stage: os.truncate(stage.outside + "/secret", 0), ""),
    "chmod outside": (lambda stage: os.chmod(stage.outside + "/secret", 0o777),
                      "no-attribute-control"),
    "working directory": (_relative, ""),
    "directory left open": (_file_descriptor, ""),
    "root left open": (_reopened, ""),
    "proc self root": (lambda stage: _read("/proc/self/root" + stage.outside + "/secret"), ""),
    "proc self cwd": (lambda stage: _read("/proc/self/cwd/../outside/secret"), ""),
    "proc outer root": (lambda stage: _read(
        f"/proc/{stage.outer}/root{stage.outside}/secret"), ""),
    "proc outer root, masked": (lambda stage: _read(
        f"/proc/{stage.outer}/root{stage.masked}/secret"), ""),
    "memory of outer": (_memory_of_outer, ""),
    "read outer": (_read_outer, ""),
    "ptrace outer": (lambda stage: syscall(_PTRACE, _PTRACE_SEIZE, stage.outer, 0, 0), ""),
    "descriptor of outer": (_descriptor_of_outer, ""),
    "signal outer": (lambda stage: os.kill(stage.outer, 0), ""),
    "handle": (_handle, ""),
    "namespace left open": (_namespace, ""),
    "new user namespace": (_user_namespace, ""),
    "unmount": (_unmount, ""),
    "bind mount": (_bind, ""),
    "chroot": (_chroot, ""),
    "abstract socket": (_abstract, ""),
    "raw socket": (_raw_socket, ""),
    "datagram": (_datagram, ""),
    "terminal input": (lambda stage: syscall(
        number("ioctl"), stage.terminal[1], _TIOCSTI, b"x"), ""),
    "setuid": (_setuid, ""),
    "setuid by int 0x80": (_thirty_two_bits, ""),
    "io_uring": (lambda stage: syscall(number("io_uring_setup"), 1, bytes(120)), ""),
    "keyring": (lambda stage: syscall(number("keyctl"), 0, -3, 0, 0, 0), ""),
    "disk": (_device, ""),
    "program from memory": (_program_from_memory, "exec-via-loader"),
}
