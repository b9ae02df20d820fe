"""enable and disable: the record that outlives the job and the boot (spec/launchd.md 2.4, 3.9)."""

from __future__ import annotations

from dirserv.outcome import Outcome
from launchd_shim.darwin import strerror
from launchd_shim.launchctl.targets import service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.launchctl.call import Call


def switch(call: Call) -> Outcome:
    """enable TARGET and disable TARGET. The service need not exist."""
    target = service(call.operands(1, 1)[0])
    error = call.ask_of(target, call.name)["error"]
    if not error:
        return Outcome()
    return Outcome(
        err=f"Could not {call.name} service: {error}: {strerror(error)}\n", status=error
    )
