"""Who may ask for what, and what becomes of a request that fails."""

from __future__ import annotations

import os

from launchd_shim.darwin_errors import from_host
from launchd_shim.supervisor.verbs import Refused, Verbs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.supervisor.log import Log
    from launchd_shim.supervisor.server import Reply

# launchd's error numbers (spec/launchd.md 2.3)
EPERM, EINVAL = 1, 22
NO_DOMAIN = 112

#: What concerns all of launchd, whatever domain a request names.
_WHOLE = frozenset(("setlimit", "shutdown"))
_READING = frozenset(("list", "service", "domain", "disabled", "getenv", "limit", "ping"))


class Requests:
    """Handles requests."""

    def __init__(self, verbs: Verbs, log: Log) -> None:
        self._verbs = verbs
        self._log = log

    def handle(self, request: dict[str, object], uid: int, reply: Reply) -> None:
        """Answer one request, now or when it is done."""
        verb = request.get("verb")
        method = getattr(self._verbs, f"do_{verb}", None) if isinstance(verb, str) else None
        try:
            if method is None:
                raise Refused(EINVAL)
            domain = "system" if verb in _WHOLE else _domain(request)
            if verb not in _READING and not _may_change(uid, domain):
                raise Refused(EPERM)
            result = method({**request, "uid": uid}, domain, reply)
        except Refused as refused:
            reply({"error": refused.error})
        except OSError as error:
            self._log.write("launchd", f"{verb}: {error}")
            reply({"error": from_host(error.errno or 0)})
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
            reply({"error": EINVAL})
        else:
            if result is not None:
                reply({"error": 0, **result})


def _domain(request: dict[str, object]) -> str:
    """The domain of a request, in its one spelling. Raises Refused for none."""
    kind, _, rest = str(request.get("domain", "system")).partition("/")
    if kind == "system":
        return "system"
    uid = rest.partition("/")[0]
    if kind not in ("gui", "user") or not uid.isdigit():
        raise Refused(NO_DOMAIN)
    return f"{kind}/{int(uid)}"


def _may_change(uid: int, domain: str) -> bool:
    """Root and whoever runs the supervisor change everything, a user what is his."""
    return uid in (0, os.geteuid()) or (
        domain != "system" and domain.rpartition("/")[2] == str(uid)
    )
