"""The rights on files that a policy is made of, and the operations of the language that they are.

Landlock's own (spec/sandbox.md 5.1), and bits above them for what Landlock does not know.
"""

from __future__ import annotations

from sandbox_stub.linux import landlock as right

#: Asking for attributes, the setuid and setgid bits, and a bit for each kind of changing.
METADATA, SETID = 1 << 32, 1 << 33
_ATTRIBUTES = tuple((f"file-write-{kind}", 1 << 34 + at) for at, kind in enumerate(
    ("mode", "owner", "times", "flags", "xattr", "acl")))
ATTRIBUTES = sum(bit for _, bit in _ATTRIBUTES)
READING = right.READ_FILE | right.READ_DIR
REMOVING = right.REMOVE_DIR | right.REMOVE_FILE
MAKING = right.MAKE_DIR | right.MAKE_REG | right.MAKE_SYM | right.MAKE_FIFO
WRITING = right.WRITE_FILE | right.TRUNCATE | MAKING | REMOVING | right.REFER
#: Operation -> what of the kernel's it is
RIGHTS = (
    ("file-read-data", READING),
    ("file-read-metadata", METADATA),
    ("process-exec*", right.EXECUTE),
    ("file-write-data", right.WRITE_FILE | right.TRUNCATE),
    ("file-write-create", MAKING),
    ("file-write-unlink", REMOVING),
    ("file-write-setugid", SETID),
    ("file-mknod", right.MAKE_CHAR | right.MAKE_BLOCK),
    ("file-ioctl", right.IOCTL_DEV),
    ("network-bind", right.MAKE_SOCK),
    ("network-outbound", right.RESOLVE_UNIX),
    *_ATTRIBUTES,
)
ALL = sum({bits for _, bits in RIGHTS}) | right.REFER
#: What can be kept from somebody by Landlock, if it is young enough, or by a mount.
WITHHELD = ALL & ~(ATTRIBUTES | METADATA | SETID)
_NAMES = (
    (READING, "reading"), (right.EXECUTE, "executing"), (right.WRITE_FILE, "writing"),
    (right.TRUNCATE, "truncating"), (MAKING, "making"), (REMOVING, "removing"),
    (right.MAKE_CHAR | right.MAKE_BLOCK, "making devices"), (right.MAKE_SOCK, "making sockets"),
    (right.IOCTL_DEV, "device control"), (right.RESOLVE_UNIX, "connecting to sockets"),
    (right.REFER, "linking across directories"),
)


def names(bits: int) -> str:
    """Rights in plain words."""
    return ", ".join(name for mask, name in _NAMES if bits & mask)
