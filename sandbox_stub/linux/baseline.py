"""What a program on Linux cannot do without, whatever its profile says (spec/sandbox.md 5.3).

A profile speaks of macOS: it cannot know the ELF loader, the C library or /proc. These are granted
beside it and never narrowed by it; everything here is data.
"""

from __future__ import annotations

from sandbox_stub.linux.landlock import (
    EXECUTE,
    IOCTL_DEV,
    READ_DIR,
    READ_FILE,
    RESOLVE_UNIX,
    WRITE_FILE,
)

_READ = READ_FILE | READ_DIR
_DEVICE = READ_FILE | WRITE_FILE | IOCTL_DEV
#: A loader executes whatever it is told to: reading is enough to run an ELF program through it.
LOADERS = (
    "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
)
#: Host path -> rights; what does not exist grants nothing.
GRANTS: tuple[tuple[str, int], ...] = (
    *((loader, READ_FILE | EXECUTE) for loader in LOADERS),
    ("/lib", _READ), ("/lib32", _READ), ("/lib64", _READ), ("/usr/lib", _READ),
    ("/usr/lib32", _READ), ("/usr/lib64", _READ), ("/usr/local/lib", _READ),
    ("/usr/share/locale", _READ), ("/usr/share/zoneinfo", _READ),
    ("/etc/ld.so.cache", READ_FILE), ("/etc/ld.so.preload", READ_FILE),
    ("/etc/ld.so.conf", READ_FILE), ("/etc/nsswitch.conf", READ_FILE),
    ("/etc/passwd", READ_FILE), ("/etc/group", READ_FILE), ("/etc/localtime", READ_FILE),
    ("/proc", _READ), ("/sys", _READ),
    ("/dev/null", _DEVICE), ("/dev/zero", _DEVICE), ("/dev/full", _DEVICE),
    ("/dev/random", _DEVICE), ("/dev/urandom", _DEVICE), ("/dev/tty", _DEVICE),
    ("/dev/ptmx", _DEVICE), ("/dev/pts", _DEVICE | READ_DIR), ("/dev/console", _DEVICE),
)
#: What the programs and libraries of a Darling installation get, and its server's socket.
PROGRAM, SERVER = _READ | EXECUTE, WRITE_FILE | RESOLVE_UNIX
#: Directories in which an output that is not there yet may be made (spec 5.9).
OUTPUT_PARENTS = ("/nix/store",)
#: Where macOS has a directory in /private and a plain Linux has it in /.
PRIVATE = ("/private/tmp", "/private/var", "/private/etc")
