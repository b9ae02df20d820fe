"""A daemon job from load to end in a root: what the installer does last, as a rehearsal."""

from __future__ import annotations

import os
import plistlib
from collections.abc import Callable
from subprocess import CompletedProcess

from dirserv.directory import Directory
from dirserv.files import make_directories, owner_of, remove

LABEL = "org.darling-dirserv.rehearsal"
_PLIST = f"/private/tmp/{LABEL}.plist"
#: What the job reads, in vain, as it holds both ends itself: a shell alone has no other way to
#: wait, and where sleep lies is not the same on every system.
_PIPE = f"/private/tmp/{LABEL}.pipe"
#: How long launchd may take to end when it is told to.
_PATIENCE_SECONDS = 10.0


class DaemonRehearsal:
    """Loads a job, shows it, stops it. ``call`` runs one of our commands as a process and
    raises for a status that is not 0."""

    def __init__(
        self, directory: Directory, call: Callable[..., CompletedProcess[str]]
    ) -> None:
        self._directory = directory
        self._call = call

    def run(self) -> str:
        """Do it; returns what ``launchctl print`` said while the job ran.

        A launchd that was not there before is not there afterwards.
        """
        from launchd_shim.client import Client, Unavailable

        root = self._directory.root
        served = True
        try:
            Client(root, may_start=False).ask("ping")
        except Unavailable:
            served = False
        host, pipe = root.host(_PLIST), root.host(_PIPE)
        make_directories(os.path.dirname(host), owner_of(root.path))
        remove(host)
        remove(pipe)
        os.mkfifo(pipe)
        with open(host, "wb") as plist:
            plistlib.dump({"Label": LABEL, "KeepAlive": True,
                           "StandardInPath": _PIPE, "StandardOutPath": _PIPE,
                           "ProgramArguments": ["/bin/sh", "-c", "read -r line"]}, plist)
        os.chmod(host, 0o644)
        try:
            self._call("launchctl", "load", _PLIST)
            self._call("launchctl", "kickstart", "-k", f"system/{LABEL}")
            shown = self._call("launchctl", "print", f"system/{LABEL}").stdout
            self._call("launchctl", "bootout", f"system/{LABEL}")
        finally:
            remove(host)
            remove(pipe)
            if not served:
                Client(root, may_start=False).end(_PATIENCE_SECONDS)
        return shown
