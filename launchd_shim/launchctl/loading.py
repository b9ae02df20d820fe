"""load and unload, which answer 0 whatever happens (spec/launchd.md 2.7, 8.3)."""

from __future__ import annotations

from dirserv.outcome import Outcome
from dirserv.system import environ, is_directory
from launchd_shim.launchctl.failures import (
    DISABLED,
    EALREADY,
    EEXIST,
    EIO,
    ENOENT,
    EPERM,
    ESRCH,
    NO_DOMAIN,
    NO_SERVICE,
    WRONG_SESSION,
    Usage,
)
from launchd_shim.launchctl.paths import expand, label_of
from launchd_shim.launchctl.results import Wording, verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.launchctl.call import Call
    from launchd_shim.launchctl.paths import Named

_HINT = "Try running `launchctl {}` as root for richer errors.\n"

#: What macOS 12 and later report as 5, to root as well (transcripts T098-T103).
_BLURRED = frozenset((EPERM, ENOENT, ESRCH, EEXIST, 20, EALREADY, *range(107, 112), NO_DOMAIN,
                      NO_SERVICE, DISABLED))
#: Errors after which the next of the caller's domains is tried.
_ELSEWHERE = frozenset((ENOENT, ESRCH, EIO, NO_DOMAIN, NO_SERVICE))

_WORDING = {
    "load": Wording("Load failed", "Load failed", "service already loaded", (EEXIST, EALREADY)),
    "unload": Wording("Unload failed", "Unload failed", "service already unloaded",
                      _ELSEWHERE - {EIO}),
}
_ALTERNATIVE = {"load": "bootstrap", "unload": "bootout"}

#: -D: where its property lists lie; network is accepted and has had none since macOS 10.10.
_LIBRARIES = {
    "system": ("/System/Library",), "local": ("/Library",), "user": ("~/Library",),
    "network": (), "all": ("/System/Library", "/Library", "~/Library"),
}


def load(call: Call) -> Outcome:
    """load and unload [-wF] [-S SESSION] [-D WHERE] PATH…

    -w enables (disables) the job first and for good, -F ignores that it is disabled.
    """
    pairs, words = call.options("wFS:D:")
    letters = {letter for letter, _ in pairs}
    for letter, value in pairs:
        if letter == "D":
            words += _searched(call, value)
    if not words and "D" not in letters:
        raise Usage
    paths = expand(call.directory.root, words)
    domains = _domains(call, next((value for letter, value in pairs if letter == "S"), ""))
    if "w" in letters:
        _record(call, paths, domains[0])
    one = _load_one if call.name == "load" else _unload_one
    results = [(path, one(call, path[1], domains, "F" in letters)) for path in paths]
    lines, error = verdict(results, _WORDING[call.name], lambda n: EIO if n in _BLURRED else n)
    return Outcome(err=lines + (_HINT.format(_ALTERNATIVE[call.name]) if error == EIO else ""))


def _searched(call: Call, word: str) -> list[str]:
    if word.lower() not in _LIBRARIES:
        raise Usage
    kind = "LaunchDaemons" if call.uid == 0 else "LaunchAgents"
    root = call.directory.root
    found = [f"{library}/{kind}" for library in _LIBRARIES[word.lower()]
             if not library.startswith("~") or environ("HOME")]
    # A library that is not there holds nothing; that is no error.
    return [path for path in found
            if is_directory(root.host(path.replace("~", environ("HOME") or "", 1)))]


def _domains(call: Call, session: str) -> list[str]:
    """The domains to try: the caller's, its background one alone with ``-S Background``."""
    if session.lower() == "background" and len(call.home) > 1:
        return call.home[1:]
    return call.home


def _record(call: Call, paths: list[Named], domain: str) -> None:
    verb = "enable" if call.name == "load" else "disable"
    for _, host in paths:
        label = label_of(host)
        if label:
            call.ask(verb, domain=domain, label=label)


def _load_one(call: Call, host: str, domains: list[str], force: bool) -> int:
    """Load a file in the caller's domain; an agent meant for another session in the next one."""
    error = 0
    for domain in domains:
        error = call.ask("bootstrap", domain=domain, path=host, force=force)["error"]
        if error != WRONG_SESSION:
            break
    return error


def _unload_one(call: Call, host: str, domains: list[str], force: bool) -> int:
    error = 0
    for domain in domains:
        error = call.ask("bootout", domain=domain, path=host)["error"]
        if error not in _ELSEWHERE:
            break
    return error
