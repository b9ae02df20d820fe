"""Having the next supervisor know, also when the disk cannot take it for a while."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launchd_shim.supervisor.log import Log
    from launchd_shim.supervisor.loop import Loop, Timer
    from launchd_shim.supervisor.persist import Memory
    from launchd_shim.supervisor.service import Service

#: How long after a failure everything that is owed is tried again.
RETRY_SECONDS = 1.0


class Noting:
    """Writes to the memory. What a disk cannot take stops no job: it is logged and owed."""

    def __init__(self, memory: Memory, loop: Loop, log: Log) -> None:
        self._memory = memory
        self._loop = loop
        self._log = log
        self._timer: Timer | None = None

    def settle(self) -> None:
        """Write what is owed."""
        self._try("launchd", self._memory.settle)

    def service(self, service: Service) -> None:
        """Note what has become of a service."""
        gone = service.state == "gone"
        note = self._memory.forget if gone else self._memory.remember
        self._try(service.label, lambda: note(service))

    def job(self, service: Service, plist: bytes) -> OSError | None:
        """Note a new service and its property list; returns why it could not be noted."""
        return self._try(service.label, lambda: self._memory.remember_job(service, plist))

    def values(self, name: str, content: object) -> None:
        """Note something of launchd's own: the environment, the limits."""
        self._try("launchd", lambda: self._memory.remember_values(name, content))

    def _try(self, label: str, note: Callable[[], None]) -> OSError | None:
        try:
            note()
        except OSError as error:
            self._log.write(label, f"could not be noted for the next supervisor: {error}")
            self._retry_later()
            return error
        return None

    def _retry_later(self) -> None:
        if self._timer is None:
            self._timer = self._loop.after(RETRY_SECONDS, self._retry)

    def _retry(self) -> None:
        self._timer = None
        try:
            self._memory.settle()
        except OSError:
            self._retry_later()
        else:
            self._log.write("launchd", "the next supervisor will know everything again")
