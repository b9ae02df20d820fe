"""kickstart, kill and blame (spec/launchd.md 2.4)."""

from __future__ import annotations

import posix

from dirserv.outcome import Outcome
from launchd_shim.darwin import linux_signal, signal_number, strerror
from launchd_shim.launchctl.failures import EALREADY, EINVAL, EPERM, ESRCH, Failure, Usage
from launchd_shim.launchctl.targets import service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.launchctl.call import Call

#: Linux's number of SIGSTOP.
_STOP = 19

_KILL_ERRORS = {EPERM: "Not privileged to signal service.", ESRCH: "No process to signal."}


def kickstart(call: Call) -> Outcome:
    """kickstart [-k] [-p] [-s] TARGET: start now, whatever the job waits for.

    -k ends a running process first, -p prints the process id, -s stops the new process for a
    debugger. A job that runs already is a success (spec §8.2).
    """
    options, operands = call.options("kpsu")
    if not operands:
        raise Usage
    letters = {letter for letter, _ in options}
    target = service(operands[0])
    reply = call.ask_of(target, "kickstart", kill="k" in letters)
    error = reply["error"]
    if error == EINVAL:
        raise Failure(error, "Bad request.")
    if error not in (0, EALREADY):
        raise Failure(error, f"Could not kickstart service: {error}: {strerror(error)}")
    if "s" in letters:
        call.ask_of(target, "kill", signal=_STOP)
    pid = reply.get("pid")
    return Outcome(out=_pid_line(pid) if "p" in letters and pid else "")


def _pid_line(pid: int) -> str:
    return f"service spawned with pid: {pid}\n" if posix.isatty(1) else f"{pid}\n"


def kill(call: Call) -> Outcome:
    """kill SIGNAL TARGET: SIGNAL is Darwin's number or name, and goes to the main process only."""
    # A signal may begin with a dash, so that getopt(3) has no part in this.
    if len(call.arguments) < 2:
        raise Usage
    word, where = call.arguments[:2]
    number = signal_number(word)
    signal = None if number is None else linux_signal(number)
    if signal is None:
        raise Usage("Invalid signal.\n")
    error = call.ask_of(service(where), "kill", signal=signal)["error"]
    if not error:
        return Outcome()
    line = _KILL_ERRORS.get(error, f"Could not signal service: {error}: {strerror(error)}")
    raise Failure(error, line)


def blame(call: Call) -> Outcome:
    """blame TARGET: why the process was started; 3 if there is none."""
    reply = call.ask_of(service(call.operands(1)[0]), "service")
    if reply["error"]:
        raise Failure(reply["error"])
    if reply["service"].get("pid") is None:
        raise Failure(ESRCH)
    return Outcome(out=f"{reply['service'].get('reason') or 'unknown'}\n")
