"""All registered services, and the one place where a service changes its state."""

from __future__ import annotations

import os
import signal
import socket
import time

from launchd_shim.supervisor import conditions, processes
from launchd_shim.supervisor.service import Service
from launchd_shim.supervisor.spawn import SpawnFailed
from launchd_shim.supervisor.states import TABLE
from launchd_shim.supervisor.triggers import Triggers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launchd_shim.job import Job
    from launchd_shim.supervisor.launcher import Launcher
    from launchd_shim.supervisor.log import Log
    from launchd_shim.supervisor.loop import Loop
    from launchd_shim.supervisor.noting import Noting

#: How long a job that could not be executed waits for its next try.
PENALTY_SECONDS = 10
#: How long after SIGKILL somebody who waits for the end is told that it has not come.
KILL_SECONDS = 5
#: How long until sockets that could not be had are tried again.
SOCKET_SECONDS = 1


class Services:
    """The registry. ``noting`` keeps what the next supervisor must know."""

    def __init__(
        self, root: str, loop: Loop, log: Log, launcher: Launcher, noting: Noting
    ) -> None:
        self.root = root
        self.loop = loop
        self.log = log
        self.launcher = launcher
        self.noting = noting
        self.all: dict[tuple[str, str], Service] = {}
        #: Those whose KeepAlive depends on other jobs.
        self._lookers: dict[tuple[str, str], Service] = {}
        self._children: dict[int, Service] = {}
        self._waiting: dict[tuple[str, str], list[Callable[[], None]]] = {}
        self._triggers = Triggers(self)

    def host(self, path: str) -> str:
        """The host path of a path that launchd itself opens."""
        if self.root and (path == self.root or path.startswith(self.root + "/")):
            return path
        return self.root + path

    def find(self, domain: str, label: str) -> Service | None:
        """The service with this label in a domain."""
        return self.all.get((domain, label))

    def has_process(self, domain: str, label: str) -> bool:
        """Whether a job is loaded and has a process."""
        service = self.find(domain, label)
        return service is not None and service.process is not None

    # -- registering ---------------------------------------------------------------------------

    def register(
        self, domain: str, job: Job, path: str | None, submitter: str | None = None
    ) -> Service:
        """Add a job; it is started by ``activate``, when all jobs of a request are there.

        Raises OSError if one of its sockets cannot be made.
        """
        service = self.enter(domain, job, path, submitter)
        try:
            self._triggers.open_sockets(service)
        except OSError:
            self._drop(service)
            raise
        return service

    def enter(
        self, domain: str, job: Job, path: str | None, submitter: str | None
    ) -> Service:
        """Add a job whose sockets its running process may have."""
        service = Service(domain, job, path, submitter)
        self.all[service.key] = service
        if conditions.looks_at_others(service):
            self._lookers[service.key] = service
        return service

    def _drop(self, service: Service) -> None:
        self.all.pop(service.key, None)
        self._lookers.pop(service.key, None)

    def change_environment(self, domain: str, values: dict[str, str | None]) -> None:
        """Set variables of a domain, or remove them where the value is None (setenv)."""
        variables = self.launcher.environment.setdefault(domain, {})
        for name, value in values.items():
            if value is None:
                variables.pop(name, None)
            else:
                variables[name] = value
        if values:
            self.noting.values("environment", self.launcher.environment)

    def reopen_sockets(self, service: Service) -> None:
        """Have the sockets again that an adopted process had. Somebody may still hold one:
        then again a little later."""
        if service.sockets or not service.job.when.sockets or service.state == "gone":
            return
        try:
            self._triggers.open_sockets(service)
        except OSError as error:
            self.log.write(service.label, f"its sockets cannot be made yet: {error}")
            service.timers["sockets"] = self.loop.after(
                SOCKET_SECONDS, lambda: (self.reopen_sockets(service),
                                         self._triggers.recheck(service)))

    def activate(self, service: Service) -> None:
        """Arm a registered job and start it if it is to run at load."""
        self._triggers.arm(service)
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
        self._attach(service, process)

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

    def when_gone(self, key: tuple[str, str], call: Callable[[], None]) -> None:
        """Call once when the service with this key is gone."""
        self._waiting.setdefault(key, []).append(call)

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
        self._children[pid] = service
        self._attach(service, service.process or (pid, 0))
        self.log.write(service.label, f"started with pid {pid}: {service.reason}")

    def _registered(self, service: Service, pid: int) -> None:
        """The process is there and waits: from here on no other supervisor starts a second."""
        service.ours = True
        service.process = processes.identity(pid) or (pid, 0)
        service.last_pid = pid
        self.noting.service(service)

    def _attach(self, service: Service, process: processes.Identity) -> None:
        service.process = process
        try:
            service.pidfd = os.pidfd_open(process[0])
        except OSError:
            self.loop.after(0, lambda: self._ended(service))
            return
        self.loop.watch(service.pidfd, lambda: self._ended(service))

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
        self._tell_waiting(service)

    def _signal(self, service: Service, number: int) -> None:
        if service.process is not None:
            processes.send(service.process, number)

    def _account(self, service: Service) -> None:
        """The main process is gone: what it left behind ends too, and what comes next is due."""
        service.cancel("exit", "throttle")
        process, service.process = service.process, None
        if process is not None and not service.job.process.abandon_group:
            self._end_leftovers(service, process[0])
        service.crashes = service.crashes + 1 if conditions.crashed(service) else 0
        self.log.write(service.label, _epitaph(service))
        if not service.removing:
            self.reopen_sockets(service)
        self._others_changed(service)
        if service.removing:
            self.transition(service, "remove")
        elif service.restarting:
            self.transition(service, "start")
        elif service.pending or conditions.wants_to_run(self, service, loading=False):
            self.demand(service, service.pending or "semaphore")
        else:
            self._triggers.recheck(service)

    def _forget(self, service: Service) -> None:
        service.cancel()
        self._triggers.disarm(service)
        self._drop(service)
        self._tell_waiting(service)
        self._others_changed(service)

    def accept(self, service: Service, listener: int) -> None:
        """inetd without waiting: one process for each connection, which is its standard streams."""
        with socket.socket(fileno=os.dup(listener)) as listening:
            try:
                connection, _ = listening.accept()
            except OSError as error:
                self.log.write(service.label, f"could not accept a connection: {error}")
                return
        with connection:
            service.runs += 1
            try:
                self.launcher.start(service, connection=connection.fileno())
            except (SpawnFailed, OSError) as error:
                self.log.write(service.label, f"could not be started: {error}")

    # -- the ends of processes -----------------------------------------------------------------

    def _ended(self, service: Service) -> None:
        """A pidfd became readable."""
        process, fd = service.process, service.pidfd
        if process is None:
            return
        if fd is not None:
            self.loop.forget(fd)
            os.close(fd)
            service.pidfd = None
        service.last_status = None
        if service.ours:
            self._children.pop(process[0], None)
            try:
                service.last_status = os.waitpid(process[0], 0)[1]
            except ChildProcessError:
                service.ours = False
        self.transition(service, "exited")
        self.reap()

    def reap(self) -> None:
        """Take the ends of processes that jobs left to us; main processes have their pidfd."""
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None or found.si_pid in self._children:
                return
            os.waitpid(found.si_pid, 0)

    def _end_leftovers(self, service: Service, leader: int) -> None:
        # What a job that ends of its own accord has made a daemon stays, as on macOS (pm2 does
        # that); its group ends (spec 3.3).
        status = service.last_status
        itself = not service.ended_by_us and status is not None and os.WIFEXITED(status)
        left = processes.leftovers(leader, None if itself else service.label)
        for process in left:
            processes.send(process, signal.SIGTERM)
        if left and service.job.process.grace:
            self.loop.after(service.job.process.grace, lambda: [
                processes.send(process, signal.SIGKILL) for process in left
            ])

    def _others_changed(self, changed: Service) -> None:
        """Jobs whose KeepAlive looks at other jobs look again."""
        for service in list(self._lookers.values()):
            if service is not changed and service.state == "idle" and (
                conditions.wants_to_run(self, service, False)
            ):
                self.demand(service, "semaphore")

    def _tell_waiting(self, service: Service) -> None:
        for call in self._waiting.pop(service.key, []):
            call()

    def _later(self, service: Service, name: str, seconds: float, event: str) -> None:
        service.cancel(name)
        service.timers[name] = self.loop.after(
            seconds, lambda: self.transition(service, event)
        )


def _epitaph(service: Service) -> str:
    status = service.last_status
    if status is None:
        return "ended; its status is not known, another supervisor had started it"
    if os.WIFSIGNALED(status):
        return f"exited due to signal {os.WTERMSIG(status)}"
    code = os.waitstatus_to_exitcode(status)
    return f"Service exited with abnormal code: {code}" if code else "exited with 0"
