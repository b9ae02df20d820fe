"""What a job is, as rows of a heading and lines."""

from __future__ import annotations

from launchd_shim.check import timing
from launchd_shim.job import STANDARD_PATH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from launchd_shim.job import Job, Process, Socket

    Row = tuple[str, list[str]]


def rows(job: Job) -> list[Row]:
    """Heading and lines, without those that have nothing to say."""
    made = [*_program(job), *_when(job), *_process(job.process), *_streams(job.process)]
    return [(heading, lines) for heading, lines in made if lines]


def _program(job: Job) -> Iterator[Row]:
    import shlex

    found = "" if "/" in job.executable else f", looked up in {STANDARD_PATH}"
    yield "program", [job.executable + found]
    yield "arguments", [shlex.join(job.argv)]
    yield "globbing", ["the arguments are expanded first"] if job.globbing else []


def _when(job: Job) -> Iterator[Row]:
    when, process = job.when, job.process
    yield "runs", ["once: only until it has ended", *timing.starts(when, job.starts_at_load)] \
        if when.launch_only_once else timing.starts(when, job.starts_at_load)
    yield "sockets", [f"{name}: {_socket(socket)}" for name, sockets in when.sockets.items()
                      for socket in sockets]
    if when.inetd_wait is not None:
        yield "inetd", ["it gets the socket" if when.inetd_wait
                        else "it gets the connection, one process for each"]
    yield "restarts", [f"at the earliest {timing.seconds(when.throttle)} after the last start"]
    grace = process.grace
    yield "stops", ["by SIGTERM" + ("" if grace is None
                                    else f", after {timing.seconds(grace)} by SIGKILL")]
    yield "sessions", job.sessions
    yield "hardware", _hardware(job)
    yield "disabled", _disabled(job)


def _socket(socket: Socket) -> str:
    way = "listens on" if socket.passive else "connects to"
    if socket.path or socket.key:
        place = socket.path or f"a path of its own, told in ${socket.key}"
    else:
        place = f"{socket.node or '*'}:{socket.service or '?'}"
    kind = [word for word in (socket.family, socket.protocol, socket.type) if word]
    extras = [f"{name} {value}" for name, value in (
        ("mode", None if socket.mode is None else f"{socket.mode:04o}"),
        ("owner", socket.owner), ("group", socket.group),
        ("multicast group", socket.multicast or None)) if value is not None]
    return ", ".join([f"{way} {place} ({' '.join(kind)})", *extras])


def _hardware(job: Job) -> list[str]:
    return [f"{word} where hw.{key} is {' or '.join(values)}"
            for word, wanted in (("only", job.hardware_only), ("not", job.hardware_except))
            for key, values in wanted.items()]


def _disabled(job: Job) -> list[str]:
    if isinstance(job.disabled, bool):
        return ["until it is enabled"] if job.disabled else []
    return [f"where {key} is {' or '.join(values)}" for key, values in job.disabled.items()]


def _process(process: Process) -> Iterator[Row]:
    yield "user", [process.user] if process.user is not None else []
    yield "group", [process.group] if process.group is not None else []
    yield "root", [process.root] if process.root is not None else []
    yield "directory", [process.directory] if process.directory is not None else []
    yield "variables", [f"{name}={value}" for name, value in process.environment.items()]
    yield "umask", [] if process.umask is None else [f"{process.umask:03o}"]
    yield "nice", [] if process.nice is None else [str(process.nice)]
    yield "limits", [f"{name} {value} ({kind})"
                     for kind, limits in (("soft", process.soft_limits),
                                          ("hard", process.hard_limits))
                     for name, value in limits.items()]
    yield "type", [process.type] if process.type != "Standard" else []
    yield "also", [words for is_set, words in (
        (process.session, "a session of its own"),
        (process.low_priority_io, "low I/O priority"),
        (process.low_priority_background_io, "low I/O priority in the background"),
        (process.abandon_group, "what it has started goes on when it has ended"),
        (process.suspended, "waits for a debugger"),
    ) if is_set]


def _streams(process: Process) -> Iterator[Row]:
    for heading, path in (("input", process.stdin), ("output", process.stdout),
                          ("errors", process.stderr)):
        yield heading, [path] if path is not None else []
