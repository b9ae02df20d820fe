"""``launchd-shim check FILE…``: options, files, exit status."""

from __future__ import annotations

import os

from dirserv.outcome import Outcome
from launchd_shim import plistpath
from launchd_shim.loading import Loaded, load
from launchd_shim.refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    #: A file's name and what came of it.
    Result = tuple[str, Loaded | Refused]

EX_USAGE = 64


def run(words: list[str]) -> Outcome:
    """Check files. Status 0: all would load; 1: one is refused; 64: wrong usage."""
    import contextlib
    import io

    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            options = parser().parse_args(words)
    except SystemExit as end:
        return Outcome(out.getvalue(), err.getvalue(), EX_USAGE if end.code else 0)
    results = _check(options)
    refused = any(isinstance(result, Refused) for _, result in results)
    return Outcome(out=_form(options)(results), status=int(refused))


def parser() -> argparse.ArgumentParser:
    """The arguments of the command."""
    import argparse

    made = argparse.ArgumentParser(
        prog="launchd-shim check",
        description="Say what launchd property lists mean: what runs and when, and what in them "
                    "has no effect here or is refused.",
        epilog="Exit status: 0 when every file would load, 1 when one is refused. With "
               "DIRSERV_ROOT set, paths mean that root's.",
    )
    made.add_argument("files", nargs="+", metavar="FILE",
                      help="a property list, or a directory for all *.plist in it")
    made.add_argument("--json", action="store_true", help="print an array of objects")
    made.add_argument("--any-owner", action="store_true",
                      help="do not check owner and mode, for a file that is not installed yet")
    made.add_argument("--color", choices=("auto", "always", "never"), default="auto",
                      help="colours; auto (the default) uses them on a terminal")
    return made


def _check(options: argparse.Namespace) -> list[Result]:
    owners = None if options.any_owner else {0, os.geteuid()}
    place = _place()
    return [(path, _load(path, place(path), owners))
            for named in options.files for path in _files(named, place)]


def _place() -> Callable[[str], str]:
    """From a path as it is named to the host's."""
    root = os.environ.get("DIRSERV_ROOT")
    if not root:
        return lambda path: path
    from dirserv.paths import Root

    return Root(os.path.abspath(root)).host


def _files(named: str, place: Callable[[str], str]) -> list[str]:
    """The files that a word of the command line names."""
    try:
        return [os.path.join(named, name) for name in plistpath.members(place(named))]
    except (OSError, ValueError):
        # No directory, or one that cannot be read: loading says what is wrong with it.
        return [named]


def _load(path: str, host: str, owners: set[int] | None) -> Loaded | Refused:
    try:
        return load(path, host, owners)
    except Refused as refusal:
        return refusal


def _form(options: argparse.Namespace) -> Callable[[list[Result]], str]:
    """How the results are written down."""
    from launchd_shim.check.jsonform import document
    from launchd_shim.check.render import text

    if options.json:
        return document
    when = options.color
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    colour = when == "always" or (when == "auto" and os.isatty(1) and not plain)
    return lambda results: text(results, colour)
