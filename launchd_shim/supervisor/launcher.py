"""From a service to the process that is to be: environment, account, paths, limits."""

from __future__ import annotations

import os

from launchd_shim.job import STANDARD_PATH
from launchd_shim.supervisor.accounts import UnknownAccount, resolve
from launchd_shim.supervisor.priority import io_priority, niceness
from launchd_shim.supervisor.sockets import seen_on_host
from launchd_shim.supervisor.spawn import Plan, SpawnFailed, start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launchd_shim.supervisor.log import Log
    from launchd_shim.supervisor.service import Service
    from launchd_shim.supervisor.settings import Settings


class Launcher:
    """Starts the processes of jobs in one root (design.md "Roots and prefixes").

    In ``/`` a program is executed as it is; in another tree it is executed in a chroot when we
    may do that and the tree holds the program, else as it is on the host, which is logged once.
    """

    #: The directories of daemons, in the order of boot (spec 3.10).
    daemons: tuple[str, ...] = ("/System/Library/LaunchDaemons", "/Library/LaunchDaemons")

    def __init__(
        self, root: str, log: Log, environment: dict[str, dict[str, str]], settings: Settings
    ) -> None:
        self._root = root
        self._log = log
        self._settings = settings
        #: domain -> what ``launchctl setenv`` has set there
        self.environment = environment
        #: (label, what was said about it once)
        self._told: set[tuple[str, str]] = set()

    def start(
        self,
        service: Service,
        register: Callable[[int], None] = lambda pid: None,
        connection: int | None = None,
    ) -> int:
        """Start the job's process; ``connection`` becomes its standard streams (inetd).

        ``register`` as in ``spawn.start``. Raises SpawnFailed or OSError.
        """
        return start(self._plan(service, connection), register)

    def _plan(self, service: Service, connection: int | None) -> Plan:
        job, process = service.job, service.job.process
        try:
            account = resolve(self._root, service.domain, process)
        except UnknownAccount as error:
            raise SpawnFailed(str(error)) from error
        variables = {"PATH": self._settings.path(service.domain),
                     **self.environment.get(service.domain, {}),
                     **process.environment, "XPC_SERVICE_NAME": service.label,
                     "XPC_FLAGS": "0x0"}
        argv = job.argv
        if job.globbing:
            from launchd_shim.globbing import expand

            homes = {"": account.variables["HOME"]} if account and account.variables else {}
            argv = expand(argv, self._root, process.directory or "/", homes)
        program = job.program if job.program is not None else argv[0]
        plan = Plan(_search(self._root, program), argv, variables)
        self._place(service, plan)
        if account is not None:
            plan.environment = {**account.variables, **plan.environment}
            if os.geteuid() == 0:
                plan.account = (account.uid, account.gid, account.groups)
                plan.agent = service.domain != "system"
            elif account.uid != os.geteuid() and (service.label, "user") not in self._told:
                self._told.add((service.label, "user"))
                self._log.write(service.label, f"runs as uid {os.geteuid()}: launchd is not root")
        self._decorate(service, plan, connection)
        return plan

    def _place(self, service: Service, plan: Plan) -> None:
        """Decide what the program runs in, and where its files are seen from there."""
        process = service.job.process
        inside = bool(self._root) and os.geteuid() == 0 and os.access(
            self._root + plan.program, os.X_OK)
        if self._root and not inside and (service.label, "host") not in self._told:
            self._told.add((service.label, "host"))
            self._log.write(service.label, f"{plan.program} runs as it is on the host")
        prefix = "" if inside else self._root
        plan.chroot = self._root if inside else None
        if prefix:
            plan.environment = {name: seen_on_host(prefix, value)
                                for name, value in plan.environment.items()}
        if process.root and os.geteuid() == 0 and service.domain == "system":
            plan.chroot = self._root + process.root
        plan.directory = self._seen(process.directory, prefix)
        plan.stdio = [self._seen(path, prefix)
                      for path in (process.stdin, process.stdout, process.stderr)]

    def _seen(self, path: str | None, prefix: str) -> str | None:
        if path is None or path == "/dev/null":
            return None
        if self._root and path.startswith(self._root + "/"):
            return path if prefix else path[len(self._root):]
        return prefix + path

    def _decorate(self, service: Service, plan: Plan, connection: int | None) -> None:
        job = service.job.process
        plan.umask = self._settings.umask(service.domain) if job.umask is None else job.umask
        plan.nice, plan.io_priority = niceness(job), io_priority(job)
        plan.soft_limits = {**self._settings.inherited(hard=False), **_lowered(job.soft_limits)}
        plan.hard_limits = {**self._settings.inherited(hard=True), **_lowered(job.hard_limits)}
        plan.suspended = job.suspended
        if connection is None and service.job.when.inetd_wait is True and service.sockets:
            connection = next(iter(service.sockets.values()))[0]
        if connection is not None:
            plan.stdio = [connection, plan.stdio[1] or connection, plan.stdio[2] or connection]
        else:
            plan.descriptors = [(name, fd) for name, fds in service.sockets.items() for fd in fds]


def _lowered(limits: dict[str, int]) -> dict[str, int]:
    return {name.lower(): value for name, value in limits.items()}


def _search(root: str, name: str) -> str:
    """The program that argv[0] means: on the standard path, not on the job's own."""
    if "/" in name:
        return name
    for directory in STANDARD_PATH.split(":"):
        for place in (root, ""):
            if os.access(f"{place}{directory}/{name}", os.X_OK):
                return f"{directory}/{name}"
    raise SpawnFailed(f"{name}: not found in {STANDARD_PATH}")
