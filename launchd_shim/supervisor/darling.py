"""Supervising the jobs of a Darling prefix (spec/darling.md "Processes and paths", "Commands").

We are a host program there, a Mach-O program is not: mldr loads ``vchroot``, which puts it into
the prefix and becomes it. All processes have one real user, who is root to them.

Darling has a launchd of its own, 842, which loads /Library/LaunchDaemons at boot as well. A job
that we run is taken from it: removed for now, and marked disabled in its overrides for later.
"""

from __future__ import annotations

import os
import plistlib

from dirserv import plist
from dirserv.files import Staging, read
from launchd_shim.supervisor.launcher import Launcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launchd_shim.supervisor.service import Service
    from launchd_shim.supervisor.spawn import Plan

#: In Darling's directory: what loads Mach-O programs, and the one that enters a prefix.
MLDR, _VCHROOT = "usr/libexec/darling/mldr", "usr/libexec/darling/vchroot"
#: Written by ``darling-dirserv install`` into a Darling prefix, and only there.
_SETTINGS = "usr/local/libexec/darling-dirserv/darling.conf"
#: 842's launchctl, kept when ours takes its place.
_LAUNCHCTL_842 = "usr/local/libexec/darling-dirserv/original/launchctl"
#: 842's overrides: label -> {Disabled: bool}.
_OVERRIDES = "private/var/db/launchd.db/com.apple.launchd/overrides.plist"
#: The labels that are disabled there for our sake, one a line.
_HELD = "private/var/db/com.apple.xpc.launchd/held-from-842"


def libexec(root: str) -> str | None:
    """Darling's directory on the host; None if ``root`` is not one of its prefixes."""
    for line in (read(f"{root}/{_SETTINGS}") or b"").decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(" = ")
        if key == "libexec":
            return value
    return None


def command(root: str, libexec: str, argv: list[str]) -> tuple[str, list[str]]:
    """The host program and its arguments that run ``argv`` inside the prefix at ``root``."""
    return f"{libexec}/{MLDR}", [f"mldr!{root}/{_VCHROOT}", "vchroot", root, *argv]


def environment(root: str) -> dict[str, str]:
    """What a program started through ``command`` needs besides its own variables."""
    return {"__mldr_sockpath": f"{root}/.darlingserver.sock"}


class DarlingLauncher(Launcher):
    """Starts jobs through mldr, after they were taken from 842."""

    #: The other one holds Darling's own daemons, which stay 842's.
    daemons = ("/Library/LaunchDaemons",)

    def __init__(self, root: str, *more: Any) -> None:
        super().__init__(root, *more)
        self._libexec = libexec(root) or ""
        self._taken: set[str] = set()

    def _plan(self, service: Service, connection: int | None) -> Plan:
        self._take(service.label)
        plan = super()._plan(service, connection)
        argv = [plan.program, *plan.argv[1:]]  # vchroot makes argv[0] of the path
        plan.program, plan.argv = command(self._root, self._libexec, argv)
        plan.environment |= environment(self._root)
        plan.account = None  # to the kernel there is one user; becoming another breaks Darling
        return plan

    def _place(self, service: Service, plan: Plan) -> None:
        process = service.job.process
        plan.directory = self._seen(process.directory, self._root)
        plan.stdio = [self._seen(path, self._root)
                      for path in (process.stdin, process.stdout, process.stderr)]

    def _take(self, label: str) -> None:
        """Make a label ours alone. What fails is logged: the job is started all the same."""
        if label in self._taken:
            return
        self._taken.add(label)
        try:
            hold(self._root, label)
            if os.path.exists(f"{self._root}/{_LAUNCHCTL_842}"):
                self._remove_from_842(label)
        except OSError as error:
            self._log.write(label, f"Darling's own launchd may run it too: {error}")

    def _remove_from_842(self, label: str) -> None:
        """Its status says nothing: it prints an error and ends with 1 although it worked."""
        program, argv = command(self._root, self._libexec, [f"/{_LAUNCHCTL_842}", "remove", label])
        null = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
        pid = os.posix_spawn(program, argv, {"PATH": "/usr/bin:/bin", **environment(self._root)},
                             file_actions=null)
        os.waitpid(pid, 0)


def hold(root: str, label: str) -> None:
    """Mark a label disabled for 842. Raises OSError."""
    held, overrides = _held(root), _overrides(root)
    if overrides.get(label) == {"Disabled": True}:
        return  # by us, or by an admin's own unload -w
    _replace(f"{root}/{_HELD}", "".join(f"{name}\n" for name in sorted({*held, label})).encode())
    _replace(f"{root}/{_OVERRIDES}", plistlib.dumps({**overrides, label: {"Disabled": True}}))


def release(root: str) -> None:
    """Give 842 back what was held. Raises OSError."""
    held = _held(root)
    if not held:
        return
    left = {label: value for label, value in _overrides(root).items() if label not in held}
    if left:
        _replace(f"{root}/{_OVERRIDES}", plistlib.dumps(left))
    elif os.path.lexists(f"{root}/{_OVERRIDES}"):
        os.unlink(f"{root}/{_OVERRIDES}")
    os.unlink(f"{root}/{_HELD}")


def _held(root: str) -> set[str]:
    return set((read(f"{root}/{_HELD}") or b"").decode("utf-8", "replace").split("\n")) - {""}


def _overrides(root: str) -> dict[str, Any]:
    try:
        content = plist.loads(read(f"{root}/{_OVERRIDES}") or b"")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _replace(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    staging = Staging(None)
    staging.add(path, data, 0o644)
    staging.publish()
