"""list: the table of services, or one of them as a dictionary (spec/launchd.md 2.6)."""

from __future__ import annotations

from dirserv.outcome import Outcome
from launchd_shim.launchctl.failures import (
    ESRCH,
    NO_DOMAIN,
    NO_SERVICE,
    Failure,
)
from launchd_shim.launchctl.oldstyle import Port, render
from launchd_shim.launchctl.targets import no_service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launchd_shim.launchctl.call import Call

HEADER = "PID\tStatus\tLabel\n"


def listing(call: Call) -> Outcome:
    """list [-x] [LABEL]. -x gives XML, as before macOS 10.10, which has no other use for it."""
    options, operands = call.options("x")
    if operands:
        return Outcome(out=_one(call, operands[0], bool(options)))
    jobs = [job for domain in call.home for job in _jobs(call, domain)]
    return Outcome(out=_xml([_row_dictionary(job) for job in jobs]) if options else table(jobs))


def _jobs(call: Call, domain: str) -> list[dict[str, Any]]:
    reply = call.ask("list", domain=domain)
    if reply["error"] not in (0, NO_DOMAIN):
        raise Failure(reply["error"])
    jobs: list[dict[str, Any]] = reply.get("jobs", [])
    return jobs


def _one(call: Call, label: str, xml: bool) -> str:
    reply = call.ask_at_home("service", label=label)
    if reply["error"] in (ESRCH, NO_DOMAIN, NO_SERVICE):
        # Since macOS 12 legacy verbs call the caller's domain by its port.
        raise no_service(label, "port")
    if reply["error"]:
        raise Failure(reply["error"])
    shown = dictionary(reply["service"])
    return _xml(shown) if xml else render(shown)


def table(jobs: list[dict[str, Any]]) -> str:
    """The header and a row for each job: three columns, TAB between them, numbers always."""
    rows = (f"{job['pid'] if job['pid'] else '-'}\t{job['status'] or 0}\t{job['label']}\n"
            for job in jobs)
    return HEADER + "".join(rows)


def dictionary(service: dict[str, Any]) -> dict[str, Any]:
    """A service as ``list LABEL`` shows it, in the order of every capture; absent keys left out."""
    ports = {name: Port() for name in service.get("mach_services") or ()}
    shown = {
        "StandardOutPath": service.get("stdout"),
        "LimitLoadToSessionType": _session(service),
        "StandardErrorPath": service.get("stderr"),
        "MachServices": ports or None,
        "Label": service["label"],
        "OnDemand": bool(service.get("on_demand")),
        "LastExitStatus": service.get("last_exit_status") or 0,
        "PID": service.get("pid"),
        "Program": service.get("program"),
        "ProgramArguments": service.get("arguments"),
    }
    return {key: value for key, value in shown.items() if value is not None}


def _session(service: dict[str, Any]) -> str | list[str]:
    types = service.get("session_types")
    if not types:
        return "System" if service.get("domain") == "system" else "Aqua"
    return types[0] if len(types) == 1 else list(types)


def _row_dictionary(job: dict[str, Any]) -> dict[str, Any]:
    shown = {"Label": job["label"], "LastExitStatus": job["status"] or 0, "PID": job["pid"]}
    return {key: value for key, value in shown.items() if value is not None}


def _xml(value: Any) -> str:
    import plistlib

    return plistlib.dumps(_plain(value), sort_keys=False).decode("utf-8")


def _plain(value: Any) -> Any:
    """The same without ports, which XML cannot say: ``mach-port-object`` in their place."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return "mach-port-object" if isinstance(value, Port) else value
