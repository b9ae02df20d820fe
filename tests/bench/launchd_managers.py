"""The supervisors that are compared: ours, Supervisor from PyPI, s6 from Debian.

Each runs the same shell scripts, is driven by its own command, and lies in a directory.
"""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.clients import archive, registry
from tests.support import CHECKOUT
from tests.unit.supervisor.harness import Launchd
from tests.unit.supervisor.test_mounts import NAMESPACE

SUPERVISOR = "supervisor==4.3.0"
#: s6 knows its programs as /usr/bin/…: so they are, in a mount namespace of its own.
_OVERLAY = 'mount -t overlay overlay -o lowerdir="$0":/usr/bin /usr/bin && exec "$@"'
#: How long a peer may take until it knows its jobs.
PATIENCE_SECONDS = 60.0

#: Name of a job, its shell script, whether it is always to run.
Script = tuple[str, str, bool]


class Manager:
    """A supervisor over some jobs."""

    name = ""

    def start(self, place: Path, scripts: list[Script]) -> None:
        """Start it; returns when it knows all its jobs."""
        raise NotImplementedError

    def command(self, verb: str, job: str) -> list[str]:
        """The command line that does "start" or "restart"."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """What its commands need."""
        return {"PATH": os.environ["PATH"]}

    def processes(self) -> list[int]:
        """Its own processes, without the jobs'."""
        raise NotImplementedError

    def stop(self) -> None:
        """End the jobs and it."""
        raise NotImplementedError

    def tell(self, verb: str, job: str) -> subprocess.Popen[bytes]:
        """Run the command that does "start" or "restart"."""
        return subprocess.Popen(self.command(verb, job), env=self.environment(),
                                stdout=subprocess.DEVNULL)


class Ours(Manager):
    """launchd-shim and launchctl, from the checkout."""

    name = "launchd-shim"

    def start(self, place: Path, scripts: list[Script]) -> None:
        jobs = place / "root/jobs"
        jobs.mkdir(parents=True)
        for name, script, kept in scripts:
            (jobs / f"{name}.sh").write_text(script)
            (jobs / f"{name}.plist").write_bytes(plistlib.dumps({
                "Label": name, "ProgramArguments": ["/bin/sh", str(jobs / f"{name}.sh")],
                "KeepAlive": kept, "ThrottleInterval": 1}))
        self._launchd = Launchd(place / "root")
        # launchctl takes paths to be inside the root, or as they are when they lie there.
        subprocess.run([*self._launchctl(), "load", str(jobs)], env=self.environment(), check=True)
        assert len(self._launchd.labels()) == len(scripts)

    def command(self, verb: str, job: str) -> list[str]:
        options = ["-k"] if verb == "restart" else []
        return [*self._launchctl(), "kickstart", *options, f"system/{job}"]

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "DIRSERV_ROOT": str(self._launchd.root)}

    def processes(self) -> list[int]:
        return [self._launchd.process.pid]

    def stop(self) -> None:
        self._launchd.stop()

    @staticmethod
    def _launchctl() -> list[str]:
        return [sys.executable, "-I", "-S", str(CHECKOUT / "bin/launchctl")]


class Supervisor(Manager):
    """supervisord and supervisorctl."""

    name = SUPERVISOR.replace("==", " ")

    def __init__(self) -> None:
        self._package = registry.python_packages("bench-supervisor", SUPERVISOR)

    def start(self, place: Path, scripts: list[Script]) -> None:
        place.mkdir(parents=True)
        self._place = place
        lines = [f"[supervisord]\nnodaemon=true\nlogfile={place}/log\npidfile={place}/pid\n"
                 f"childlogdir={place}\n[unix_http_server]\nfile={place}/s\n"
                 f"[supervisorctl]\nserverurl=unix://{place}/s\n[rpcinterface:supervisor]\n"
                 "supervisor.rpcinterface_factory="
                 "supervisor.rpcinterface:make_main_rpcinterface\n"]
        for name, script, kept in scripts:
            (place / f"{name}.sh").write_text(script)
            lines.append(f"[program:{name}]\ncommand=/bin/sh {place}/{name}.sh\n"
                         f"autostart={kept}\nautorestart=true\nstartsecs=0\n"
                         "stdout_logfile=NONE\nstderr_logfile=NONE\n")
        (place / "conf").write_text("\n".join(lines))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(place / "conf")],
            env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait(lambda: len(self._status()) == len(scripts))

    def _status(self) -> list[str]:
        done = subprocess.run(self._ctl("status"), env=self.environment(), check=False,
                              capture_output=True, text=True)
        return [line for line in done.stdout.splitlines() if "no such file" not in line]

    def command(self, verb: str, job: str) -> list[str]:
        return self._ctl(verb, job)

    def _ctl(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "supervisor.supervisorctl", "-c",
                str(self._place / "conf"), *words]

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "PYTHONPATH": str(self._package)}

    def processes(self) -> list[int]:
        return [self._process.pid]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)


class S6(Manager):
    """s6-svscan and s6-svc: a small process for each job."""

    name = "s6"

    def __init__(self) -> None:
        self._files = registry.kept("bench-s6", (), _unpack_s6)
        (self._svscan,) = self._files.glob("**/s6-svscan")

    def start(self, place: Path, scripts: list[Script]) -> None:
        self._place = place
        for name, script, kept in scripts:
            job = place / name
            job.mkdir(parents=True)
            (job / "run").write_text(f"#!/bin/sh\n{script}")
            (job / "run").chmod(0o755)
            if not kept:
                (job / "down").touch()
        self._process = subprocess.Popen(
            [*NAMESPACE, "sh", "-c", _OVERLAY, self._svscan.parent, self._svscan, "-c",
             str(len(scripts) + 10), place], env=self.environment(), stderr=subprocess.DEVNULL)
        known = [place / name / "supervise/status" for name, _, _ in scripts]
        _wait(lambda: all(status.exists() for status in known))

    def command(self, verb: str, job: str) -> list[str]:
        option = {"start": "-u", "restart": "-r"}[verb]
        return [str(self._svscan.with_name("s6-svc")), option, str(self._place / job)]

    def environment(self) -> dict[str, str]:
        (library,) = {path.parent for path in self._files.glob("**/libs6.so.*")}
        return {"PATH": f"{self._svscan.parent}:{os.environ['PATH']}",
                "LD_LIBRARY_PATH": str(library)}

    def processes(self) -> list[int]:
        return [self._process.pid, *children(self._process.pid)]

    def stop(self) -> None:
        subprocess.run([self._svscan.with_name("s6-svscanctl"), "-t", self._place],
                       env=self.environment(), check=True)
        self._process.wait(120)


def children(pid: int) -> list[int]:
    """The children of a process."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _unpack_s6(directory: Path) -> None:
    # Whatever the machine has of it already is fetched all the same: a copy of our own.
    wanted = archive.lacked("s6")
    if not wanted:
        raise archive.ArchiveUnreachable("s6 is installed here; its own files are not used")
    archive.download(wanted, directory)
    for package in directory.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, directory], check=True)


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError("it did not get ready")
        time.sleep(0.01)
