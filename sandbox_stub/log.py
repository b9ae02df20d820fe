"""The log of the modes that look at profiles: one line of JSON for each call.

A build user must be able to write it without being able to read, change or fake what others wrote:
so it is a directory that everybody may create files in and nobody may list (mode 1733, made by
the first caller who may), with a file of mode 0600 for each user, named by number. Where it cannot
be written nothing is logged: the command's own streams are never used for it.
"""

from __future__ import annotations

import posix

from dirserv.system import is_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: Who has SHA-256: Python from 3.12 on, 3.11, and each through OpenSSL, which takes 4 ms to load.
_SHA256 = ("_sha2", "_sha256", "hashlib")

_APPENDING = (posix.O_WRONLY | posix.O_APPEND | posix.O_CREAT | posix.O_NOFOLLOW | posix.O_CLOEXEC
              | posix.O_NONBLOCK)
DIRECTORY = "/private/var/log/sandbox-exec"


def write(root: str, entry: Callable[[], dict[str, Any]]) -> bool:
    """Append a line to the caller's file of the root at that host path, False if it cannot be:
    then the entry is not even made."""
    directory = root + DIRECTORY
    try:
        if not is_directory(directory):
            posix.mkdir(directory)
            posix.chmod(directory, 0o1733)
        fd = posix.open(f"{directory}/{posix.geteuid()}.log", _APPENDING, 0o600)
    except OSError:
        return False
    try:
        # Somebody else could have been here first with a file of his.
        if posix.fstat(fd).st_uid != posix.geteuid():
            return False
        from launchd_shim.wire import encode

        return posix.write(fd, encode(entry())) > 0
    except OSError:
        return False
    finally:
        posix.close(fd)


def digest(text: bytes) -> str:
    """The SHA-256 of a profile, in hexadecimal."""
    for name in _SHA256:
        try:
            module = __import__(name)
        except ImportError:
            continue
        digits: str = module.sha256(text).hexdigest()
        return digits
    raise ImportError("this Python has no SHA-256")
