"""The ends of processes: of the services' own, and of what those leave behind (spec 3.3)."""

from __future__ import annotations

import os
import signal

from launchd_shim.supervisor import processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launchd_shim.supervisor.loop import Loop
    from launchd_shim.supervisor.service import Service


class Children:
    """Watches the main processes of services; ``ended`` is told when one is gone."""

    def __init__(self, loop: Loop, ended: Callable[[Service], None]) -> None:
        self._loop = loop
        self._tell = ended
        #: The services whose processes are children of ours.
        self._own: dict[int, Service] = {}

    def add(self, service: Service, pid: int) -> None:
        """A child of ours is a service's process now."""
        self._own[pid] = service

    def watch(self, service: Service, process: processes.Identity) -> None:
        """Wait for the end of a service's process, whoever's child it is."""
        service.process = process
        try:
            service.pidfd = os.pidfd_open(process[0])
        except OSError:
            self._loop.after(0, lambda: self._ended(service))
            return
        self._loop.watch(service.pidfd, lambda: self._ended(service))

    def _ended(self, service: Service) -> None:
        """A pidfd became readable."""
        process, fd = service.process, service.pidfd
        if process is None:
            return
        if fd is not None:
            self._loop.forget(fd)
            os.close(fd)
            service.pidfd = None
        service.last_status = None
        if service.ours:
            self._own.pop(process[0], None)
            try:
                service.last_status = os.waitpid(process[0], 0)[1]
            except ChildProcessError:
                service.ours = False
        self._tell(service)
        self.reap()

    def reap(self) -> None:
        """Take the ends of processes that jobs left to us; main processes have their pidfd."""
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None or found.si_pid in self._own:
                return
            os.waitpid(found.si_pid, 0)

    def end_leftovers(self, service: Service, leader: int) -> None:
        """End what a service's process, the ``leader``, has left behind.

        What a job that ends of its own accord has made a daemon stays, as on macOS (pm2 does
        that); its group ends.
        """
        status, grace = service.last_status, service.job.process.grace
        itself = not service.ended_by_us and status is not None and os.WIFEXITED(status)
        left = processes.leftovers(leader, None if itself else service.label)
        _send(left, signal.SIGTERM)
        if left and grace:
            self._loop.after(grace, lambda: _send(left, signal.SIGKILL))


def _send(left: list[processes.Identity], number: int) -> None:
    for process in left:
        processes.send(process, number)


def epitaph(service: Service) -> str:
    """How the last run ended, for the log."""
    status = service.last_status
    if status is None:
        return "ended; its status is not known, another supervisor had started it"
    if os.WIFSIGNALED(status):
        return f"exited due to signal {os.WTERMSIG(status)}"
    code = os.waitstatus_to_exitcode(status)
    return f"Service exited with abnormal code: {code}" if code else "exited with 0"
