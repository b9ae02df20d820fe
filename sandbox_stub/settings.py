"""What sandbox-exec is to do in a root: the file ``private/etc/sandbox-exec.conf`` in it.

Lines ``key = value``; ``mode`` is one of ``MODES``, ``strict`` (yes or no) says whether mode check
ends with 65 for a profile that does not compile. Blank lines and those that begin with ``#`` say
nothing; of a repeated key the last line counts. No file means passthrough. Source: spec/sandbox.md
0.3 and 5.5.

A file that somebody else could have written is refused, as is one that says what we do not know:
an enforcing administrator must never get less than was asked for. bin/sandbox-exec acts by itself
only on a file that says passthrough and nothing else.
"""

from __future__ import annotations

import _stat as stat
import posix

_READING = posix.O_RDONLY | posix.O_CLOEXEC | posix.O_NOFOLLOW | posix.O_NONBLOCK
PATH = "/private/etc/sandbox-exec.conf"
MODES = ("passthrough", "check", "enforce", "enforce-strict")
VALUES = {"mode": MODES, "strict": ("yes", "no")}


class Unusable(Exception):
    """The settings cannot be trusted or understood; the text says why and what to do."""


class Settings:
    """The mode, and whether check is strict."""

    __slots__ = ("mode", "strict")

    def __init__(self, mode: str = "passthrough", strict: bool = False) -> None:
        self.mode = mode
        self.strict = strict

    @property
    def enforces(self) -> bool:
        """Whether the profile is to be upheld."""
        return self.mode.startswith("enforce")


def load(root: str) -> Settings:
    """The settings of the root at the host path ``root`` ("" is /). Raises Unusable."""
    try:
        fd = posix.open(root + PATH, _READING)
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise Unusable(f"{PATH}: {error.strerror}; it must be a plain file that "
                       "everybody may read") from None
    try:
        _judge(root, posix.fstat(fd))
        return parse(posix.read(fd, 1 << 16).decode("utf-8", "replace"))
    finally:
        posix.close(fd)


def parse(text: str) -> Settings:
    """The settings that the text of the file gives. Raises Unusable, naming the line."""
    given = {}
    for number, line in enumerate(text.splitlines(), 1):
        key, _, value = (part.strip() for part in line.partition("="))
        if not key or key.startswith("#"):
            continue
        if value not in VALUES.get(key, ()):
            raise Unusable(f"{PATH}: line {number}: {line.strip()!r} is none of "
                           + _possible())
        given[key] = value
    return Settings(given.get("mode", MODES[0]), given.get("strict") == "yes")


def _judge(root: str, file: posix.stat_result) -> None:
    """Only root or the owner of the root may be able to write the file or to replace it."""
    owners = (0, posix.stat(root or "/").st_uid)
    found = [(PATH, file)]
    found += [(place, posix.stat(root + place)) for place in ("/private/etc", "/private", "/")]
    for path, about in found:
        if about.st_uid not in owners or about.st_mode & 0o022:
            raise Unusable(f"{path}: others than its root's owner may write it, so it does not "
                           "count; set it right with chown and chmod go-w")
    if not stat.S_ISREG(file.st_mode):
        raise Unusable(f"{PATH}: not a plain file")


def _possible() -> str:
    return ", ".join(f"{key} = {'|'.join(values)}" for key, values in VALUES.items())
