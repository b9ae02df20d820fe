"""How a subcommand of launchctl ends when it does not succeed (spec/launchd.md 2.1, 2.2)."""

from __future__ import annotations

EX_USAGE = 64

# launchd's error numbers that launchctl itself looks at.
EPERM, ENOENT, ESRCH, EIO, EEXIST, EINVAL = 1, 2, 3, 5, 17, 22
EALREADY, ENOSYS, NOT_IMPLEMENTED = 37, 78, 116
NO_DOMAIN, NO_SERVICE, DISABLED, SEVERAL, WRONG_SESSION = 112, 113, 119, 133, 134

_BAD_TARGET = (
    "Unrecognized target specifier. <service-target> takes a form of "
    "<domain-target>/<service-id>.\n"
    "Please refer to `man launchctl` for explanation of the <domain-target> specifiers.\n"
)


class Usage(Exception):
    """The arguments are wrong: ``str()`` and then the usage line on stderr, status 64."""


class BadTarget(Usage):
    """A target specifier that is none, or not of the kind that the subcommand takes."""

    def __init__(self) -> None:
        super().__init__(_BAD_TARGET)


class Failure(Exception):
    """The subcommand ends with ``status`` and a line on stderr; none if ``line`` is empty."""

    def __init__(self, status: int, line: str = "") -> None:
        super().__init__(status, line)
        self.status = status
        self.line = line

    def __str__(self) -> str:
        return f"{self.line}\n" if self.line else ""
