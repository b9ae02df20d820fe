"""What survives the supervisor: its jobs, and which processes are theirs.

Below ``<root>/private/var/run/launchd`` each service has the property list it was loaded from
(editing the original has no effect on a loaded job) and a small state file, replaced whole. The
machine's own death ends the processes too, so nothing here needs an fsync.
"""

from __future__ import annotations

import json
import os
from urllib.parse import quote

from dirserv.files import read, write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.supervisor.service import Service


class Memory:
    """The state directory of a root. A disk that cannot take it is told to ``complain``, and
    the jobs go on."""

    def __init__(self, root: str) -> None:
        self.path = f"{root}/private/var/run/launchd"

    def begin(self) -> bool:
        """Make the directory; returns whether it holds the state of this boot."""
        os.makedirs(self.path, mode=0o700, exist_ok=True)
        os.chmod(self.path, 0o700)
        boot = read(self.path + "/boot")
        if boot is not None and boot.decode("ascii", "replace") == _boot_id():
            return True
        for name in os.listdir(self.path):
            os.unlink(f"{self.path}/{name}")
        self._write("boot", _boot_id().encode())
        return False

    def remember_job(self, service: Service, plist: bytes) -> None:
        """Keep the property list of a new service."""
        self._write(_name(service) + ".plist", plist)

    def remember(self, service: Service) -> None:
        """Keep what has become of a service."""
        self._write(_name(service) + ".state", json.dumps({
            "domain": service.domain, "label": service.label, "path": service.path,
            "submitter": service.submitter, "process": service.process, "runs": service.runs,
            "last_status": service.last_status, "removing": service.removing,
            "demanded": service.demanded, "state": service.state,
        }).encode())

    def forget(self, service: Service) -> None:
        """A service is gone."""
        for end in (".state", ".plist"):
            path = f"{self.path}/{_name(service)}{end}"
            if os.path.lexists(path):
                os.unlink(path)

    def remember_environment(self, environment: dict[str, dict[str, str]]) -> None:
        """Keep what setenv has set."""
        self._write("environment", json.dumps(environment).encode())

    def environment(self) -> dict[str, dict[str, str]]:
        """What setenv had set."""
        found = _loaded(read(self.path + "/environment"))
        return found if isinstance(found, dict) else {}

    def services(self) -> list[tuple[dict, str]]:
        """The services that were there: their state, and the path of their property list."""
        found = []
        for name in sorted(os.listdir(self.path)):
            if name.endswith(".state"):
                plist = f"{self.path}/{name[:-len('.state')]}.plist"
                state = _loaded(read(f"{self.path}/{name}"))
                if isinstance(state, dict) and os.path.exists(plist):
                    found.append((state, plist))
        return found

    def _write(self, name: str, data: bytes) -> None:
        fresh = f"{self.path}/.{name}.new"
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW,
                     0o600)
        try:
            write_all(fd, data)
        finally:
            os.close(fd)
        os.rename(fresh, f"{self.path}/{name}")


def _name(service: Service) -> str:
    return quote(f"{service.domain}/{service.label}", safe="")


def _loaded(data: bytes | None) -> object:
    try:
        return json.loads(data or b"null")
    except ValueError:
        return None


def _boot_id() -> str:
    """What changes when the machine starts anew: then no process of before lives."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return "unknown"
