"""darling-dirserv install: the commands, the package and the database go into a prefix."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import asdict

from dirserv.admin.cli import show
from dirserv.prefix import target
from dirserv.prefix.install import Result, install

HELP = "install into a Darling prefix or any other tree laid out like macOS"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    prefix_arguments(parser)
    parser.add_argument("--without", action="append", metavar="NAME",
                        help="leave out a part, such as sudo or launchctl; can be repeated")
    choices(parser)


def prefix_arguments(parser: argparse.ArgumentParser) -> None:
    """Which prefix; shared with upgrade and uninstall."""
    parser.add_argument("--prefix", metavar="DIR",
                        help="the prefix (default: $DPREFIX, else ~/.darling)")
    parser.add_argument("--libexec", metavar="DIR", help="where Darling itself is installed, if "
                        "not in /usr/libexec/darling or /usr/local/libexec/darling")


def choices(parser: argparse.ArgumentParser) -> None:
    """What an upgrade may choose anew."""
    parser.add_argument("--python", metavar="PATH", help="the Python that runs the commands")
    parser.add_argument("--system-version", metavar="X",
                        help="the macOS version that sw_vers says (default: unchanged)")
    parser.add_argument("--dry-run", action="store_true", help="show the plan, change nothing")


def run(options: argparse.Namespace) -> int:
    """Do it."""
    result = install(the_target(options), options.python, options.without or (),
                     options.system_version, options.dry_run)
    show(options, asdict(result), lines(result, "would change" if options.dry_run else "changed"))
    return 0


def the_target(options: argparse.Namespace) -> target.Target:
    """The prefix that the options name."""
    os.umask(0o022)
    return target.find(options.prefix or target.default_prefix(), options.libexec)


def lines(result: Result, verb: str) -> Iterator[str]:
    """A result for people: the code as one line, everything else path by path."""
    code = [step for step in result.steps if step["part"] == "package"]
    for step in result.steps:
        if step["part"] not in ("package", "directory"):
            why = f"  ({step['why']})" if step["why"] else ""
            yield f"{step['do']:<8} {step['path']}{why}"
    if code:
        yield f"{code[0]['do']:<8} {len(code)} files of the package"
    yield from result.left
    yield f"{result.prefix}: {len(result.steps)} paths {verb}"
