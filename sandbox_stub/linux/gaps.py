"""Operations that Linux has no means for, and why (spec/sandbox.md 5.4). Data.

A denial of one of these is not enforced, whatever the kernel. Files, network and signals are
judged by what is really in force, and are not here.
"""

from __future__ import annotations

_USERSPACE = "goes through user-space services of the prefix"
#: Operation (and all below it) -> (reason code, effect)
GAPS = {
    "appleevent-send": ("mach-userspace", _USERSPACE),
    "authorization-right-obtain": ("mach-userspace", _USERSPACE),
    "darwin-notification-post": ("mach-userspace", _USERSPACE),
    "distributed-notification-post": ("mach-userspace", _USERSPACE),
    "device*": ("mach-userspace", _USERSPACE),
    "iokit*": ("mach-userspace", _USERSPACE),
    "job-creation": ("mach-userspace", _USERSPACE),
    "lsopen": ("mach-userspace", _USERSPACE),
    "mach*": ("mach-userspace", _USERSPACE),
    "user-preference*": ("mach-userspace", _USERSPACE),
    "process-info*": ("mach-userspace", "other processes can be listed"),
    "sysctl*": ("sysctl-userspace", "system settings can be read; writing them takes root"),
    "system*": ("mach-userspace", _USERSPACE),
    "nvram*": ("mach-userspace", _USERSPACE),
    "ipc-posix-sem*": ("mach-userspace", "semaphores are files of /dev/shm or shared memory"),
    "ipc-sysv*": ("ipc-shared", "System V objects of the same user can be used"),
    "file-map-executable": ("no-mmap-control", "what can be read can be mapped and run"),
    "dynamic-code-generation": ("no-mmap-control", "memory can be made executable"),
}
_MACOS = ("mach-userspace", "it is about something that only macOS has")
#: Operation (and all below it) -> the same where a rule names it: denied as a part of more, it is
#: upheld by what that is upheld by
ALONE = {
    "file-test-existence": ("no-metadata-control", "existence can be asked for"),
    "file-read-xattr": ("no-metadata-control", "extended attributes can be read"),
    "ipc-posix-shm*": ("ipc-shared", "shared memory is files of /dev/shm"),
    "process-exec-interpreter": ("exec-via-loader", "a script is as good as its interpreter"),
    **dict.fromkeys((
        "boot-arg-set", "file-issue-extension", "file-revoke", "file-search", "fs-snapshot*",
        "generic-issue-extension", "hid-control", "ipc-posix-issue-extension",
        "load-unsigned-code", "managed-preference-read", "necp-client-open",
        "process-codesigning*", "process-exec-update-label", "process-legacy-codesigning*",
        "qtn-user", "qtn-download", "qtn-sandbox", "storage-class-map", "syscall-mach",
        "syscall-mig"), _MACOS),
}
#: Always so, whatever the profile says: (what, why)
ALWAYS = (
    ("inherited-descriptor", "what the caller has open stays open, and what a process outside "
     "hands over through a socket can be used, as on macOS"),
    ("errno-differs", "a refusal reads EACCES, EROFS, EBUSY, EXDEV or ENOENT where macOS says "
     "EPERM"),
    ("private-network", "a UDP socket can be bound in a private network, where nobody else is"),
    ("exec-via-loader", "a program that can be read can be run through the ELF loader or from "
     "memory"),
    ("foreign-architecture", "under a system call filter 32-bit programs do not run"),
)
#: Reason codes that enforce-strict accepts unless told otherwise (spec 5.5): metadata, Mach,
#: sysctl, IOKit, process-exec, Unix sockets, literal directories; and what no sandbox of macOS
#: denies unless it names it.
ACCEPTED = frozenset((
    "no-metadata-control", "mach-userspace", "sysctl-userspace", "exec-via-mldr",
    "exec-via-loader", "unix-path-abi", "recursive-only", "no-mmap-control", "ipc-shared",
    "signal-same-sandbox",
))
