"""Starting a job's process: everything between fork and exec (spec/launchd.md 3.5, 1.2).

The child reports what went wrong through a close-on-exec pipe, so that a job that cannot be
executed is a failed spawn and not a process that ended with some status.
"""

from __future__ import annotations

import os
import resource
import signal

from launchd_shim.supervisor.priority import set_io_priority

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, TypeVarTuple

    Ts = TypeVarTuple("Ts")

#: What a job that could not be set up ends with (sysexits.h EX_CONFIG).
EX_CONFIG = 78

_LIMITS = {
    "core": resource.RLIMIT_CORE, "cpu": resource.RLIMIT_CPU, "data": resource.RLIMIT_DATA,
    "filesize": resource.RLIMIT_FSIZE, "memorylock": resource.RLIMIT_MEMLOCK,
    "numberoffiles": resource.RLIMIT_NOFILE, "numberofprocesses": resource.RLIMIT_NPROC,
    "residentsetsize": resource.RLIMIT_RSS, "stack": resource.RLIMIT_STACK,
}


class Plan:
    """Everything a child needs to know, decided before the fork. Paths are host paths, or paths
    inside ``chroot`` where that is given."""

    def __init__(self, program: str, argv: list[str], environment: dict[str, str]) -> None:
        self.program = program
        self.argv = argv
        self.environment = environment
        self.chroot: str | None = None
        self.directory: str | None = None
        #: (uid, gid, groups) to become, None to stay who we are.
        self.account: tuple[int, int, list[int]] | None = None
        #: A user's own job: nothing is done for it with our rights.
        self.agent = False
        self.stdio: list[str | int | None] = [None, None, None]
        self.umask: int | None = None
        self.nice: int | None = None
        self.io_priority: int | None = None
        self.soft_limits: dict[str, int] = {}
        self.hard_limits: dict[str, int] = {}
        #: Descriptors to hand over from 3 on, with their names (LISTEN_FDS).
        self.descriptors: list[tuple[str, int]] = []
        self.suspended = False


class SpawnFailed(Exception):
    """The child could not execute its program."""


def start(plan: Plan, register: Callable[[int], None] = lambda pid: None) -> int:
    """Start a process; returns its pid once it executes its program.

    ``register`` is called with the pid before the program may run: if we die in between, so does
    the child, and nobody starts a second one beside it. Raises SpawnFailed with a sentence,
    OSError if there can be no process at all.
    """
    told, tell = os.pipe2(os.O_CLOEXEC)
    gate, open_gate = os.pipe2(os.O_CLOEXEC)
    try:
        pid = os.fork()
        if pid == 0:
            os.close(open_gate)
            _child(plan, gate, tell)
        os.close(gate)
        os.close(tell)
        gate = tell = -1
        register(pid)
        os.write(open_gate, b"g")
    finally:
        for fd in (gate, tell, open_gate):
            if fd >= 0:
                os.close(fd)
    try:
        report = os.read(told, 4096)
    finally:
        os.close(told)
    if report:
        os.waitpid(pid, 0)
        raise SpawnFailed(report.decode("utf-8", "replace"))
    return pid


def _child(plan: Plan, gate: int, tell: int) -> NoReturn:
    try:
        if os.read(gate, 1) != b"g":
            os._exit(EX_CONFIG)  # our supervisor died before it knew of us
        _become(plan, tell)
        os.execve(plan.program, plan.argv, plan.environment)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent is to know
        os.write(tell, f"{plan.program}: {error}".encode("utf-8", "replace")[:4000])
    finally:
        os._exit(EX_CONFIG)


def _become(plan: Plan, tell: int) -> None:
    os.setsid()
    for number in range(1, signal.NSIG):
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            _try(signal.signal, number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    kept = _hand_over(plan, tell)
    if plan.chroot:
        os.chroot(plan.chroot)
        os.chdir("/")
    os.umask(0o022 if plan.umask is None else plan.umask)
    privileged = (_prioritise, _make_parents)
    for step in (_change_user, *privileged) if plan.agent else (*privileged, _change_user):
        step(plan)
    os.chdir("/")
    if plan.directory:
        _try(os.chdir, plan.directory)
    for fd, source in enumerate(plan.stdio):
        _open(fd, source)
    os.closerange(max(3 + kept, 3), tell)
    os.closerange(tell + 1, 65536)
    if plan.suspended:
        os.kill(os.getpid(), signal.SIGSTOP)


def _prioritise(plan: Plan) -> None:
    _limit(plan)
    if plan.nice is not None:
        _try(os.setpriority, os.PRIO_PROCESS, 0, plan.nice)
    if plan.io_priority is not None:
        set_io_priority(plan.io_priority)


def _change_user(plan: Plan) -> None:
    if plan.account is not None:
        uid, gid, groups = plan.account
        os.setgroups(groups)
        os.setgid(gid)
        os.setuid(uid)


def _try(call: Callable[[*Ts], object], *arguments: *Ts) -> None:
    """Do something that a job starts without, if need be."""
    try:
        call(*arguments)
    except (OSError, ValueError):
        return


def _hand_over(plan: Plan, tell: int) -> int:
    """Put the job's sockets at 3 and up, as sd_listen_fds(3) wants them."""
    descriptors = plan.descriptors
    if not descriptors:
        return 0
    copies = [os.dup(fd) for _, fd in descriptors]
    for at, copy in enumerate(copies):
        os.dup2(copy, 3 + at)
    names = ":".join(name for name, _ in descriptors)
    plan.environment |= {
        "LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(descriptors)),
        "LISTEN_FDNAMES": names,
    }
    return len(descriptors)


def _limit(plan: Plan) -> None:
    """Resource limits, clamped to what this host allows."""
    for name, number in _LIMITS.items():
        soft, hard = resource.getrlimit(number)
        wanted_hard = plan.hard_limits.get(name, hard)
        wanted_soft = plan.soft_limits.get(name, soft)
        try:
            resource.setrlimit(number, (_clamp(wanted_soft, wanted_hard), wanted_hard))
        except (OSError, ValueError):
            ceiling = _clamp(wanted_hard, hard)
            _try(resource.setrlimit, number, (_clamp(wanted_soft, ceiling), ceiling))


def _clamp(value: int, ceiling: int) -> int:
    if ceiling == resource.RLIM_INFINITY:
        return value
    return ceiling if value == resource.RLIM_INFINITY else min(value, ceiling)


def _make_parents(plan: Plan) -> None:
    for path in plan.stdio:
        parent = os.path.dirname(path) if isinstance(path, str) else ""
        if parent and not os.path.isdir(parent):
            os.makedirs(parent, exist_ok=True)


def _open(fd: int, source: str | int | None) -> None:
    """Open one of the three standard descriptors: a path, a descriptor, or /dev/null."""
    if isinstance(source, int):
        os.dup2(source, fd)
        return
    if source is None:
        opened = os.open("/dev/null", os.O_RDWR)
    elif fd == 0:
        opened = os.open(source, os.O_RDONLY | os.O_CREAT | os.O_NONBLOCK, 0o666)
        os.set_blocking(opened, True)
    else:
        opened = os.open(source, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
    if opened != fd:
        os.dup2(opened, fd)
        os.close(opened)
