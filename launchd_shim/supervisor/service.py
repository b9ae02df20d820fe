"""One registered job and what has become of it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.job import Job
    from launchd_shim.supervisor.loop import Timer
    from launchd_shim.supervisor.processes import Identity


class Service:
    """A job in a domain. ``state`` is changed by ``Services.transition`` alone."""

    def __init__(self, domain: str, job: Job, path: str | None, submitter: str | None) -> None:
        self.domain = domain
        self.job = job
        self.path = path
        self.submitter = submitter
        self.state = "idle"
        self.runs = 0
        self.crashes = 0
        self.process: Identity | None = None
        self.pidfd: int | None = None
        #: The pid of the last process, also after its end.
        self.last_pid: int | None = None
        #: Whether the process is our child: only then can its status be had.
        self.ours = True
        self.last_start: float | None = None
        #: wait(2) status of the last run; None if it never ended, or ended unseen.
        self.last_status: int | None = None
        self.reason: str | None = None
        self.pending: str | None = None
        self.restarting = False
        self.removing = False
        self.demanded = False
        self.ended_by_us = False
        self.timers: dict[str, Timer] = {}
        self.sockets: dict[str, list[int]] = {}

    @property
    def label(self) -> str:
        """The job's label."""
        return self.job.label

    @property
    def key(self) -> tuple[str, str]:
        """What names a service: its domain and label."""
        return self.domain, self.job.label

    def cancel(self, *names: str) -> None:
        """Take timers back; all if none is named."""
        for name in names or list(self.timers):
            timer = self.timers.pop(name, None)
            if timer is not None:
                timer.cancel()
