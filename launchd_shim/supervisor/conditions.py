"""When a job wants to run although nobody asked: KeepAlive and its conditions (spec 1.3)."""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.job import KeepAlive
    from launchd_shim.supervisor.registry import Registry
    from launchd_shim.supervisor.service import Service

_CRASHES = frozenset(
    (signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGFPE, signal.SIGBUS,
     signal.SIGSEGV, signal.SIGSYS)
)


def crashed(service: Service) -> bool:
    """Whether the last run ended by a fault of its own."""
    status = service.last_status
    return (status is not None and os.WIFSIGNALED(status)
            and os.WTERMSIG(status) in _CRASHES and not service.ended_by_us)


def succeeded(service: Service) -> bool:
    """Whether the last run ended with 0; a job that never ran counts as successful."""
    return service.last_status in (None, 0)


def wants_to_run(services: Registry, service: Service, loading: bool) -> bool:
    """Whether the job is to be kept alive now; the conditions of a dictionary are OR-ed.

    ``loading`` is the moment of registration, when the conditions about the last run hold.
    """
    keep = service.job.when.keep_alive
    if isinstance(keep, bool):
        return keep
    if keep.after_initial_demand and not service.demanded:
        return False
    if keep.successful_exit is not None and (
            loading or succeeded(service) is keep.successful_exit):
        return True
    if keep.crashed is not None and (loading or crashed(service) is keep.crashed):
        return True
    return _machine_wants(services, service, keep)


def _machine_wants(services: Registry, service: Service, keep: KeepAlive) -> bool:
    """The conditions that have nothing to do with the job's own last run."""
    conditions = (
        any(os.path.exists(services.host(path)) is state
            for path, state in keep.path_state.items()),
        any((services.find(service.domain, label) is not None) is state
            for label, state in keep.other_job_enabled.items()),
        any(services.has_process(service.domain, label) is state
            for label, state in keep.other_job_active.items()),
        keep.network is not None and _network_is_up() is keep.network,
        keep.after_initial_demand and not any((
            keep.path_state, keep.other_job_enabled, keep.other_job_active,
            keep.on_exit, keep.network is not None)),
    )
    return any(conditions)


def _network_is_up() -> bool:
    """Whether any interface besides loopback is up."""
    for name in os.listdir("/sys/class/net"):
        if name != "lo":
            with open(f"/sys/class/net/{name}/flags", encoding="ascii") as flags:
                if int(flags.read(), 16) & 1:
                    return True
    return False


def looks_at_others(service: Service) -> bool:
    """Whether the job's KeepAlive depends on other jobs."""
    keep = service.job.when.keep_alive
    return not isinstance(keep, bool) and bool(keep.other_job_enabled or keep.other_job_active)
