"""limit: the resource limits that services inherit (spec/launchd.md 2.7)."""

from __future__ import annotations

from dirserv.outcome import Outcome
from launchd_shim.darwin import strerror
from launchd_shim.launchctl.failures import ENOTSUP, EPERM, Failure, Usage
from launchd_shim.launchctl.targets import natural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.launchctl.call import Call

NAMES = ("cpu", "filesize", "data", "stack", "core", "rss", "memlock", "maxproc", "maxfiles")


def limit(call: Call) -> Outcome:
    """limit [NAME [SOFT [HARD]]]. Setting is refused: a supervisor does not change its host."""
    words = call.operands(0, 3)
    if words and words[0] not in NAMES:
        raise Usage(f"{words[0]} is not a valid limit name.\n")
    for word in words[1:]:
        if word != "unlimited" and natural(word) is None:
            raise Usage(f"{word} is not a valid limit.\n")
    if len(words) > 1:
        error = ENOTSUP if call.euid == 0 else EPERM
        raise Failure(error, f"Could not set resource limits: {error}: {strerror(error)}")
    reply = call.ask("limit")
    error = reply["error"]
    if error:
        raise Failure(error, f"Could not print resource limits: {error}: {strerror(error)}")
    return Outcome(out=render(reply["limits"], words[:1] or list(NAMES)))


def render(limits: dict[str, list[int]], names: list[str]) -> str:
    """A row for each of the names that there is: name, soft and hard limit."""
    rows = (f"\t{name:<12}{_word(limits[name][0]):<15}{_word(limits[name][1]):<15}\n"
            for name in names if name in limits)
    return "".join(rows)


def _word(value: int) -> str:
    return "unlimited" if value < 0 else str(value)
