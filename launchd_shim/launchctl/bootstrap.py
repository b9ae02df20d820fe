"""bootstrap and bootout (spec/launchd.md 2.4, 8.2)."""

from __future__ import annotations

from dirserv.outcome import Outcome
from launchd_shim.darwin import strerror
from launchd_shim.launchctl.failures import (
    DISABLED,
    EALREADY,
    EEXIST,
    EIO,
    ENOENT,
    EPERM,
    ESRCH,
    NO_SERVICE,
    WRONG_SESSION,
    Failure,
)
from launchd_shim.launchctl.paths import expand
from launchd_shim.launchctl.results import Wording, verdict
from launchd_shim.launchctl.targets import domain as domain_target
from launchd_shim.launchctl.targets import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.launchctl.call import Call
    from launchd_shim.launchctl.targets import Target

_HINT = "Try re-running the command as root for richer errors.\n"

#: What macOS 12 and later report as 5 to everybody.
_BLURRED = frozenset((EEXIST, EALREADY, DISABLED))
#: What they report as 5 to all but root: permissions, files, property lists, accounts.
_ROOTS = _BLURRED | {EPERM, ENOENT, 13, 20, 21, 107, 108, 109, 110, 111, 114, 115, 121, 122,
                     WRONG_SESSION, 140}
#: Errors that say that a job to remove is not there.
_ABSENT = frozenset((ENOENT, ESRCH, EEXIST, EALREADY, NO_SERVICE))

_BOOTSTRAP = Wording("Bootstrap failed", "Bootstrap failed", "service already bootstrapped",
                     (EEXIST, EALREADY))
_BOOTOUT = Wording("Boot-out failed", "Bootout failed", "service already booted out", _ABSENT)


def bootstrap(call: Call) -> Outcome:
    """bootstrap DOMAIN [PATH…]: load property lists into a domain.

    The domain itself is always there, so that without a path there is nothing to do, but for the
    system's, which cannot be made twice.
    """
    word, *paths = call.operands(1)
    target = domain_target(word)
    if not paths:
        error = EIO if target.kind == "system" else call.ask_of(target, "domain")["error"]
        results = [((word, ""), error)]
    else:
        results = [
            ((shown, host),
             call.ask_of(target, "bootstrap", path=host, force=False)["error"])
            for shown, host in expand(call.directory.root, paths)
        ]
    blurred = _BLURRED if call.euid == 0 else _ROOTS
    lines, status = verdict(results, _BOOTSTRAP, lambda one: EIO if one in blurred else one)
    hint = _HINT if status == EIO and call.euid != 0 else ""
    return Outcome(err=lines + hint, status=status)


def bootout(call: Call) -> Outcome:
    """bootout DOMAIN PATH… | DOMAIN/LABEL: remove jobs; launchd answers when they are gone.

    ``--wait`` is taken anywhere and changes nothing: waiting is what we always do (spec §8.2).
    """
    call.arguments = [word for word in call.arguments if word != "--wait"]
    word, *paths = call.operands(1)
    target = parse(word)
    if target.label is not None:
        return _one(_removed(call, target, label=target.label))
    if not paths:
        return _everything(call, target)
    results = [((shown, host), _removed(call, target, path=host))
               for shown, host in expand(call.directory.root, paths)]
    lines, status = verdict(results, _BOOTOUT, lambda one: EIO if one in _ABSENT else one)
    return Outcome(err=lines, status=status)


def _removed(call: Call, target: Target, **which: str) -> int:
    """Ask for one removal. Raises Failure if the domain does not exist."""
    error: int = call.ask("bootout", domain=target.domain, **which)["error"]
    missing = target.missing(error)
    if missing is not None and error != NO_SERVICE:
        raise missing
    return error


def _one(error: int) -> Outcome:
    if error == NO_SERVICE:
        error = ESRCH
    err = f"Boot-out failed: {error}: {strerror(error)}\n" if error else ""
    return Outcome(err=err, status=error)


def _everything(call: Call, target: Target) -> Outcome:
    """Remove every job of a user's domain. The system's is never torn down while it is up."""
    if target.kind == "system":
        raise Failure(150, f"Boot-out failed: 150: {strerror(150)}")
    reply = call.ask_of(target, "domain")
    if reply["error"]:
        return _one(reply["error"])
    errors = [_removed(call, target, label=job["label"]) for job in reply["domain"]["services"]]
    return _one(next((error for error in errors if error not in (0, ESRCH, NO_SERVICE)), 0))
