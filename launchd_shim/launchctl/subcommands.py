"""Every subcommand of launchctl: where it is done, its usage, what it is for (spec/launchd.md 2.1).

Data. The order is that of the help, the usage tails are launchctl's, the descriptions ours.
"""

from __future__ import annotations

_DEBUG = (
    "<service-target> [--program <program-path>] [--start-suspended] [oc-stack-logging] "
    "[--malloc-nano-allocator] [--debug-libraries] [--NSZombie] [--32] [--stdin [path]] "
    "[--stdout [path]] [--stderr [path]] [--environment VARIABLE0=value0 VARIABLE1=value1 ...] "
    "-- [argv0 argv1 ...]"
)
_PATHS = "<service-path, service-path2, ...>"

#: (name, "module.function" in this package or "" if it has no meaning here, usage, description).
SUBCOMMANDS: tuple[tuple[str, str, str, str], ...] = (
    ("bootstrap", "bootstrap.bootstrap", "<domain-target> [service-path, service-path2, ...]",
     "Loads services into a domain."),
    ("bootout", "bootstrap.bootout",
     "<domain-target> [service-path1, service-path2, ...] | <service-target>",
     "Removes services from a domain, stopping them first."),
    ("enable", "switching.switch", "<service-target>", "Lets a service be loaded."),
    ("disable", "switching.switch", "<service-target>",
     "Keeps a service from being loaded, also after a reboot."),
    ("uncache", "", "<service-name>", "Drops a service from the cache of services."),
    ("kickstart", "running.kickstart", "[-k] [-p] <service-target>", "Starts a service now."),
    ("attach", "", "[-k] [-s] [-x] <service-target>", "Attaches a debugger to a service."),
    ("debug", "", _DEBUG, "Prepares the next start of a service for debugging."),
    ("kill", "running.kill", "<signal-number|signal-name> <service-target>",
     "Sends a signal to the process of a service."),
    ("blame", "running.blame", "<service-target>", "Says why a service was started."),
    ("print", "printing.show", "<domain-target> | <service-target>",
     "Describes a domain or a service."),
    ("print-cache", "facts.cache", "", "Describes the cache of services."),
    ("print-disabled", "printing.disabled", "",
     "Lists what was enabled and disabled in a domain."),
    ("plist", "embedded.show", "[segment,section] <path>",
     "Shows the property list inside a Mach-O file (its Info.plist)."),
    ("procinfo", "procinfo.show", "<pid>", "Describes a process and its service."),
    ("hostinfo", "facts.host", "", "Lists the Mach ports of the host."),
    ("resolveport", "", "<owner-pid> <port-name>", "Finds the endpoint behind a Mach port."),
    ("limit", "limits.limit", "[<limit-name> [<both-limits> | <soft-limit> <hard-limit>]",
     "Shows the resource limits of launchd."),
    ("runstats", "", "<service-target>", "Shows statistics of a service."),
    ("examine", "", "[<tool> [arg0, arg1, ... , @PID, ...]]", "Runs a tool on launchd itself."),
    ("config", "config.config", "", "Sets the umask or the PATH of a domain's services for good."),
    ("dumpstate", "printing.dump", "", "Describes every domain and service of the caller."),
    ("reboot", "facts.reboot", "[system|halt|logout|apps|userspace]",
     "Restarts the machine, which this launchd refuses."),
    ("bootshell", "facts.reboot", "", "Leaves single-user mode, which this launchd refuses."),
    ("load", "loading.load", _PATHS, "Loads services from files or directories."),
    ("unload", "loading.load", _PATHS, "Removes services that were loaded from these files."),
    ("remove", "legacy.remove", "<service-name>", "Removes a service by its name."),
    ("list", "listing.listing", "[service-name]", "Lists the services, or shows one of them."),
    ("start", "legacy.start", "<service-name>", "Starts a service."),
    ("stop", "legacy.stop", "<service-name>", "Stops a service if it is running."),
    ("setenv", "environment.change", "<<key> <value>, ...>",
     "Sets environment variables for services started from now on."),
    ("unsetenv", "environment.change", "<key, ...>",
     "Removes environment variables for services started from now on."),
    ("getenv", "environment.get", "<key>", "Prints an environment variable of the domain."),
    ("export", "environment.export", "", "Prints the domain's environment as shell commands."),
    ("bsexec", "execute.in_process", "<pid> <program> [...]",
     "Runs a program in the domain of a process."),
    ("asuser", "execute.as_user", "<uid> <program> [...]",
     "Runs a program in the domain of a user."),
    ("submit", "legacy.submit",
     "-l <label> [-p <program>] [-o <stdout-path>] [-e <stderr-path] -- "
     "<command> [arg0, arg1, ...]", "Runs a command as a service that is kept alive."),
    ("managerpid", "facts.manager_pid", "", "Prints the process id of this session's launchd."),
    ("manageruid", "facts.manager_uid", "", "Prints the user id of this session."),
    ("managername", "facts.manager_name", "", "Prints the kind of this session."),
    ("error", "facts.error", "[posix|mach|bootstrap] <code>", "Explains an error number."),
    ("variant", "facts.variant", "", "Prints the variant of launchd."),
    ("version", "facts.version", "", "Prints the version of launchd."),
    ("help", "facts.explain", "<subcommand>", "Prints how a subcommand is used."),
)

#: Subcommands that launchctl had until macOS 10.9.
GONE = frozenset(("bslist", "bstree", "log", "umask", "getrusage", "shutdown", "singleuser",
                  "stdout", "stderr"))

_TARGETS = """
Where a target is asked for, it is one of these:

system[/service-name]
    the system's domain, or a service in it; only root changes it
user/<uid>[/service-name]
    the background domain of a user; that user and root change it
gui/<uid>[/service-name]
    the login domain of a user; that user and root change it
login/<asid>[/service-name]
    the same, named by the id of the login session

Subcommands that take a bare service name mean the domain of whoever calls: the system's for root.

Subcommands:
"""


def place(name: str) -> str | None:
    """Where a subcommand is done: "module.function", "" for nowhere, None if there is none."""
    return next((place for known, place, _, _ in SUBCOMMANDS if known == name), None)


def usage(name: str) -> str | None:
    """The usage line of a subcommand, None if there is no such subcommand."""
    for known, _, tail, _ in SUBCOMMANDS:
        if known == name:
            return f"Usage: launchctl {name} {tail}".rstrip() + "\n"
    return None


def help_text() -> str:
    """What launchctl prints when it is called without a subcommand."""
    rows = "".join(f"\t{name:<16}{what}\n" for name, _, _, what in SUBCOMMANDS)
    return f"Usage: launchctl <subcommand> ... | help [subcommand]\n{_TARGETS}{rows}"
