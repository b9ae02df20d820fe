"""A service and a domain as ``launchctl print`` and ``list`` get them (see ``protocol``)."""

from __future__ import annotations

import os

from launchd_shim.darwin import darwin_signal
from launchd_shim.supervisor.states import STATES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.job import KeepAlive, Process, Socket, When
    from launchd_shim.supervisor.service import Service

_SPAWN_TYPES = {"interactive": "interactive (4)", "adaptive": "adaptive (6)",
                "background": "background"}


def darwin_status(status: int | None) -> int | None:
    """A wait(2) status with Darwin's signal numbers."""
    if status is None or not os.WIFSIGNALED(status):
        return status
    return status & ~0x7F | darwin_signal(os.WTERMSIG(status))


def listed(service: Service) -> dict[str, object]:
    """One row of ``list``; a service that never ended has status None."""
    status = darwin_status(service.last_status)
    if status is not None:
        status = -(status & 0x7F) if status & 0x7F else status >> 8
    return {"label": service.label, "status": status,
            "pid": None if service.process is None else service.process[0]}


def properties(service: Service) -> list[str]:
    """The words of print's last line."""
    job, when = service.job, service.job.when
    words = {
        "keepalive": when.keep_alive is True, "runatload": when.run_at_load,
        "launch only once": when.launch_only_once, "inferred program": job.inferred_program,
        "abandon process group": job.process.abandon_group,
        "creates session": job.process.session,
    }
    return [word for word, applies in words.items() if applies]


def described(service: Service, inherited: dict[str, str]) -> dict[str, object]:
    """Everything about a service, the keys that ``protocol`` names."""
    job = service.job
    return {
        **_identity(service), **_runtime(service), **_process(job.process), **_when(job.when),
        "program": job.executable, "arguments": list(job.arguments or ()),
        "inferred_program": job.inferred_program, "inherited_environment": inherited,
        "on_demand": job.on_demand, "session_types": list(job.sessions),
        "mach_services": list(job.mach_services), "properties": properties(service),
    }


def _process(process: Process) -> dict[str, object]:
    return {
        "working_directory": process.directory, "stdin": process.stdin,
        "stdout": process.stdout, "stderr": process.stderr, "environment": process.environment,
        "username": process.user, "group": process.group, "umask": process.umask,
        "exit_timeout": process.grace or 0,
        "spawn_type": _SPAWN_TYPES.get(process.type.lower(), "daemon (3)"),
        "soft_limits": process.soft_limits, "hard_limits": process.hard_limits,
    }


def _when(when: When) -> dict[str, object]:
    return {
        "throttle": when.throttle, "run_at_load": when.run_at_load,
        "keepalive": when.keep_alive if isinstance(when.keep_alive, bool)
        else _conditions(when.keep_alive),
        "launch_only_once": when.launch_only_once, "start_interval": when.interval,
        "calendar": list(when.calendar), "watch_paths": list(when.watch_paths),
        "queue_directories": list(when.queue_directories),
        "sockets": {name: [_address(item) for item in items]
                    for name, items in when.sockets.items()},
    }


def _conditions(keep: KeepAlive) -> dict[str, object]:
    """KeepAlive as the dictionary that it was in the property list."""
    found = {
        "SuccessfulExit": keep.successful_exit, "Crashed": keep.crashed,
        "PathState": keep.path_state or None, "OtherJobEnabled": keep.other_job_enabled or None,
        "OtherJobActive": keep.other_job_active or None, "NetworkState": keep.network,
        "AfterInitialDemand": keep.after_initial_demand or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _address(item: Socket) -> str:
    return item.path or f"{item.node or '*'}:{item.service}"


def _identity(service: Service) -> dict[str, object]:
    kind = "LaunchDaemon" if service.domain == "system" else "LaunchAgent"
    return {
        "label": service.label, "path": service.path, "submitter": service.submitter,
        "type": kind if service.path else "Submitted", "domain": service.domain,
    }


def _runtime(service: Service) -> dict[str, object]:
    return {
        "state": STATES[service.state], "runs": service.runs,
        "successive_crashes": service.crashes,
        "pid": None if service.process is None else service.process[0],
        "reason": service.reason, "last_exit_status": darwin_status(service.last_status),
    }
