"""start, stop, remove, submit: a bare label in the caller's domain (spec/launchd.md 2.7)."""

from __future__ import annotations

import os

from dirserv.outcome import Outcome
from launchd_shim.darwin import strerror
from launchd_shim.launchctl.failures import (
    EALREADY,
    EPERM,
    ESRCH,
    NO_DOMAIN,
    NO_SERVICE,
    BadTarget,
    Failure,
    Usage,
)
from launchd_shim.launchctl.targets import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.launchctl.call import Call

#: stdin is not offered: a job reads from the null device.
_SUBMIT = "l:p:o:e:"


def start(call: Call) -> Outcome:
    """start LABEL: 0 also if it runs, 3 if there is no such job."""
    return _status(call, _ask(call, "start"))


def stop(call: Call) -> Outcome:
    """stop LABEL: SIGTERM; 3 if there is no such job.

    A bare label that does not run is a success, as Ansible's force_stop needs it; of
    ``system/LABEL`` installers expect 3 (spec §2.7, §8.2).
    """
    error, label = _ask(call, "stop"), call.arguments[-1]
    if error == ESRCH and call.ask_at_home("service", label=label)["error"] == 0:
        error = EALREADY
    return _status(call, error)


def remove(call: Call) -> Outcome:
    """remove LABEL: returns at once, 0 also if there is no such job."""
    error = _ask(call, "remove")
    if error == EPERM:
        raise Failure(error, "Not privileged to remove service")
    return Outcome(status=0 if error in (ESRCH, NO_DOMAIN, NO_SERVICE) else error)


def _ask(call: Call, verb: str) -> int:
    """The error for a verb about a label, or about ``system/LABEL``, which installers pass."""
    word = call.operands(1)[0]
    try:
        target = parse(word)
    except BadTarget:
        target = None
    if target is not None and target.label is not None:
        reply = call.ask(verb, domain=target.domain, label=target.label)
    else:
        reply = call.ask_at_home(verb, label=word)
    error: int = reply["error"]
    return error


def _status(call: Call, error: int) -> Outcome:
    if error == EPERM:
        raise Failure(error, f"Not privileged to {call.name} service.")
    if error in (NO_DOMAIN, NO_SERVICE):
        error = ESRCH
    return Outcome(status=0 if error == EALREADY else error)


def submit(call: Call) -> Outcome:
    """submit -l LABEL [-p PROGRAM] [-o FILE] [-e FILE] -- COMMAND…: a job that is kept alive."""
    pairs, arguments = call.options(_SUBMIT)
    options = dict(pairs)
    if not options.get("l") or not (arguments or options.get("p")):
        raise Usage
    program = options.get("p")
    error = call.ask(
        "submit", domain=call.home[0], label=options["l"], program=program,
        arguments=arguments or [program], stdout=_absolute(options.get("o")),
        stderr=_absolute(options.get("e")), submitter=f"launchctl[{os.getpid()}]",
    )["error"]
    if error:
        raise Failure(error, f"Could not submit job: {error}: {strerror(error)}")
    return Outcome()


def _absolute(path: str | None) -> str | None:
    """A path for a job, which starts in another directory; it still means one inside the root."""
    return os.path.abspath(path) if path else None
