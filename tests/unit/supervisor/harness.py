"""A real supervisor over a throw-away root, and a client of its control socket."""

from __future__ import annotations

import json
import os
import plistlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from launchd_shim.unixpath import Address
from tests.support import CHECKOUT

_CODE = (
    "import sys; sys.path.insert(0, {checkout!r}); "
    "from launchd_shim.supervisor.main import main; sys.exit(main({root!r}))"
)


def until(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What ``condition`` returns as soon as that is true; fails after ``seconds``."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
    return found


class Launchd:
    """A supervisor process; ``start`` again after ``die`` for the next one."""

    def __init__(self, root: Path, *before: str) -> None:
        self.root = root
        #: Words before the supervisor's own command: what it is to run in.
        self.before = before
        self.socket = str(root / "private/var/run/launchd.sock")
        self.start()

    def start(self) -> None:
        """Start a supervisor and wait until it answers."""
        code = _CODE.format(checkout=str(CHECKOUT), root=str(self.root))
        self.process = subprocess.Popen([*self.before, sys.executable, "-I", "-S", "-c", code],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        until(lambda: self._answers())

    def _answers(self) -> bool:
        try:
            return self.ask("ping")["pid"] == self.process.pid
        except OSError:
            return False

    def die(self) -> None:
        """SIGKILL the supervisor."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End all jobs and the supervisor."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

    def ask(self, verb: str, **request: Any) -> dict[str, Any]:
        """Send one request, return its reply."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(60)
            with Address(self.socket) as short:
                client.connect(short)
            client.sendall(json.dumps({"verb": verb, "domain": "system", **request}).encode()
                           + b"\n")
            return json.loads(client.makefile().readline())

    def plist(self, label: str, script: str | None = None, **keys: Any) -> str:
        """Write a property list whose job runs a shell script; returns its path."""
        path = self.root / f"{label}.plist"
        content = {"Label": label, **keys}
        if script is not None:
            content["ProgramArguments"] = ["/bin/sh", "-c", script]
        path.write_bytes(plistlib.dumps(content))
        path.chmod(0o644)
        return str(path)

    def load(self, label: str, script: str | None = None, **keys: Any) -> int:
        """Write and bootstrap a job; returns the error number."""
        return self.ask("bootstrap", path=self.plist(label, script, **keys))["error"]

    def service(self, label: str) -> dict[str, Any]:
        """Everything about a loaded service."""
        reply = self.ask("service", label=label)
        assert reply["error"] == 0, reply
        return reply["service"]

    def pid(self, label: str) -> int:
        """The pid of a service, once it has one."""
        return until(lambda: self.service(label)["pid"])

    def labels(self) -> list[str]:
        """The loaded labels."""
        return [job["label"] for job in self.ask("list")["jobs"]]

    def log(self) -> str:
        """The supervisor's log."""
        return (self.root / "private/var/log/launchd.log").read_text()


def alive(pid: int) -> bool:
    """Whether a process lives; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def end(pid: int, number: int = signal.SIGKILL) -> None:
    """Send a signal."""
    os.kill(pid, number)
