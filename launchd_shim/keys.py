"""Every key of launchd.plist(5), its type, default and what it does here (spec/launchd.md 1.2-1.5).

Data only. A name is matched in any case; a value of another kind is ignored, as an unknown key is.
`launchd-shim check` shows what the keys of a file do.
"""

from __future__ import annotations

#: What a key does here.
DONE, PARTLY, ACCEPTED, REFUSED = "done", "partly", "accepted without effect", "refused"

BOOL, INT, STRING, ARRAY, DICT = "boolean", "integer", "string", "array", "dictionary"


class Key:
    """One key: its kinds of value, its default in words, its effect, and where it goes.

    ``field`` is the attribute that takes it (below Job for the keys of the top level), "" when
    something else reads it; ``rule`` names the function of launchd_shim.rules that checks and
    converts it, "" takes it as it is; ``note`` says what "partly" leaves out, or why there is
    no effect.
    """

    __slots__ = ("default", "effect", "field", "kinds", "name", "note", "rule")

    def __init__(self, name: str, kinds: str, default: str, effect: str, field: str = "",
                 rule: str = "", note: str = "") -> None:
        self.name = name
        #: Names as kind_of() gives them.
        self.kinds = kinds.split("|") if kinds else []
        self.default = default
        self.effect = effect
        self.field = field
        self.rule = rule
        self.note = note


def table(*keys: Key) -> dict[str, Key]:
    """Keys by their lower-case names."""
    return {key.name.lower(): key for key in keys}


_APPLE = "internal to Apple's system"
_POWER = "Linux has no such power or memory policy"

TOP = table(
    # Identity, program, session.
    Key("Label", STRING, "required", DONE),
    Key("Program", STRING, "the first of ProgramArguments", DONE),
    Key("ProgramArguments", ARRAY, "Program alone", DONE),
    Key("BundleProgram", STRING, "", REFUSED,
        note="there is no app bundle; a job that names nothing else to run is refused"),
    Key("EnableGlobbing", BOOL, "false", DONE, "globbing"),
    Key("Disabled", f"{BOOL}|{DICT}", "false", DONE, "disabled", "disabled"),
    Key("LimitLoadToSessionType", f"{STRING}|{ARRAY}", "Aqua for agents, System for daemons",
        PARTLY, "sessions", "sessions", "there is no login window: Aqua is what a user asks for"),
    Key("LimitLoadToHosts", ARRAY, "", ACCEPTED, note="launchd 2.x ignores it"),
    Key("LimitLoadFromHosts", ARRAY, "", ACCEPTED, note="launchd 2.x ignores it"),
    Key("LimitLoadToHardware", DICT, "", PARTLY, "hardware_only", "hardware",
        "of sysctl hw. only machine and model are known"),
    Key("LimitLoadFromHardware", DICT, "", PARTLY, "hardware_except", "hardware",
        "of sysctl hw. only machine and model are known"),
    Key("LimitLoadToVariant", STRING, "", ACCEPTED, note=_APPLE),
    Key("LimitLoadFromVariant", STRING, "", ACCEPTED, note=_APPLE),
    Key("LimitLoadToBootMode", f"{STRING}|{ARRAY}", "", ACCEPTED, note=_APPLE),
    Key("LimitLoadFromBootMode", f"{STRING}|{ARRAY}", "", ACCEPTED, note=_APPLE),
    Key("AssociatedBundleIdentifiers", f"{STRING}|{ARRAY}", "", ACCEPTED,
        note="only System Settings shows it"),
    Key("SessionCreate", BOOL, "false", PARTLY, "process.session",
        note="a session of the kernel, no audit session"),
    Key("ServiceDescription", STRING, "", ACCEPTED, note="a description"),
    Key("SHAuthorizationRight", STRING, "", ACCEPTED, note="there are no authorization rights"),
    Key("ServiceIPC", BOOL, "", ACCEPTED, note="of macOS 10.4"),
    # When to run.
    Key("RunAtLoad", BOOL, "false", DONE, "when.run_at_load"),
    Key("KeepAlive", f"{BOOL}|{DICT}", "false", DONE, "when.keep_alive", "keep_alive"),
    Key("OnDemand", BOOL, "true", DONE),
    Key("LaunchOnlyOnce", BOOL, "false", DONE, "when.launch_only_once"),
    Key("StartInterval", INT, "", DONE, "when.interval", "interval"),
    Key("StartCalendarInterval", f"{DICT}|{ARRAY}", "", DONE, "when.calendar", "calendar"),
    Key("WatchPaths", ARRAY, "", DONE, "when.watch_paths", "strings"),
    Key("QueueDirectories", ARRAY, "", DONE, "when.queue_directories", "strings"),
    Key("StartOnMount", BOOL, "false", DONE, "when.on_mount"),
    Key("LaunchEvents", DICT, "", PARTLY, "when.event_paths", "events",
        "of the event streams only com.apple.fsevents.matching, and of that only Path"),
    Key("MachServices", DICT, "", PARTLY, "mach_services", "names",
        "the names are listed, but nothing answers on them"),
    Key("Sockets", DICT, "", DONE, "when.sockets", "sockets"),
    Key("inetdCompatibility", DICT, "", DONE, "when.inetd_wait", "inetd"),
    # Restart, stop, time-outs.
    Key("ThrottleInterval", INT, "10", DONE, "when.throttle", "throttle"),
    Key("ExitTimeOut", INT, "5", DONE, "process.exit_timeout", "seconds"),
    Key("TimeOut", INT, "", ACCEPTED, note="launchd 2.x no longer implements it"),
    Key("AbandonProcessGroup", BOOL, "false", DONE, "process.abandon_group"),
    Key("EnableTransactions", BOOL, "false", ACCEPTED, note="every job gets SIGTERM first"),
    Key("EnablePressuredExit", BOOL, "false", ACCEPTED, note=_POWER),
    Key("HopefullyExitsFirst", BOOL, "", ACCEPTED, note="launchd 2.x has no such hint"),
    Key("HopefullyExitsLast", BOOL, "", ACCEPTED, note="launchd 2.x has no such hint"),
    Key("BeginTransactionAtShutdown", BOOL, "", ACCEPTED, note=_APPLE),
    # Process attributes.
    Key("UserName", STRING, "root in the system domain", DONE, "process.user", "filled"),
    Key("GroupName", STRING, "the user's primary group", DONE, "process.group", "filled"),
    Key("InitGroups", BOOL, "true", DONE, "process.init_groups"),
    Key("RootDirectory", STRING, "", DONE, "process.root", "filled"),
    Key("WorkingDirectory", STRING, "/", DONE, "process.directory", "filled"),
    Key("EnvironmentVariables", DICT, "", DONE, "process.environment", "environment"),
    Key("Umask", f"{INT}|{STRING}", "022", DONE, "process.umask", "umask"),
    Key("Nice", INT, "0", DONE, "process.nice", "nice"),
    Key("SoftResourceLimits", DICT, "", PARTLY, "process.soft_limits", "limits",
        "at most what this machine's hard limit allows"),
    Key("HardResourceLimits", DICT, "", PARTLY, "process.hard_limits", "limits",
        "at most what this machine's hard limit allows"),
    Key("ProcessType", STRING, "Standard", PARTLY, "process.type", "process_type",
        "a hint: niceness and I/O priority"),
    Key("POSIXSpawnType", STRING, "", PARTLY, note="an old spelling of ProcessType"),
    Key("LowPriorityIO", BOOL, "false", PARTLY, "process.low_priority_io",
        note="the best-effort class's lowest level"),
    Key("LowPriorityBackgroundIO", BOOL, "false", PARTLY, "process.low_priority_background_io",
        note="the idle class, always"),
    Key("MaterializeDatalessFiles", BOOL, "", ACCEPTED, note="there are no dataless files"),
    Key("LegacyTimers", BOOL, "false", ACCEPTED, note="Linux coalesces no timers"),
    Key("Debug", BOOL, "false", ACCEPTED, note="the log says the same of every job"),
    Key("WaitForDebugger", BOOL, "false", DONE, "process.suspended"),
    # Standard streams.
    Key("StandardInPath", STRING, "/dev/null", DONE, "process.stdin", "filled"),
    Key("StandardOutPath", STRING, "/dev/null", DONE, "process.stdout", "filled"),
    Key("StandardErrorPath", STRING, "/dev/null", DONE, "process.stderr", "filled"),
    # Apple's own, of any kind.
    *(Key(name, "", "", ACCEPTED, note=_APPLE) for name in (
        "JetsamProperties", "MultipleInstances", "SandboxProfile", "SandboxFlags",
        "BinaryOrderPreference", "CPUType", "PublishesEvents", "SystemLoggingSocket")),
)

#: Keys that begin so are Apple's own as well.
PRIVATE_PREFIX = "_"

KEEP_ALIVE = table(
    Key("SuccessfulExit", BOOL, "", DONE, "successful_exit"),
    Key("Crashed", BOOL, "", DONE, "crashed"),
    Key("NetworkState", BOOL, "", ACCEPTED, "network", note="launchd 2.x no longer implements it"),
    Key("PathState", f"{DICT}|{STRING}", "", DONE, "path_state", "path_state"),
    Key("OtherJobEnabled", DICT, "", DONE, "other_job_enabled", "flags"),
    Key("OtherJobActive", DICT, "", DONE, "other_job_active", "flags"),
    Key("AfterInitialDemand", BOOL, "false", DONE, "after_initial_demand"),
)

SOCKET = table(
    Key("SockType", STRING, "stream", DONE, "type", "sock_type"),
    Key("SockPassive", BOOL, "true", DONE, "passive"),
    Key("SockNodeName", STRING, "any address", DONE, "node"),
    Key("SockServiceName", f"{STRING}|{INT}", "", DONE, "service", "service"),
    Key("SockFamily", STRING, "any", DONE, "family", "sock_family"),
    Key("SockProtocol", STRING, "by the type", DONE, "protocol", "sock_protocol"),
    Key("SockPathName", STRING, "", DONE, "path", "filled"),
    Key("SockPathMode", INT, "0700", DONE, "mode", "mode"),
    Key("SockPathOwner", INT, "", DONE, "owner", "id"),
    Key("SockPathGroup", INT, "", DONE, "group", "id"),
    Key("SecureSocketWithKey", STRING, "", DONE, "key", "variable"),
    Key("Bonjour", f"{BOOL}|{STRING}|{ARRAY}", "false", ACCEPTED, note="nothing is advertised"),
    Key("MulticastGroup", STRING, "", DONE, "multicast"),
    Key("ReceivePacketInfo", BOOL, "false", DONE, "packet_info"),
)

INETD = table(Key("Wait", BOOL, "false", DONE, "wait"))

#: Of StartCalendarInterval: name -> the largest value.
CALENDAR = {"Minute": 59, "Hour": 23, "Day": 31, "Weekday": 7, "Month": 12}

#: Of the resource limits: name -> the name in Linux's setrlimit(2) and in `launchctl limit`.
LIMITS: dict[str, tuple[str, str]] = {
    "Core": ("RLIMIT_CORE", "core"),
    "CPU": ("RLIMIT_CPU", "cpu"),
    "Data": ("RLIMIT_DATA", "data"),
    "FileSize": ("RLIMIT_FSIZE", "filesize"),
    "MemoryLock": ("RLIMIT_MEMLOCK", "memlock"),
    "NumberOfFiles": ("RLIMIT_NOFILE", "maxfiles"),
    "NumberOfProcesses": ("RLIMIT_NPROC", "maxproc"),
    "ResidentSetSize": ("RLIMIT_RSS", "rss"),
    "Stack": ("RLIMIT_STACK", "stack"),
}

SESSIONS = ("Aqua", "Background", "LoginWindow", "StandardIO", "System")
PROCESS_TYPES = ("Background", "Standard", "Adaptive", "Interactive")
SOCKET_TYPES = ("stream", "dgram", "seqpacket")
SOCKET_FAMILIES = ("IPv4", "IPv6", "IPv4v6", "Unix")
SOCKET_PROTOCOLS = ("TCP", "UDP")
