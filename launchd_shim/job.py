"""What a property list means: the job as the supervisor has it.

Plain values with launchd's defaults (spec/launchd.md 1.2); what the supervisor learns while it
runs the job is not here. Paths are as in the property list, that is, inside the root.
"""

from __future__ import annotations

#: Where a program without a slash is looked up, whatever the job's own PATH (1.2, 3.5).
STANDARD_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"

#: Seconds from SIGTERM to SIGKILL for a job that says nothing (8.6), and between two starts.
EXIT_TIMEOUT, THROTTLE = 5, 10


class KeepAlive:
    """The conditions of a KeepAlive dictionary; any satisfied one keeps the job alive (1.3)."""

    __slots__ = ("after_initial_demand", "crashed", "network", "other_job_active",
                 "other_job_enabled", "path_state", "successful_exit")

    def __init__(self) -> None:
        #: Restart when the last exit was 0 (True), was not (False).
        self.successful_exit: bool | None = None
        #: Restart after a crash (True), after any other end (False).
        self.crashed: bool | None = None
        #: Path -> whether it must exist.
        self.path_state: dict[str, bool] = {}
        #: Label -> whether that job must be loaded; must have a process.
        self.other_job_enabled: dict[str, bool] = {}
        self.other_job_active: dict[str, bool] = {}
        #: NetworkState as it was given; launchd 2.x no longer acts on it.
        self.network: bool | None = None
        #: Nothing above counts until the job has been demanded once.
        self.after_initial_demand = False

    @property
    def on_exit(self) -> bool:
        """Whether how the job ended decides; such a job also starts when it is loaded."""
        return self.successful_exit is not None or self.crashed is not None


class Socket:
    """One entry of Sockets; its addresses are what getaddrinfo says of it (1.5)."""

    __slots__ = ("family", "group", "key", "mode", "multicast", "node", "owner", "packet_info",
                 "passive", "path", "protocol", "service", "type")

    def __init__(self) -> None:
        #: "stream", "dgram" or "seqpacket".
        self.type = "stream"
        #: bind and listen, or else connect.
        self.passive = True
        #: "IPv4", "IPv6", "IPv4v6", "Unix"; "" for whatever there is.
        self.family = ""
        #: "TCP", "UDP"; "" by the type.
        self.protocol = ""
        self.node = ""
        self.service = ""
        #: A Unix socket's path, and after the bind its mode, owner and group; None leaves them.
        self.path = ""
        self.mode: int | None = None
        self.owner: int | None = None
        self.group: int | None = None
        #: SecureSocketWithKey: a socket in a fresh directory, its path in this variable.
        self.key = ""
        self.multicast = ""
        self.packet_info = False


class When:
    """What starts the job, and starts it again."""

    __slots__ = ("calendar", "event_paths", "inetd_wait", "interval", "keep_alive",
                 "launch_only_once", "on_mount", "queue_directories", "run_at_load", "sockets",
                 "throttle", "watch_paths")

    def __init__(self) -> None:
        self.run_at_load = False
        self.keep_alive: bool | KeepAlive = False
        self.launch_only_once = False
        #: Seconds between two starts, at least; after a short run the next one waits.
        self.throttle = THROTTLE
        #: StartInterval in seconds.
        self.interval: int | None = None
        #: StartCalendarInterval for launchd_shim.calendar: Minute, Hour, Day, Weekday, Month.
        self.calendar: list[dict[str, int]] = []
        self.watch_paths: list[str] = []
        self.queue_directories: list[str] = []
        #: Paths of com.apple.fsevents.matching in LaunchEvents, to watch like WatchPaths.
        self.event_paths: list[str] = []
        self.on_mount = False
        #: Name -> its sockets.
        self.sockets: dict[str, list[Socket]] = {}
        #: inetdCompatibility's Wait; None for a job that is no inetd service.
        self.inetd_wait: bool | None = None


class Process:
    """What the job's process is given."""

    __slots__ = ("abandon_group", "directory", "environment", "exit_timeout", "group",
                 "hard_limits", "init_groups", "low_priority_background_io", "low_priority_io",
                 "nice", "root", "session", "soft_limits", "stderr", "stdin", "stdout",
                 "suspended", "type", "umask", "user")

    def __init__(self) -> None:
        #: Names; None for the domain's own user and that user's group.
        self.user: str | None = None
        self.group: str | None = None
        #: Whether to call initgroups(3) for the user.
        self.init_groups = True
        #: chroot(2) there first.
        self.root: str | None = None
        self.directory: str | None = None
        self.environment: dict[str, str] = {}
        self.umask: int | None = None
        self.nice: int | None = None
        #: Name as in the property list (keys.LIMITS) -> value, unclamped.
        self.soft_limits: dict[str, int] = {}
        self.hard_limits: dict[str, int] = {}
        #: "Background", "Standard", "Adaptive" or "Interactive".
        self.type = "Standard"
        self.low_priority_io = False
        self.low_priority_background_io = False
        #: A session of its own (SessionCreate).
        self.session = False
        #: Stop it before its first instruction (WaitForDebugger).
        self.suspended = False
        #: Leave the rest of the process group alone when the job's process has ended.
        self.abandon_group = False
        #: Seconds from SIGTERM to SIGKILL; 0 is for ever, None the default.
        self.exit_timeout: int | None = None
        #: None is /dev/null.
        self.stdin: str | None = None
        self.stdout: str | None = None
        self.stderr: str | None = None

    @property
    def grace(self) -> int | None:
        """Seconds from SIGTERM to SIGKILL, None for ever."""
        if self.exit_timeout is None:
            return EXIT_TIMEOUT
        return self.exit_timeout or None


class Job:
    """A job as its property list describes it. One of ``program`` and ``arguments`` is there."""

    __slots__ = ("arguments", "disabled", "globbing", "hardware_except", "hardware_only",
                 "label", "mach_services", "path", "process", "program", "sessions", "when")

    def __init__(self, label: str, path: str) -> None:
        self.label = label
        #: The property list as the caller named it.
        self.path = path
        self.program: str | None = None
        self.arguments: list[str] | None = None
        #: Expand the arguments with launchd_shim.globbing before each start.
        self.globbing = False
        #: The initial value: the store of enabled and disabled labels wins. A dictionary
        #: disables on hardware: {"MachineType": [...], "ModelName": [...]}.
        self.disabled: bool | dict[str, list[str]] = False
        #: LimitLoadToSessionType; [] is the domain's own default.
        self.sessions: list[str] = []
        #: LimitLoadToHardware and LimitLoadFromHardware: sysctl hw.KEY -> values.
        self.hardware_only: dict[str, list[str]] = {}
        self.hardware_except: dict[str, list[str]] = {}
        #: Names to list; nothing answers on them.
        self.mach_services: list[str] = []
        self.when = When()
        self.process = Process()

    @property
    def argv(self) -> list[str]:
        """The argument vector, argv[0] included."""
        return list(self.arguments or [self.program or ""])

    @property
    def executable(self) -> str:
        """What to execute: a path, or a word without a slash to look up on STANDARD_PATH."""
        return self.program if self.program is not None else self.argv[0]

    @property
    def inferred_program(self) -> bool:
        """Whether the program is the first argument, which ``launchctl print`` says."""
        return self.program is None

    @property
    def on_demand(self) -> bool:
        """What ``launchctl list LABEL`` prints as OnDemand."""
        return self.when.keep_alive is False

    @property
    def starts_at_load(self) -> bool:
        """Whether loading starts it, unless a condition of the machine (a path, another job)
        does, which the supervisor sees (1.3)."""
        keep = self.when.keep_alive
        if isinstance(keep, KeepAlive):
            keep = keep.on_exit and not keep.after_initial_demand
        return self.when.run_at_load or keep
