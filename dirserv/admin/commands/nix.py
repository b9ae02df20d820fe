"""darling-dirserv nix: the official Nix installer in a prefix, and what comes after it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from dirserv.admin.cli import show
from dirserv.admin.errors import AdminError
from dirserv.admin.progress import Progress
from dirserv.nix import checks, health, install, looks, payload, places, probe, removal
from dirserv.nix.inside import Inside, find, stdin_is_socket

HELP = "install, verify, use and uninstall Nix in a prefix"
EXAMPLES = """\
examples:
  darling-dirserv nix install nix-2.34.7-x86_64-darwin.tar.xz
  darling-dirserv nix install --dry-run ./nix-2.34.7-x86_64-darwin -- --daemon-user-count 8
  darling-dirserv nix verify --json
  darling-dirserv nix run -- nix-shell -p hello --run hello
  darling-dirserv nix uninstall --dry-run
"""
_INSTALL = "run the unmodified official installer; status 1 if it or the result is not whole"
_VERIFY = "look at each of the installer's steps, evaluate and build; status 1 for a fault"
_UNINSTALL = "take Nix away by the official steps; what is not Nix's stays"
_RUN = "run a command with Nix's profile loaded; its status is ours"

_MARKS = {True: "ok", False: "failed", None: "-"}
_UID_NOTES = {
    probe.ONE: "all programs here have one real uid: builds run without build users "
               f"(NIX_CONFIG={probe.NIX_CONFIG!r})",
    probe.UNKNOWN: "no program could be given another uid, so build users were left as they are",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, text, act in (("install", _INSTALL, _install), ("verify", _VERIFY, _verify),
                            ("uninstall", _UNINSTALL, _uninstall), ("run", _RUN, _run)):
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("--prefix", "--root", dest="prefix", metavar="DIR",
                            help="the prefix (default: $DPREFIX, else ~/.darling)")
        action.add_argument("--darling", metavar="PROGRAM",
                            help="the prefix is Darling's, and this program enters it")
        if act is not _run:
            action.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                                help="print the result as JSON")
        if act in (_install, _uninstall):
            action.add_argument("--dry-run", action="store_true",
                                help="say what would be done, change nothing")
        action.set_defaults(act=act)
        if act is _install:
            action.add_argument("--direct", action="store_true",
                                help="run install-multi-user itself: it does not ask for the "
                                "version of macOS")
            action.add_argument("--force", action="store_true", help="whatever the checks find")
            action.add_argument("source", metavar="TARBALL_OR_DIR", type=Path,
                                help="the release, packed or not")
            action.add_argument("words", nargs="*", metavar="ARGUMENT",
                                help="for the installer, after --")
        if act is _run:
            action.add_argument("words", nargs="+", metavar="COMMAND")


def run(options: argparse.Namespace) -> int:
    """Do it. Raises AdminError for what stops it."""
    inside = find(options.prefix, options.darling)
    status: int = options.act(options, inside)
    return status


def _install(options: argparse.Namespace, inside: Inside) -> int:
    inside.boot()
    with inside.scratch() as scratch:
        source = options.source.absolute()
        if not source.exists():
            raise AdminError(f"{source} does not exist")
        if not source.is_dir():
            (scratch / "unpacked").mkdir()
            source = payload.unpack(source, scratch / "unpacked")
        found = payload.read(source)
        command = install.script(found, inside.show(str(source)), options.words, options.direct)
        obstacles = checks.obstacles(inside, found, options.direct)
        if options.dry_run or (obstacles and not options.force):
            return _planned(options, found, command, obstacles)
        stream = (sys.stderr if options.json else sys.stdout).buffer
        outcome = install.install(inside, found, command, install.steps(found, options.words),
                                  scratch, stream)
    results = list(health.examine(inside, use=outcome.status == 0))
    good = outcome.status == 0 and all(result.ok for result in results)
    show(options, {"installer": asdict(outcome), "checks": _rows(results)},
         [*_ended(outcome), *_table(results)])
    return 0 if good else 1


def _planned(options: argparse.Namespace, found: payload.Payload, command: str,
             obstacles: list[checks.Obstacle]) -> int:
    show(options, {"version": found.version, "command": command,
                   "obstacles": [obstacle._asdict() for obstacle in obstacles]},
         [*(f"{one.code:<12}  {one.text}; next: {one.next}" for one in obstacles),
          f"would run: {command}" if options.dry_run else
          "nothing was changed; --force goes on all the same"])
    return 1 if obstacles else 0


def _ended(outcome: install.Outcome) -> Iterator[str]:
    if outcome.uids in _UID_NOTES:
        yield f"note: {_UID_NOTES[outcome.uids]}"
    if outcome.status == 0:
        yield f"Nix {outcome.version}: the installer ended well; its output is in {outcome.log}"
        return
    status = f" (status {outcome.command_status})" if outcome.command_status is not None else ""
    yield f"Nix {outcome.version}: the installer stopped with status {outcome.status}"
    for name, text in (("step", outcome.step), ("command", outcome.command + status),
                       *(("said", line) for line in outcome.said), ("log", outcome.log),
                       ("next", outcome.next)):
        if text:
            yield f"  {name:<8} {text}"
    yield "what is done of its steps:"


def _verify(options: argparse.Namespace, inside: Inside) -> int:
    inside.boot()
    progress, results = Progress(len(health.NAMES)), []
    try:
        for result in health.examine(inside):
            progress.step(result.check)
            results.append(result)
    finally:
        progress.close()
    show(options, {"prefix": inside.root, "checks": _rows(results)}, _table(results))
    return 0 if all(result.ok for result in results) else 1


def _rows(results: Iterable[health.Result]) -> list[dict[str, object]]:
    return [result._asdict() for result in results]


def _table(results: list[health.Result]) -> Iterator[str]:
    width = max(len(result.check) for result in results)
    for result in results:
        remedy = f"; next: {result.next}" if result.next else ""
        yield f"{_MARKS[result.ok]:<6}  {result.check:<{width}}  {result.text}{remedy}"


def _uninstall(options: argparse.Namespace, inside: Inside) -> int:
    inside.boot()
    steps = removal.plan(inside)
    progress, notes = Progress(len(steps)), []
    try:
        for step in steps if not options.dry_run else ():
            progress.step(f"{step.path}: {step.what}")
            left = removal.apply(inside, step)
            notes += [f"{step.path} stays for what else is in it: {left}"] if left else []
    finally:
        progress.close()
    done = "would do" if options.dry_run else "done"
    show(options, {"dry_run": options.dry_run, "notes": notes,
                   "steps": [{"path": step.path, "do": step.what} for step in steps]},
         [*(f"{done}: {step.path}: {step.what}" for step in steps), *notes,
          *([] if steps else [f"{inside.root}: there is no Nix"])])
    return 0


def _run(options: argparse.Namespace, inside: Inside) -> int:
    """Become the command. In Darling it is no sh's last one: that would be its end."""
    if inside.emulated and stdin_is_socket():
        raise AdminError("standard input is a socket, which darling shell cannot hand on; "
                         "put `cat |` before this command")
    if inside.emulated:
        inside.boot()
    wanted = inside.run(f"cat {places.PLIST} 2>/dev/null").stdout
    variables = {name: value for name, value in os.environ.items() if name.startswith("NIX_")}
    if setting := looks.nix_config(wanted):
        variables.setdefault("NIX_CONFIG", setting)
    script = f'{places.LOAD} || exit 127\n"$@"\nexit $?'
    argv = inside.command(script, options.words, variables, uid=None)
    os.execvpe(argv[0], argv, inside.environment())
