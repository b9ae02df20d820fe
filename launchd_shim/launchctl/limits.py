"""limit: the resource limits that services inherit (spec/launchd.md 2.7, 3.10)."""

from __future__ import annotations

from dirserv.outcome import Outcome
from launchd_shim.darwin import strerror
from launchd_shim.launchctl.failures import Failure, Usage
from launchd_shim.launchctl.targets import natural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.launchctl.call import Call

NAMES = ("cpu", "filesize", "data", "stack", "core", "rss", "memlock", "maxproc", "maxfiles")


def limit(call: Call) -> Outcome:
    """limit [NAME [SOFT [HARD]]]: show, or set for what is started until the machine stops."""
    words = call.operands(0, 3)
    if words and words[0] not in NAMES:
        raise Usage(f"{words[0]} is not a valid limit name.\n")
    if len(words) > 1:
        values = [_value(word) for word in words[1:]]
        error = call.ask("setlimit", name=words[0], soft=values[0], hard=values[-1])["error"]
        if error:
            raise Failure(error, f"Could not set resource limits: {error}: {strerror(error)}")
        return Outcome()
    reply = call.ask("limit")
    error = reply["error"]
    if error:
        raise Failure(error, f"Could not print resource limits: {error}: {strerror(error)}")
    return Outcome(out=render(reply["limits"], words[:1] or list(NAMES)))


def _value(word: str) -> int:
    """A limit, -1 for none. Raises Usage."""
    value = -1 if word == "unlimited" else natural(word)
    if value is None:
        raise Usage(f"{word} is not a valid limit.\n")
    return value


def render(limits: dict[str, list[int]], names: list[str]) -> str:
    """A row for each of the names that there is: name, soft and hard limit."""
    rows = (f"\t{name:<12}{_word(limits[name][0]):<15}{_word(limits[name][1]):<15}\n"
            for name in names if name in limits)
    return "".join(rows)


def _word(value: int) -> str:
    return "unlimited" if value < 0 else str(value)
