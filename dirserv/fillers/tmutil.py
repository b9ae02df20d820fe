"""tmutil: there is no Time Machine, but what it is to leave out is remembered.

``addexclusion`` and ``removeexclusion`` are silent on success, as the real ones, and a failure of
theirs ends the Rust installers (spec/installers.md 3.2); ``isexcluded`` prints ``[Excluded]`` or
``[Included]``. The paths are kept where tmutil -p keeps them. The sentence for a missing file is
the real one, its status and the usage are ours.
"""

from __future__ import annotations

import os
import plistlib
from typing import Any

from dirserv.outcome import Outcome
from dirserv.paths import Root

_PREFERENCES = "/Library/Preferences/com.apple.TimeMachine.plist"

_USAGE = """\
Usage: tmutil addexclusion [-p|-v] item ...
       tmutil removeexclusion [-p|-v] item ...
       tmutil isexcluded item ...
"""

#: fnfErr, as Carbon numbers it.
_NO_FILE = "Error (-43) while attempting to change exclusion setting."

_VERBS = ("addexclusion", "removeexclusion", "isexcluded")


def run(argv: list[str], root: Root) -> Outcome:
    """The command tmutil: 0, 1 for an item that does not exist, 64 for misuse (EX_USAGE)."""
    items = [word for word in argv[2:] if word not in ("-p", "-v", "-X")]
    if len(argv) < 2 or argv[1] not in _VERBS or not items:
        return Outcome(err=_USAGE, status=64)
    outcome = Outcome()
    paths = []
    for item in items:
        host = os.path.normpath(root.host(item))
        if argv[1] == "removeexclusion" or os.path.lexists(host):
            paths.append(host.removeprefix(root.path) or "/")
        else:
            outcome.complain(f"{item}: {_NO_FILE}")
            outcome.status = 1
    try:
        _apply(root.host(_PREFERENCES), argv[1], paths, outcome)
    except (OSError, ValueError) as error:
        outcome.complain(f"tmutil: {_PREFERENCES}: {error}")
        outcome.status = 1
    return outcome


def _apply(file: str, verb: str, paths: list[str], outcome: Outcome) -> None:
    preferences = _load(file)
    excluded = preferences.setdefault("SkipPaths", [])
    if verb == "isexcluded":
        for path in paths:
            inside = any(path == one or path.startswith(one + "/") for one in excluded)
            outcome.say(f"[{'Excluded' if inside else 'Included'}]    {path}")
        return
    kept = [one for one in excluded if one not in paths]
    preferences["SkipPaths"] = kept + paths if verb == "addexclusion" else kept
    if preferences["SkipPaths"] != excluded:
        _store(file, preferences)


def _load(file: str) -> dict[str, Any]:
    try:
        with open(file, "rb") as stream:
            return dict(plistlib.load(stream))
    except FileNotFoundError:
        return {}


def _store(file: str, preferences: dict[str, Any]) -> None:
    os.makedirs(os.path.dirname(file), exist_ok=True)
    fresh = f"{file}.{os.getpid()}"
    with open(fresh, "wb") as stream:
        plistlib.dump(preferences, stream)
    os.replace(fresh, file)
