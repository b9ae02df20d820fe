"""Getting jobs into the registry: from property lists, from the boot directories, from the
supervisor before us."""

from __future__ import annotations

import os
import plistlib
import time

from launchd_shim import loading
from launchd_shim.darwin_errors import from_host
from launchd_shim.eligible import DISABLED, disabled, misfit
from launchd_shim.plistpath import members, read
from launchd_shim.refusal import Refused
from launchd_shim.supervisor import sockets
from launchd_shim.supervisor.accounts import uid_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launchd_shim.job import Job
    from launchd_shim.supervisor.overrides import Overrides
    from launchd_shim.supervisor.persist import Memory
    from launchd_shim.supervisor.service import Service
    from launchd_shim.supervisor.services import Services

#: launchd's error number for a label that is there already, or sockets that cannot be had.
EIO = 5

#: How long after a boot a load of what it has loaded counts as the request that caused it.
_BOOT_SECONDS = 5.0

#: What hw.KEY of sysctl would be.
_FACTS = {"machine": os.uname().machine}
_SESSIONS = {"system": "System", "gui": "Aqua", "user": "Background"}


class Loader:
    """Loads, submits and takes over jobs."""

    def __init__(self, services: Services) -> None:
        self._services = services
        #: What the boot has loaded, and when.
        self._booted: dict[Service, float] = {}
        self._booting = False

    def load(self, domain: str, host: str, force: bool, overrides: Overrides, uid: int) -> int:
        """Register and activate the job in a property list that root, the domain's user or the
        caller ``uid`` owns (8.15); returns launchd's error number."""
        owners = {0, uid, os.geteuid() if domain == "system" else uid_of(domain)}
        try:
            service = self._register(domain, host, force, overrides, owners)
        except Refused as refused:
            self._services.log.write("launchd", f"{refused.path}: {refused.detail}")
            return refused.code
        if isinstance(service, int):
            return service
        if not self._has_just_booted(service):
            self._services.activate(service)
        self._booted.pop(service, None)
        return 0

    def _has_just_booted(self, service: Service) -> bool:
        """Whether the boot that a first ``launchctl load`` caused has already loaded the very
        file that it asks for: then it gets what it wants, and no error."""
        return time.monotonic() - self._booted.get(service, float("-inf")) < _BOOT_SECONDS

    def _register(
        self, domain: str, host: str, force: bool, overrides: Overrides, owners: set[int]
    ) -> Service | int:
        data = read(host, host, owners)
        loaded = loading.load_bytes(data, host)
        job = loaded.job
        for note in loaded.notes:
            self._services.log.write(job.label, note.text)
        known = self._services.find(domain, job.label)
        if known is not None:
            if known.path == host and self._has_just_booted(known):
                return known
            self._services.log.write(job.label, f"{host}: already loaded")
            return EIO
        if not force and disabled(job, overrides.all().get(job.label), _FACTS):
            return DISABLED
        misplaced = misfit(job, _SESSIONS[domain.partition("/")[0]], _FACTS)
        if misplaced is not None:
            return misplaced
        return self._accepted(domain, job, host, None, data)

    def _accepted(
        self, domain: str, job: Job, path: str | None, submitter: str | None, data: bytes
    ) -> Service | int:
        try:
            service = self._services.register(domain, job, path, submitter)
        except OSError as error:
            self._services.log.write(job.label, f"its sockets cannot be made: {error}")
            return EIO
        unnoted = self._services.noting.job(service, data)
        if unnoted is not None and not self._booting:
            # Better none than one that the next supervisor would not know.
            self._services.transition(service, "remove")
            return from_host(unnoted.errno or 0)
        return service

    def label_of(self, host: str) -> str | None:
        """The label in a property list, None if it is none."""
        try:
            return loading.load(host).job.label
        except Refused:
            return None

    def submit(self, domain: str, request: dict[str, Any]) -> int:
        """Register and start a job without a property list; returns launchd's error number."""
        content = {
            "Label": str(request["label"]), "KeepAlive": True, "RunAtLoad": True,
            "ProgramArguments": [str(word) for word in request["arguments"]],
            **{key: str(request[name]) for key, name in (
                ("Program", "program"), ("StandardOutPath", "stdout"),
                ("StandardErrorPath", "stderr")) if request.get(name)},
        }
        data = plistlib.dumps(content)
        try:
            job = loading.load_bytes(data, "(submitted)").job
        except Refused as refused:
            return refused.code
        if self._services.find(domain, job.label) is not None:
            return EIO
        service = self._accepted(domain, job, None, str(request.get("submitter", "launchctl")),
                                 data)
        if isinstance(service, int):
            return service
        self._services.activate(service)
        return 0

    # -- boot ----------------------------------------------------------------------------------

    def boot(self, overrides: Overrides) -> None:
        """Load the daemons of the boot directories: all registered first, then activated."""
        found = []
        self._booting = True
        for directory in self._services.launcher.daemons:
            host = self._services.host(directory)
            for name in members(host) if os.path.isdir(host) else ():
                try:
                    service = self._register("system", f"{host}/{name}", False, overrides,
                                             {0, os.geteuid()})
                except Refused as refused:
                    self._services.log.write("launchd", f"{refused.path}: {refused.detail}")
                    continue
                if not isinstance(service, int):
                    found.append(service)
        self._booting = False
        for service in found:
            self._services.activate(service)
            self._booted[service] = time.monotonic()

    def take_over(self, memory: Memory) -> None:
        """Go on with the jobs of the supervisor before us, without starting what still runs."""
        found = []
        for state, plist in memory.services():
            try:
                job = loading.load(state["path"] or "(submitted)", plist).job
            except Refused as error:
                self._services.log.write(str(state.get("label")), f"was not taken over: {error}")
                continue
            service = self._services.enter(
                state["domain"], job, state["path"], state["submitter"])
            sockets.recall(job.when.sockets,
                           self._services.launcher.environment.get(service.domain, {}))
            service.runs, service.last_status = state["runs"], state["last_status"]
            service.demanded = state["demanded"]
            found.append((service, state))
        for service, state in found:
            self._resume(service, state)

    def _resume(self, service: Service, state: dict[str, Any]) -> None:
        process = state["process"]
        if process and self._services.lives(tuple(process)):
            self._services.adopt(service, tuple(process))
            self._services.log.write(service.label, f"taken over with pid {process[0]}")
        else:
            self._services.triggers.reopen_sockets(service)
        self._services.activate(service)
        if state["removing"] or state["state"] in ("terminating", "killed"):
            event = "remove" if state["removing"] else "stop"
            self._services.transition(service, event)
