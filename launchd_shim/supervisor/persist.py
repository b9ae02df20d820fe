"""What survives the supervisor: its jobs, and which processes are theirs.

Below ``<root>/private/var/run/launchd`` each service has the property list it was loaded from
(editing the original has no effect on a loaded job) and a small state file, replaced whole. The
machine's own death ends the processes too, so nothing here needs an fsync.
"""

from __future__ import annotations

import json
import os
from urllib.parse import quote

from dirserv.files import give, make_directories, owner_of, read, write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launchd_shim.supervisor.service import Service


#: A file up to this long lies in one block, which can be written anew on a full disk.
_BLOCK = 4096


class Memory:
    """The state directory of a root. What cannot be written raises OSError and is owed: kept
    until ``settle`` can write it."""

    def __init__(self, root: str) -> None:
        self.path = f"{root}/private/var/run/launchd"
        self._owner = owner_of(root)
        #: Name of a file -> what is not in it yet.
        self._owed: dict[str, bytes] = {}
        #: Name of a state file -> what we have written into it.
        self._written: dict[str, bytes] = {}

    def begin(self) -> bool:
        """Make the directory; returns whether it holds the state of this boot."""
        make_directories(self.path, self._owner, 0o700)
        os.chmod(self.path, 0o700)
        boot = read(self.path + "/boot")
        if boot is not None and boot.decode("ascii", "replace") == _boot_id():
            return True
        for name in os.listdir(self.path):
            os.unlink(f"{self.path}/{name}")
        self._owed["boot"] = _boot_id().encode()
        return False

    def settle(self) -> None:
        """Write what is owed. Raises OSError if that still cannot be done."""
        for name, data in list(self._owed.items()):
            self._write(name, data)

    def remember_job(self, service: Service, plist: bytes) -> None:
        """Keep a new service with its property list."""
        self._write(_name(service) + ".plist", plist)
        self.remember(service)

    def remember(self, service: Service) -> None:
        """Keep what has become of a service."""
        name = _name(service) + ".state"
        state = json.dumps({
            "domain": service.domain, "label": service.label, "path": service.path,
            "submitter": service.submitter, "process": service.process, "runs": service.runs,
            "last_status": service.last_status, "removing": service.removing,
            "demanded": service.demanded, "state": service.state,
        }).encode()
        if name in self._owed or self._written.get(name) != state:
            self._write(name, state)

    def forget(self, service: Service) -> None:
        """A service is gone."""
        for end in (".state", ".plist"):
            self._owed.pop(_name(service) + end, None)
            self._written.pop(_name(service) + end, None)
            path = f"{self.path}/{_name(service)}{end}"
            if os.path.lexists(path):
                os.unlink(path)

    def remember_values(self, name: str, content: object) -> None:
        """Keep something of launchd's own: ``environment`` (setenv), ``limits``."""
        self._write(name, json.dumps(content).encode())

    def values(self, name: str) -> dict[str, Any]:
        """What was kept under this name."""
        found = _loaded(read(f"{self.path}/{name}"))
        return found if isinstance(found, dict) else {}

    def services(self) -> list[tuple[dict[str, Any], str]]:
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
        self._owed[name] = data
        path, fresh = f"{self.path}/{name}", f"{self.path}/.{name}.new"
        try:
            self._replace(path, fresh, data)
        except OSError:
            if os.path.lexists(fresh):
                os.unlink(fresh)
            if name.endswith(".plist") or not _overwrite(path, data):
                raise
        del self._owed[name]
        if name.endswith(".state"):
            self._written[name] = data

    def _replace(self, path: str, fresh: str, data: bytes) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        fd = os.open(fresh, flags, 0o600)
        try:
            give(fd, self._owner)
            write_all(fd, data)
        finally:
            os.close(fd)
        os.rename(fresh, path)


def _overwrite(path: str, data: bytes) -> bool:
    """Write a small file in place, which needs no room on the disk; returns whether it could be.

    JSON may end in blanks: they cover what was longer before.
    """
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        text = data.ljust(os.fstat(fd).st_size)
        return len(text) <= _BLOCK and os.write(fd, text) == len(text)
    except OSError:
        return False
    finally:
        os.close(fd)


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
