"""What makes a registered job want to run: sockets, paths, queues, mounts, time.

Armed when a job is registered; while it runs or is throttled its sockets and paths are not
looked at, because the job looks at them itself (spec/launchd.md 1.2, 3.2).
"""

from __future__ import annotations

import os
import socket
from datetime import datetime
from functools import partial

from launchd_shim.calendar import next_fire
from launchd_shim.supervisor import conditions, sockets
from launchd_shim.supervisor.accounts import UnknownAccount, acting_as, resolve
from launchd_shim.supervisor.spawn import SpawnFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.supervisor.accounts import Account
    from launchd_shim.supervisor.inotify import Watcher
    from launchd_shim.supervisor.mounts import MountWatcher
    from launchd_shim.supervisor.service import Service
    from launchd_shim.supervisor.services import Services

#: How long until sockets that could not be had are tried again.
SOCKET_SECONDS = 1
#: The longest sleep towards a calendar date: the wall clock may be set meanwhile.
_LONGEST_SLEEP = 6 * 3600.0


class Triggers:
    """Arms and disarms the triggers of all services."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._watcher: Watcher | None = None
        self._mounts: MountWatcher | None = None
        self._listening: set[int] = set()

    def open_sockets(self, service: Service) -> None:
        """Make the job's sockets. Raises OSError if one cannot be had."""
        wanted = service.job.when.sockets
        if wanted:
            with acting_as(self._owner(service)):
                service.sockets = sockets.open_all(wanted, self._services.host)
            self._services.change_environment(service.domain, sockets.variables(wanted))

    def reopen_sockets(self, service: Service) -> None:
        """Have the sockets again that an adopted process had. Somebody may still hold one:
        then again a little later."""
        if service.sockets or not service.job.when.sockets or service.state == "gone":
            return
        try:
            self.open_sockets(service)
        except OSError as error:
            self._services.log.write(service.label, f"its sockets cannot be made yet: {error}")
            service.timers["sockets"] = self._services.loop.after(
                SOCKET_SECONDS, lambda: self._retry_sockets(service))

    def _retry_sockets(self, service: Service) -> None:
        self.reopen_sockets(service)
        self.recheck(service)

    def _owner(self, service: Service) -> Account | None:
        """Who makes the sockets of a user's job: that user. Raises OSError if there is none."""
        if service.domain == "system":
            return None
        try:
            return resolve(self._services.root, service.domain, service.job.process)
        except UnknownAccount as error:
            raise PermissionError(1, str(error)) from error

    def arm(self, service: Service) -> None:
        """Begin to watch for everything that may start the job."""
        when = service.job.when
        if when.interval:
            self._every(service, when.interval)
        if when.calendar:
            self._at_next_date(service)
        if when.on_mount:
            self._need_mounts().add(
                service.key, lambda: self._services.demand(service, "launch event"))
        self._watch_paths(service)
        self.recheck(service)

    def disarm(self, service: Service) -> None:
        """Stop watching; its sockets are closed and their files removed."""
        self._deafen(service)
        if service.job.when.sockets:
            self._close_sockets(service)
        if self._mounts is not None:
            self._mounts.remove(service.key)
        if self._watcher is not None:
            for kind in ("watch", "queue", "state"):
                self._watcher.remove((service.key, kind))

    def _close_sockets(self, service: Service) -> None:
        wanted = service.job.when.sockets
        sockets.close_all(service.sockets)
        self._services.change_environment(service.domain, dict.fromkeys(sockets.variables(wanted)))
        try:
            with acting_as(self._owner(service)):
                sockets.remove_paths(wanted, self._services.host)
        except OSError as error:
            self._services.log.write(service.label, f"its sockets could not be removed: {error}")

    def recheck(self, service: Service) -> None:
        """The job is idle: listen to its sockets again, look into its queues."""
        if service.state == "idle":
            self._listen(service)
            self._look_into_queues(service)

    # -- time ----------------------------------------------------------------------------------

    def _every(self, service: Service, seconds: float) -> None:
        def fire() -> None:
            self._every(service, seconds)
            self._services.demand(service, "run interval")

        service.timers["interval"] = self._services.loop.after(seconds, fire)

    def _at_next_date(self, service: Service) -> None:
        now = datetime.now().astimezone()
        date = next_fire(service.job.when.calendar, now)
        if date is None:
            return
        wait = min((date - now).total_seconds(), _LONGEST_SLEEP)

        def fire() -> None:
            due = datetime.now().astimezone() >= date
            self._at_next_date(service)
            if due:
                self._services.demand(service, "calendar interval")

        service.timers["calendar"] = self._services.loop.after(wait, fire)

    # -- paths ---------------------------------------------------------------------------------

    def _watch_paths(self, service: Service) -> None:
        when, host = service.job.when, self._services.host
        states = [] if isinstance(when.keep_alive, bool) else list(when.keep_alive.path_state)
        for kind, paths, call in (
            ("watch", when.watch_paths + when.event_paths,
             lambda: self._services.demand(service, "launch event")),
            ("queue", when.queue_directories, lambda: self._look_into_queues(service)),
            ("state", states, lambda: self._look_at_states(service)),
        ):
            if paths:
                self._need_watcher().add((service.key, kind), [host(path) for path in paths],
                                         call)

    def _need_watcher(self) -> Watcher:
        if self._watcher is None:
            from launchd_shim.supervisor.inotify import Watcher

            self._watcher = Watcher(self._services.loop)
        return self._watcher

    def _need_mounts(self) -> MountWatcher:
        if self._mounts is None:
            from launchd_shim.supervisor.mounts import MountWatcher

            self._mounts = MountWatcher(self._services.loop)
        return self._mounts

    def _look_into_queues(self, service: Service) -> None:
        if service.state != "idle":
            return
        for path in service.job.when.queue_directories:
            try:
                if os.listdir(self._services.host(path)):
                    self._services.demand(service, "launch event")
                    return
            except OSError:
                continue  # a queue that is not there is empty

    def _look_at_states(self, service: Service) -> None:
        if service.state == "idle" and conditions.wants_to_run(self._services, service, False):
            self._services.demand(service, "semaphore")

    # -- sockets -------------------------------------------------------------------------------

    def _listen(self, service: Service) -> None:
        for fd in self._descriptors(service):
            if fd not in self._listening:
                self._listening.add(fd)
                self._services.loop.watch(fd, partial(self._called, service, fd))

    def _deafen(self, service: Service) -> None:
        for fd in self._descriptors(service):
            if fd in self._listening:
                self._listening.discard(fd)
                self._services.loop.forget(fd)

    def _descriptors(self, service: Service) -> list[int]:
        return [fd for descriptors in service.sockets.values() for fd in descriptors]

    def _called(self, service: Service, fd: int) -> None:
        """Somebody connects: the job takes over its sockets, or gets one connection."""
        service.demanded = True
        if service.job.when.inetd_wait is False:
            self._accept(service, fd)
            return
        self._deafen(service)
        self._services.demand(service, "ipc (socket)")

    def _accept(self, service: Service, listener: int) -> None:
        """inetd without waiting: one process for each connection, which is its standard streams."""
        log = self._services.log
        with socket.socket(fileno=os.dup(listener)) as listening:
            try:
                connection, _ = listening.accept()
            except OSError as error:
                log.write(service.label, f"could not accept a connection: {error}")
                return
        with connection:
            service.runs += 1
            try:
                self._services.launcher.start(service, connection=connection.fileno())
            except (SpawnFailed, OSError) as error:
                log.write(service.label, f"could not be started: {error}")
