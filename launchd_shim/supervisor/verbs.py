"""What each verb of the control protocol does: the method that is called do_ and the verb.

It takes the request, the domain and what answers. It returns the fields of the answer, or None when
it answers later. It raises Refused, OSError, or what a request of the wrong form leads to.
"""

from __future__ import annotations

import os
import time

from launchd_shim.supervisor import processes
from launchd_shim.supervisor.accounts import uid_of
from launchd_shim.supervisor.described import described, listed
from launchd_shim.supervisor.overrides import Overrides
from launchd_shim.supervisor.services import KILL_SECONDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from launchd_shim.supervisor.boot import Loader
    from launchd_shim.supervisor.server import Reply
    from launchd_shim.supervisor.service import Service
    from launchd_shim.supervisor.services import Services
    from launchd_shim.supervisor.settings import Settings

    Fields = dict[str, Any]

# launchd's error numbers (spec/launchd.md 2.3)
ESRCH, EIO, EINPROGRESS = 3, 5, 36
NO_SERVICE = 113


class Refused(Exception):
    """A request ends with an error number."""

    def __init__(self, error: int) -> None:
        super().__init__(error)
        self.error = error


class Verbs:
    """The verbs. ``loader`` reads plists, ``settings`` are config's and limit's.

    ``bringup_ms`` is how long the system's domain took until it was served.
    """

    def __init__(self, services: Services, loader: Loader, settings: Settings,
                 shut_down: Callable[[], None]) -> None:
        self._services = services
        self._loader = loader
        self._environment = services.launcher.environment
        self._settings = settings
        self.bringup_ms = 0
        self._shut_down = shut_down

    def _overrides(self, domain: str) -> Overrides:
        return Overrides(self._services.root, None if domain == "system" else uid_of(domain))

    # -- registering ---------------------------------------------------------------------------

    def do_bootstrap(self, request: Fields, domain: str, reply: Reply) -> Fields:
        error = self._loader.load(domain, str(request["path"]), bool(request.get("force")),
                                  self._overrides(domain), int(request["uid"]))
        if error:
            raise Refused(error)
        return {}

    def do_bootout(self, request: Fields, domain: str, reply: Reply) -> None:
        service = self._named_or_at(request, domain)
        answered: list[int] = []

        def answer(error: int) -> None:
            if not answered:
                answered.append(error)
                reply({"error": error})

        patience = (service.job.process.grace or 0) + KILL_SECONDS
        self._services.when_gone(service.key, lambda: answer(0))
        self._services.loop.after(patience, lambda: answer(EINPROGRESS))
        self._services.transition(service, "remove")

    def _named_or_at(self, request: Fields, domain: str) -> Service:
        path = request.get("path")
        if path is None:
            service = self._services.find(domain, str(request["label"]))
            if service is None:
                raise Refused(ESRCH)
            return service
        for service in self._services.all.values():
            if service.domain == domain and service.path and _same(service.path, str(path)):
                return service
        label = self._loader.label_of(str(path))
        service = None if label is None else self._services.find(domain, label)
        if service is None:
            raise Refused(EIO if os.path.exists(str(path)) else 2)
        return service

    def do_remove(self, request: Fields, domain: str, reply: Reply) -> Fields:
        self._services.transition(self._service(request, domain, ESRCH), "remove")
        return {}

    def do_submit(self, request: Fields, domain: str, reply: Reply) -> Fields:
        error = self._loader.submit(domain, request)
        if error:
            raise Refused(error)
        return {}

    # -- running -------------------------------------------------------------------------------

    def do_kickstart(self, request: Fields, domain: str, reply: Reply) -> Fields | None:
        service = self._service(request, domain)
        if request.get("kill"):
            self._services.restart(service)
        else:
            self._services.start(service)
        if service.state in ("terminating", "killed"):
            self._answer_when_restarted(service, service.process, reply)
            return None
        if service.state == "scheduled":
            raise Refused(EIO)  # it could not be executed
        return {"pid": service.process[0] if service.process else service.last_pid}

    def _answer_when_restarted(
        self, service: Service, old: processes.Identity | None, reply: Reply
    ) -> None:
        """Look again until the new process is there; the old one has its exit timeout to end."""
        end = time.monotonic() + (service.job.process.grace or 0) + KILL_SECONDS

        def look() -> None:
            if service.process is not None and service.process != old:
                reply({"error": 0, "pid": service.process[0]})
            elif time.monotonic() > end or service.state in ("gone", "idle"):
                reply({"error": EINPROGRESS})
            else:
                self._services.loop.after(0.01, look)

        look()

    def do_start(self, request: Fields, domain: str, reply: Reply) -> Fields:
        self._services.start(self._service(request, domain, ESRCH))
        return {}

    def do_stop(self, request: Fields, domain: str, reply: Reply) -> Fields:
        service = self._service(request, domain, ESRCH)
        if service.process is None:
            raise Refused(ESRCH)
        self._services.transition(service, "stop")
        return {}

    def do_kill(self, request: Fields, domain: str, reply: Reply) -> Fields:
        service = self._service(request, domain)
        number = int(request["signal"])
        if service.process is None or not processes.send(service.process, number):
            raise Refused(ESRCH)
        return {}

    # -- overrides -----------------------------------------------------------------------------

    def do_enable(self, request: Fields, domain: str, reply: Reply) -> Fields:
        return self._override(request, domain, disabled=False)

    def do_disable(self, request: Fields, domain: str, reply: Reply) -> Fields:
        return self._override(request, domain, disabled=True)

    def _override(self, request: Fields, domain: str, disabled: bool) -> Fields:
        self._overrides(domain).set(str(request["label"]), disabled)
        return {}

    def do_disabled(self, request: Fields, domain: str, reply: Reply) -> Fields:
        return {"disabled": self._overrides(domain).all()}

    # -- looking -------------------------------------------------------------------------------

    def do_list(self, request: Fields, domain: str, reply: Reply) -> Fields:
        return {"jobs": [listed(service) for service in self._in(domain)]}

    def do_service(self, request: Fields, domain: str, reply: Reply) -> Fields:
        service = self._service(request, domain)
        return {"service": {**described(service, self._environment.get(domain, {})),
                            "default_path": self._settings.path(domain)}}

    def do_domain(self, request: Fields, domain: str, reply: Reply) -> Fields:
        kind = domain.partition("/")[0]
        return {"domain": {
            "name": domain, "uid": uid_of(domain),
            "type": {"gui": "login"}.get(kind, kind),
            "services": [listed(service) for service in self._in(domain)],
            "disabled": self._overrides(domain).all(),
            "environment": self._environment.get(domain, {}),
            # A user's domain is there as soon as it is used (8.14).
            "bringup_ms": self.bringup_ms if domain == "system" else 0,
        }}

    def do_ping(self, request: Fields, domain: str, reply: Reply) -> Fields:
        return {"pid": os.getpid()}

    def do_limit(self, request: Fields, domain: str, reply: Reply) -> Fields:
        return {"limits": self._settings.shown()}

    def do_setlimit(self, request: Fields, domain: str, reply: Reply) -> Fields:
        self._settings.limit(str(request["name"]), int(request["soft"]), int(request["hard"]))
        self._services.noting.values("limits", self._settings.limits)
        return {}

    # -- environment ---------------------------------------------------------------------------

    def do_setenv(self, request: Fields, domain: str, reply: Reply) -> Fields:
        self._services.change_environment(domain, {
            str(key): None if value is None else str(value)
            for key, value in request["values"].items()})
        return {}

    def do_getenv(self, request: Fields, domain: str, reply: Reply) -> Fields:
        return {"values": self._environment.get(domain, {})}

    def do_shutdown(self, request: Fields, domain: str, reply: Reply) -> Fields:
        self._services.loop.after(0, self._shut_down)
        return {}

    # -- finding -------------------------------------------------------------------------------

    def _service(self, request: Fields, domain: str, missing: int = NO_SERVICE) -> Service:
        service = self._services.find(domain, str(request["label"]))
        if service is None:
            raise Refused(missing)
        return service

    def _in(self, domain: str) -> list[Service]:
        return [service for service in self._services.all.values() if service.domain == domain]


def _same(one: str, other: str) -> bool:
    return one == other or os.path.realpath(one) == os.path.realpath(other)
