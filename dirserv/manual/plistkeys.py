"""What each key of launchd.plist(5) is for. `launchd_shim.keys` has its type, default and effect.

Meanings in our own words; source: spec/launchd.md 1.2-1.5. A key that only Apple uses has none.
"""

from __future__ import annotations

TOP = {
    "Label": "The name of the job, unique in its domain.",
    "Program": "The absolute path of what is executed. A bare name in ProgramArguments is looked "
               "up in the standard path.",
    "ProgramArguments": "The arguments, the name of the program first.",
    "BundleProgram": "A program inside an app bundle.",
    "EnableGlobbing": "Expand patterns in ProgramArguments before the program is executed.",
    "Disabled": "Whether the job is disabled at first. What launchctl enable and disable said "
                "counts more.",
    "LimitLoadToSessionType": "The kinds of session that the job is for: Aqua, Background, "
                              "LoginWindow, StandardIO or System.",
    "LimitLoadToHosts": "The hosts that the job is for.",
    "LimitLoadFromHosts": "The hosts that the job is not for.",
    "LimitLoadToHardware": "Load the job only where these sysctl values under hw. are found.",
    "LimitLoadFromHardware": "Load the job only where they are not found.",
    "LimitLoadToVariant": "The variants of the system that the job is for.",
    "LimitLoadFromVariant": "The variants of the system that the job is not for.",
    "LimitLoadToBootMode": "The ways of starting up that the job is for.",
    "LimitLoadFromBootMode": "The ways of starting up that the job is not for.",
    "AssociatedBundleIdentifiers": "The apps that the job belongs to.",
    "SessionCreate": "Run the job in a security session of its own.",
    "ServiceDescription": "What the job is for, in words.",
    "SHAuthorizationRight": "The right that is needed to start the job.",
    "ServiceIPC": "Whether the job talks to launchd.",
    "RunAtLoad": "Start the job once when it is loaded.",
    "KeepAlive": "Whether, or under which conditions, a job that has ended is started again; "
                 "see CONDITIONS OF KEEPALIVE.",
    "OnDemand": "The old opposite of KeepAlive: false keeps the job alive.",
    "LaunchOnlyOnce": "Start the job at most once.",
    "StartInterval": "Start the job every so many seconds.",
    "StartCalendarInterval": "Start the job whenever the local time matches a dictionary of "
                             "Minute, Hour, Day, Weekday and Month, or one of several. A missing "
                             "entry matches always; Weekday 0 and 7 are Sunday. A job that runs "
                             "at that time is started once more when it has ended.",
    "WatchPaths": "Start the job when one of these paths changes, appears or goes away.",
    "QueueDirectories": "Keep the job running while one of these directories is not empty.",
    "StartOnMount": "Start the job when a file system is mounted.",
    "LaunchEvents": "Start the job on events of named streams.",
    "MachServices": "The Mach services that the job offers.",
    "Sockets": "Sockets that launchd opens for the job: by name, a dictionary or an array of "
               "them; see SOCKETS. The first connection starts the job.",
    "inetdCompatibility": "Start the job for connections to its Sockets as inetd does; Wait says "
                          "whether it gets the listening socket or, each time anew, a connection.",
    "ThrottleInterval": "The least number of seconds between two starts.",
    "ExitTimeOut": "Seconds from SIGTERM to SIGKILL when the job is stopped; 0 waits for ever.",
    "TimeOut": "Seconds until an idle job is stopped.",
    "AbandonProcessGroup": "Leave the job's other processes alone when its main one has ended.",
    "EnableTransactions": "The job says by itself when it must not be killed.",
    "EnablePressuredExit": "The job may be ended when memory is short.",
    "HopefullyExitsFirst": "Stop the job early at shutdown.",
    "HopefullyExitsLast": "Stop the job late at shutdown.",
    "BeginTransactionAtShutdown": "The job has work to do at shutdown.",
    "UserName": "The user that the job runs as; only in the system domain.",
    "GroupName": "The group that the job runs as; only in the system domain.",
    "InitGroups": "Whether the job is given all groups of its user.",
    "RootDirectory": "The directory that becomes the job's root directory.",
    "WorkingDirectory": "The job's working directory.",
    "EnvironmentVariables": "Variables to set in the job's environment.",
    "Umask": "The file mode creation mask: an integer is decimal, a string that begins with 0 "
             "octal.",
    "Nice": "The niceness, from -20 to 20.",
    "SoftResourceLimits": "Soft limits of setrlimit(2): Core, CPU, Data, FileSize, MemoryLock, "
                          "NumberOfFiles, NumberOfProcesses, ResidentSetSize, Stack.",
    "HardResourceLimits": "Hard limits, by the same names.",
    "ProcessType": "How demanding the job is: Background, Standard, Adaptive or Interactive.",
    "POSIXSpawnType": "How demanding the job is.",
    "LowPriorityIO": "Whether the job's input and output come after that of others.",
    "LowPriorityBackgroundIO": "The same while the job is in the background.",
    "MaterializeDatalessFiles": "Whether reading fetches a file from its cloud.",
    "LegacyTimers": "Whether the job's timers are exact.",
    "Debug": "Log more about the job.",
    "WaitForDebugger": "Stop the job before its first instruction.",
    "StandardInPath": "The file that is the job's standard input.",
    "StandardOutPath": "The file that standard output is appended to. It and its directory are "
                       "made if need be.",
    "StandardErrorPath": "The same for standard error.",
}

KEEP_ALIVE = {
    "SuccessfulExit": "true: start again after status 0; false: after any other end.",
    "Crashed": "true: start again after a crash; false: after any other end.",
    "NetworkState": "Keep alive while there is, or is not, a network.",
    "PathState": "Keep alive while a path exists (true) or does not (false).",
    "OtherJobEnabled": "Keep alive while another job is loaded (true) or is not (false).",
    "OtherJobActive": "Keep alive while another job runs (true) or does not (false).",
    "AfterInitialDemand": "No condition counts before something has started the job once.",
}

SOCKET = {
    "SockType": "stream, dgram or seqpacket.",
    "SockPassive": "Whether to listen (true) or to connect (false).",
    "SockNodeName": "The host to listen on or to connect to.",
    "SockServiceName": "The name or number of the port.",
    "SockFamily": "IPv4, IPv6, IPv4v6 or Unix.",
    "SockProtocol": "TCP or UDP.",
    "SockPathName": "The path of a Unix socket.",
    "SockPathMode": "The mode of that path, a decimal number: 438 is 0666.",
    "SockPathOwner": "The uid that owns the path.",
    "SockPathGroup": "The gid of the path.",
    "SecureSocketWithKey": "Make a Unix socket at a path of its own, which the domain's "
                           "environment tells under this name.",
    "Bonjour": "Names under which the socket is advertised.",
    "MulticastGroup": "The multicast group to join.",
    "ReceivePacketInfo": "Whether packets come with the address that they were sent to.",
}
