"""What ``launchctl config`` and ``launchctl limit`` give to jobs that say nothing themselves.

config's files are read when the supervisor starts and outlive a reboot, limits hold until the
machine stops (spec/launchd.md 2.4, 2.7, 3.10).
"""

from __future__ import annotations

import resource

from dirserv import plist
from dirserv.files import read
from launchd_shim import keys
from launchd_shim.job import STANDARD_PATH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Limits = dict[str, list[int]]

DIRECTORY = "private/var/db/com.apple.xpc.launchd/config"

#: Name in ``launchctl limit`` -> (the key of the property list in lower case, Linux's number).
LIMITS = {shown: (key.lower(), getattr(resource, constant))
          for key, (constant, shown) in keys.LIMITS.items()}


_LEAST, _MOST = resource.RLIM_INFINITY, (1 << 63) - 1


class Settings:
    """The settings of a root; ``limits`` are those that ``launchctl limit`` has set."""

    def __init__(self, root: str, limits: Limits) -> None:
        self.limits = limits
        self._configured = {name: _configured(f"{root}/{DIRECTORY}/{name}.plist")
                            for name in ("system", "user")}

    def path(self, domain: str) -> str:
        """The PATH of a domain's jobs."""
        value = self._of(domain).get("PathEnvironmentVariable")
        return value if isinstance(value, str) and "\0" not in value else STANDARD_PATH

    def umask(self, domain: str) -> int | None:
        """The umask of a domain's jobs; None for launchd's own."""
        value = self._of(domain).get("Umask")
        return value if type(value) is int and 0 <= value <= 0o777 else None

    def _of(self, domain: str) -> dict[str, Any]:
        return self._configured["system" if domain == "system" else "user"]

    def inherited(self, hard: bool) -> dict[str, int]:
        """The limits that jobs inherit, by their names in lower-case property lists."""
        return {LIMITS[name][0]: pair[hard] for name, pair in self.limits.items()}

    def shown(self) -> Limits:
        """Name -> soft and hard limit that a job inherits, -1 for none."""
        return {name: self.limits.get(name) or list(resource.getrlimit(number))
                for name, (_, number) in LIMITS.items()}

    def limit(self, name: str, soft: int, hard: int) -> None:
        """Set a limit for the processes started from now on.

        Raises KeyError for a name that is none, ValueError for a soft limit above the hard one,
        PermissionError if the host does not grant us the hard one.
        """
        number = LIMITS[name][1]
        if _above(soft, hard) or not (_LEAST <= soft <= _MOST and _LEAST <= hard <= _MOST):
            raise ValueError(name)
        own_soft, own_hard = resource.getrlimit(number)
        if _above(hard, own_hard):
            # Only raising needs a right, and does us no harm: lowering is left to the children.
            try:
                resource.setrlimit(number, (own_soft, hard))
            except ValueError as error:
                raise PermissionError(1, str(error)) from error
        self.limits[name] = [soft, hard]


def _above(one: int, other: int) -> bool:
    """Whether a limit is higher than another, where -1 is no limit."""
    return other != resource.RLIM_INFINITY and (one == resource.RLIM_INFINITY or one > other)


def _configured(path: str) -> dict[str, Any]:
    try:
        content = plist.loads(read(path) or b"")
    except (ValueError, OSError):
        return {}  # damaged, or not there: as if nothing was configured
    return content if isinstance(content, dict) else {}
