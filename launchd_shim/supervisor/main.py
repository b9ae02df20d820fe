"""The supervisor as a process."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import time
from functools import partial

from dirserv.files import give, make_directories, owner_of
from launchd_shim.supervisor import darling
from launchd_shim.supervisor.boot import Loader
from launchd_shim.supervisor.launcher import Launcher
from launchd_shim.supervisor.log import Log
from launchd_shim.supervisor.loop import Loop
from launchd_shim.supervisor.noting import Noting
from launchd_shim.supervisor.overrides import Overrides
from launchd_shim.supervisor.persist import Memory
from launchd_shim.supervisor.requests import Requests
from launchd_shim.supervisor.server import Server
from launchd_shim.supervisor.services import Services
from launchd_shim.supervisor.settings import Settings
from launchd_shim.supervisor.verbs import Verbs

_PR_SET_CHILD_SUBREAPER = 36
#: How long jobs have to end when the supervisor is told to shut down.
_SHUTDOWN_SECONDS = 30.0


def main(root: str) -> int:
    """Supervise the jobs of a root until told to stop; returns the exit status.

    A second supervisor for the same root leaves at once (status 0): the first one serves.
    """
    root = root.rstrip("/")
    os.umask(0o022)
    owner = owner_of(root)
    for name in ("run", "log"):
        make_directories(f"{root}/private/var/{name}", owner)
    lock = _only_one(f"{root}/private/var/run/launchd.lock", owner)
    if lock is None:
        return 0
    Supervisor(root).run()
    os.close(lock)
    return 0


def _only_one(path: str, owner: tuple[int, int] | None) -> int | None:
    """The lock that the only supervisor of a root holds while it lives; None if another does."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    give(fd, owner)
    return fd


class Supervisor:
    """Everything wired together."""

    def __init__(self, root: str) -> None:
        begin = time.monotonic()
        self._loop = Loop()
        log = Log(f"{root}/private/var/log/launchd.log", owner_of(root))
        memory = Memory(root)
        goes_on = memory.begin()
        noting = Noting(memory, self._loop, log)
        noting.settle()
        settings = Settings(root, memory.values("limits"))
        kind = Launcher if darling.libexec(root) is None else darling.DarlingLauncher
        launcher = kind(root, log, memory.values("environment"), settings)
        self._services = Services(root, self._loop, log, launcher, noting)
        loader = Loader(self._services)
        verbs = Verbs(self._services, loader, settings, self.shut_down)
        overrides = Overrides(root, None)
        try:
            overrides.create()
        except OSError as error:
            log.write("launchd", f"there is no {overrides.path}: {error}")
        self._receive_signals()
        log.write("launchd", f"supervising {root or '/'} as pid {os.getpid()}")
        if goes_on:
            loader.take_over(memory)
        else:
            loader.boot(overrides)
        self._server = Server(root, self._loop, Requests(verbs, log).handle)
        verbs.bringup_ms = round((time.monotonic() - begin) * 1000)

    def run(self) -> None:
        """Work until told to stop."""
        self._loop.run()
        self._server.close()

    def shut_down(self) -> None:
        """End all jobs, then ourselves."""
        services = list(self._services.all.values())
        left = {service.key for service in services}

        def gone(key: tuple[str, str]) -> None:
            left.discard(key)
            if not left:
                self._loop.stop()

        for service in services:
            self._services.when_gone(service.key, partial(gone, service.key))
        for service in services:
            self._services.transition(service, "remove")
        if not left:
            self._loop.stop()
        self._loop.after(_SHUTDOWN_SECONDS, self._loop.stop)

    def _receive_signals(self) -> None:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        told, tell = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        for number in (signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN)

        def received() -> None:
            numbers = os.read(told, 4096)
            if signal.SIGTERM in numbers or signal.SIGINT in numbers:
                self.shut_down()
            self._services.reap()

        self._loop.watch(told, received)
