"""What makes a registered job want to run: sockets, paths, queues, intervals, the calendar.

Armed when a job is registered; while it runs or is throttled its sockets and paths are not
looked at, because the job looks at them itself (spec/launchd.md 1.2, 3.2).
"""

from __future__ import annotations

import os
from datetime import datetime

from launchd_shim.calendar import next_fire
from launchd_shim.supervisor import conditions, sockets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.supervisor.inotify import Watcher
    from launchd_shim.supervisor.service import Service
    from launchd_shim.supervisor.services import Services

#: The longest sleep towards a calendar date: the wall clock may be set meanwhile.
_LONGEST_SLEEP = 6 * 3600.0


class Triggers:
    """Arms and disarms the triggers of all services."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._watcher: Watcher | None = None
        self._listening: set[int] = set()

    def open_sockets(self, service: Service) -> None:
        """Make the job's sockets. Raises OSError if one cannot be had."""
        service.sockets = sockets.open_all(service.job.when.sockets, self._services.host)

    def arm(self, service: Service) -> None:
        """Begin to watch for everything that may start the job."""
        when = service.job.when
        if when.interval:
            self._every(service, when.interval)
        if when.calendar:
            self._at_next_date(service)
        self._watch_paths(service)
        self.recheck(service)

    def disarm(self, service: Service) -> None:
        """Stop watching; its sockets are closed and their files removed."""
        self._deafen(service)
        sockets.close_all(service.sockets)
        sockets.remove_paths(service.job.when.sockets, self._services.host)
        if self._watcher is not None:
            for kind in ("watch", "queue", "state"):
                self._watcher.remove((service.key, kind))

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
                self._services.loop.watch(fd, lambda fd=fd: self._called(service, fd))

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
            self._services.accept(service, fd)
            return
        self._deafen(service)
        self._services.demand(service, "ipc (socket)")
