"""What launchctl(1), launchd-shim(8), wait4path(1) and sandbox-exec(1) take."""

from __future__ import annotations

import argparse

from dirserv.manual.describe import Row, Verb, describe
from launchd_shim.check import command as check
from launchd_shim.launchctl.subcommands import SUBCOMMANDS

#: Subcommand -> what can be completed behind it.
_ROWS: dict[str, tuple[Row, ...]] = {
    "bootout": (("--wait", "", "Accepted: the end of a service is always waited for."),),
    "kickstart": (("-k", "", "End the running process first."),
                  ("-p", "", "Print the process id."),
                  ("-s", "", "Stop it before its first instruction."),
                  ("-u", "", "Accepted.")),
    "list": (("-x", "", "Print XML."),),
    "submit": (("-l", "label", "The label."), ("-p", "program", "What to execute."),
               ("-o", "path", "Standard output."), ("-e", "path", "Standard error.")),
    "load": (("-w", "", "Enable what is loaded."), ("-F", "", "Load what is disabled too."),
             ("-S", "session", "Only jobs of this session type."),
             ("-D", "system|local|user|network|all", "Look in this domain's directories."),
             ("paths", "path", "Property lists or directories of them.")),
    "unload": (("-w", "", "Disable what is unloaded."), ("-F", "", "Accepted."),
               ("-S", "session", "Only jobs of this session type."),
               ("-D", "system|local|user|network|all", "Look in this domain's directories."),
               ("paths", "path", "Property lists or directories of them.")),
    "plist": (("file", "path", "A Mach-O file."),),
    "help": (("subcommand", "name: " + "|".join(row[0] for row in SUBCOMMANDS),
              "A subcommand."),),
}


def _verbs() -> list[Verb]:
    return [(name, tail, text if where else f"{text} Not available here.", _ROWS.get(name, ()))
            for name, where, tail, text in SUBCOMMANDS]


def launchctl() -> argparse.ArgumentParser:
    """The parser of launchctl, made of its own table."""
    return describe(
        "launchctl", "subcommand [argument ...]",
        "Talks to the launchd of the root, which it starts if none runs: loads jobs from property "
        "lists, starts, stops and describes them.", verbs=_verbs())


def launchd_shim() -> argparse.ArgumentParser:
    """The parser of launchd-shim; its subcommands have argparse parsers of their own."""
    parser = describe(
        "launchd-shim", "command [options]",
        "The launchd of a root. It runs in the background: launchctl starts it when none runs, "
        "and in a Darling prefix it starts with the container. The command itself serves the "
        "administrator.",
        ("options", (("--version", "", "Print the version."),
                     ("-h, --help", "", "Show the commands."))))
    commands = parser.add_subparsers(title="commands", metavar="command", required=True)
    made = check.parser()
    commands.add_parser(
        "check", parents=[made], add_help=False, help=made.description,
        formatter_class=made.formatter_class)
    return parser


def wait4path() -> argparse.ArgumentParser:
    """The parser of wait4path."""
    return describe("wait4path", "path", "Waits until a path exists.",
                    ("operand", (("path", "path", "The path."),)))


def sandbox_exec() -> argparse.ArgumentParser:
    """The parser of sandbox-exec."""
    return describe(
        "sandbox-exec", "[-D key=value ...] (-f profile-file | -n profile-name | "
        "-p profile-string) command [argument ...]",
        "Runs a command in a sandbox that a profile describes. How much of the profile is upheld "
        "is the administrator's choice, see FILES; without one the command runs as it is.",
        ("options", (
            ("-f", "profile-file", "Read the profile from a file."),
            ("-n", "profile-name: no-internet|no-network|no-write|no-write-except-temporary|"
             "pure-computation", "Use a profile by its name. Apart from the five that are built "
             "in, /usr/share/sandbox and /System/Library/Sandbox/Profiles are looked at."),
            ("-p", "profile-string", "The profile itself."),
            ("-D", "key=value", "A parameter of the profile. May be repeated."),
            ("-t", "file", "Accepted with a warning: nothing is traced."))),
        ("operand", (("command", "program", "What to run, with its arguments behind it."),)))
