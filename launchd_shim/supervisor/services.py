"""The life of the services: the one place where a service changes its state."""

from __future__ import annotations

import signal
import time

from launchd_shim.supervisor import conditions, processes
from launchd_shim.supervisor.children import Children, epitaph
from launchd_shim.supervisor.registry import Registry
from launchd_shim.supervisor.spawn import SpawnFailed
from launchd_shim.supervisor.states import TABLE
from launchd_shim.supervisor.triggers import Triggers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from launchd_shim.job import Job
    from launchd_shim.supervisor.launcher import Launcher
    from launchd_shim.supervisor.log import Log
    from launchd_shim.supervisor.loop import Loop
    from launchd_shim.supervisor.noting import Noting
    from launchd_shim.supervisor.service import Service

#: How long a job that could not be executed waits for its next try.
PENALTY_SECONDS = 10
#: How long after SIGKILL somebody who waits for the end is told that it has not come.
KILL_SECONDS = 5


class Services(Registry):
    """The registry, alive. ``noting`` keeps what the next supervisor must know."""

    def __init__(
        self, root: str, loop: Loop, log: Log, launcher: Launcher, noting: Noting
    ) -> None:
        super().__init__(root)
        self.loop = loop
        self.log = log
        self.launcher = launcher
        self.noting = noting
        self.triggers = Triggers(self)
        self._children = Children(loop, lambda service: self.transition(service, "exited"))

    # -- registering ---------------------------------------------------------------------------

    def register(
        self, domain: str, job: Job, path: str | None, submitter: str | None = None
    ) -> Service:
        """Add a job; it is started by ``activate``, when all jobs of a request are there.

        Raises OSError if one of its sockets cannot be made.
        """
        service = self.enter(domain, job, path, submitter)
        try:
            self.triggers.open_sockets(service)
        except OSError:
            self.drop(service)
            raise
        return service

    def change_environment(self, domain: str, values: Mapping[str, str | None]) -> None:
        """Set variables of a domain, or remove them where the value is None (setenv)."""
        variables = self.launcher.environment.setdefault(domain, {})
        for name, value in values.items():
            if value is None:
                variables.pop(name, None)
            else:
                variables[name] = value
        if values:
            self.noting.values("environment", self.launcher.environment)

    def activate(self, service: Service) -> None:
        """Arm a registered job and start it if it is to run at load."""
        self.triggers.arm(service)
        if service.state == "idle" and (
            service.job.when.run_at_load
            or conditions.wants_to_run(self, service, loading=True)
        ):
            self.demand(service, "speculative")
        self._others_changed(service)
        self.noting.service(service)

    def lives(self, process: processes.Identity) -> bool:
        """Whether a process that was noted still is the one it was."""
        return processes.alive(process)

    def adopt(self, service: Service, process: processes.Identity) -> None:
        """Take over a process that a supervisor before us started."""
        service.state = "running"
        service.ours = False
        self._children.watch(service, process)

    def reap(self) -> None:
        """Take the ends of processes that jobs left to us."""
        self._children.reap()

    # -- transitions ---------------------------------------------------------------------------

    def transition(self, service: Service, event: str) -> None:
        """Do what the table says for an event; the only place where ``state`` changes."""
        before = service.state
        action, after = TABLE[before][event]
        service.state = after
        if action not in ("nothing", "impossible"):
            getattr(self, "_" + action)(service)
        elif action == "impossible":
            self.log.write(service.label, f"unexpected {event} while {before}")
        if service.state != before:
            self.noting.service(service)

    def demand(self, service: Service, reason: str) -> None:
        """A condition wants the job to run."""
        if service.job.when.launch_only_once and service.runs:
            return
        service.pending = reason
        self.transition(service, "demand")

    def start(self, service: Service) -> None:
        """Somebody asks for the job; the throttle does not hold."""
        service.demanded = True
        service.reason = "non-ipc demand"
        self.transition(service, "start")

    def restart(self, service: Service) -> None:
        """Somebody asks for a new run instead of this one."""
        service.demanded = True
        service.reason = "non-ipc demand"
        self.transition(service, "restart")

    # -- actions of the table ------------------------------------------------------------------

    def _schedule(self, service: Service) -> None:
        service.reason, service.pending = service.pending, None
        wait = 0.0
        if service.last_start is not None and service.job.when.inetd_wait is None:
            wait = service.last_start + service.job.when.throttle - time.monotonic()
        if wait <= 0:
            self.transition(service, "due")
            return
        ran = int(time.monotonic() - (service.last_start or 0))
        self.log.write(service.label, f"Service only ran for {ran} seconds. "
                                      f"Pushing respawn out by {round(wait)} seconds.")
        self._later(service, "throttle", wait, "due")

    def _unschedule(self, service: Service) -> None:
        service.cancel("throttle")

    def _remember(self, service: Service) -> None:
        """A condition came while the job runs: it is looked at again when the run is over."""

    def _spawn(self, service: Service) -> None:
        service.cancel("throttle")
        service.runs += 1
        service.pending = None
        service.restarting = service.ended_by_us = False
        service.last_start = time.monotonic()
        try:
            pid = self.launcher.start(service, lambda pid: self._registered(service, pid))
        except (SpawnFailed, OSError) as error:
            self.log.write(service.label, f"could not be started: {error}")
            service.process = None
            self.transition(service, "failed")
            return
        self._children.add(service, pid)
        self._children.watch(service, service.process or (pid, 0))
        self.log.write(service.label, f"started with pid {pid}: {service.reason}")

    def _registered(self, service: Service, pid: int) -> None:
        """The process is there and waits: from here on no other supervisor starts a second."""
        service.ours = True
        service.process = processes.identity(pid) or (pid, 0)
        service.last_pid = pid
        self.noting.service(service)

    def _penalise(self, service: Service) -> None:
        service.last_status = 78 << 8
        self._later(service, "throttle", max(PENALTY_SECONDS, service.job.when.throttle), "due")

    def _terminate(self, service: Service) -> None:
        service.ended_by_us = True
        self._signal(service, signal.SIGTERM)
        if service.job.process.grace:
            self._later(service, "exit", service.job.process.grace, "overdue")

    def _terminate_to_restart(self, service: Service) -> None:
        service.restarting = True
        self._terminate(service)

    def _terminate_to_remove(self, service: Service) -> None:
        service.removing = True
        self._terminate(service)

    def _restart_after(self, service: Service) -> None:
        service.restarting = True

    def _remove_after(self, service: Service) -> None:
        service.removing = True

    def _kill(self, service: Service) -> None:
        self.log.write(service.label, "did not end after SIGTERM; sending SIGKILL")
        self._signal(service, signal.SIGKILL)
        self._later(service, "exit", KILL_SECONDS, "overdue")

    def _complain(self, service: Service) -> None:
        self.log.write(service.label, f"still lives {KILL_SECONDS} seconds after SIGKILL")
        self.tell_waiting(service)

    def _signal(self, service: Service, number: int) -> None:
        if service.process is not None:
            processes.send(service.process, number)

    def _account(self, service: Service) -> None:
        """The main process is gone: what it left behind ends too, and what comes next is due."""
        service.cancel("exit", "throttle")
        process, service.process = service.process, None
        if process is not None and not service.job.process.abandon_group:
            self._children.end_leftovers(service, process[0])
        service.crashes = service.crashes + 1 if conditions.crashed(service) else 0
        self.log.write(service.label, epitaph(service))
        if not service.removing:
            self.triggers.reopen_sockets(service)
        self._others_changed(service)
        if service.removing:
            self.transition(service, "remove")
        elif service.restarting:
            self.transition(service, "start")
        elif service.pending or conditions.wants_to_run(self, service, loading=False):
            self.demand(service, service.pending or "semaphore")
        else:
            self.triggers.recheck(service)

    def _forget(self, service: Service) -> None:
        service.cancel()
        self.triggers.disarm(service)
        self.drop(service)
        self.tell_waiting(service)
        self._others_changed(service)

    def _others_changed(self, changed: Service) -> None:
        """Jobs whose KeepAlive looks at other jobs look again."""
        for service in self.lookers(changed):
            self.demand(service, "semaphore")

    def _later(self, service: Service, name: str, seconds: float, event: str) -> None:
        service.cancel(name)
        service.timers[name] = self.loop.after(
            seconds, lambda: self.transition(service, event)
        )
