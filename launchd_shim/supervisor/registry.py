"""Which services there are, and who waits for one to be gone."""

from __future__ import annotations

from launchd_shim.supervisor import conditions
from launchd_shim.supervisor.service import Service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from launchd_shim.job import Job


class Registry:
    """The services of a root by domain and label; what KeepAlive's conditions ask about others."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.all: dict[tuple[str, str], Service] = {}
        #: Those whose KeepAlive depends on other jobs.
        self._lookers: dict[tuple[str, str], Service] = {}
        self._waiting: dict[tuple[str, str], list[Callable[[], None]]] = {}

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

    def enter(
        self, domain: str, job: Job, path: str | None, submitter: str | None
    ) -> Service:
        """Add a job whose sockets its running process may have."""
        service = Service(domain, job, path, submitter)
        self.all[service.key] = service
        if conditions.looks_at_others(service):
            self._lookers[service.key] = service
        return service

    def drop(self, service: Service) -> None:
        """Take a service out."""
        self.all.pop(service.key, None)
        self._lookers.pop(service.key, None)

    def lookers(self, changed: Service) -> Iterator[Service]:
        """The idle services that want to run now that another one has changed. Each is looked at
        when its turn comes: starting one may decide about the next."""
        for service in list(self._lookers.values()):
            if (service is not changed and service.state == "idle"
                    and conditions.wants_to_run(self, service, loading=False)):
                yield service

    def when_gone(self, key: tuple[str, str], call: Callable[[], None]) -> None:
        """Call once when the service with this key is gone."""
        self._waiting.setdefault(key, []).append(call)

    def tell_waiting(self, service: Service) -> None:
        """Call those who wait for a service to be gone."""
        for call in self._waiting.pop(service.key, []):
            call()
