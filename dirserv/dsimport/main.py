"""dsimport as a command (spec/dirserv.md 5.7).

As on macOS, records that cannot be imported change neither output nor exit status: --outputfile
lists them. What stops the import as a whole is said on standard error.
"""

from __future__ import annotations

import os

from dirserv import __version__
from dirserv.dsimport import description
from dirserv.dsimport.entries import entries
from dirserv.dsimport.fault import (
    EX_CANTCREAT,
    EX_DATAERR,
    EX_NOPERM,
    EX_SOFTWARE,
    EX_UNAVAILABLE,
    EX_USAGE,
    Fault,
)
from dirserv.dsimport.importing import Import
from dirserv.dsimport.options import USAGE, Options
from dirserv.dsimport.report import Report
from dirserv.errors import PERMISSION, DSError, status_name
from dirserv.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.console import Console
    from dirserv.directory import Directory
    from dirserv.dsimport.entries import Entry

NODES = (".", "/Local/Default", "/Local", "/Search")
#: How much is read of the import file, and of a file that a record names: 64 and 16 MiB.
LARGEST_FILE, LARGEST_VALUE = 64 << 20, 16 << 20
#: Files that are this process's own, not the root's.
_OWN_FILES = ("/dev/stdin", "/dev/fd/")


def run(argv: list[str], console: Console, directory: Directory) -> Outcome:
    """The command dsimport."""
    arguments = argv[1:]
    if arguments == ["--help"]:
        return Outcome(out=USAGE)
    if arguments == ["--version"]:
        return Outcome(out=f"{argv[0]} {__version__}\n")
    try:
        options = Options(arguments)
        report = _import(options, console, directory)
        _write(options, directory, report)
    except Fault as fault:
        return Outcome(err=f"{fault}\n", status=fault.status)
    outcome = Outcome()
    for reason in report.reasons if options.talks else ():
        outcome.complain(f"{argv[0]}: {reason}")
    return outcome


def _import(options: Options, console: Console, directory: Directory) -> Report:
    """Everything is read before the directory is locked."""
    if options.node not in NODES:
        raise Fault(f"dsimport: there is no node {options.node} here", EX_UNAVAILABLE)
    found = _entries(options, directory)
    _authenticate(options, console, directory)
    report, change = Report(), directory.change()
    if found:
        try:
            with change:
                work = Import(change, options, report, found)
                for entry in found:
                    work.add(entry)
        except DSError as error:
            status = EX_NOPERM if error.code == PERMISSION else EX_SOFTWARE
            raise Fault(f"dsimport: {error}", status) from error
    return report


def _entries(options: Options, directory: Directory) -> list[Entry]:
    def load(path: str) -> bytes:
        return _content(directory.root.host(path), LARGEST_VALUE)

    own = options.file.startswith(_OWN_FILES)
    try:
        path = options.file if own else directory.root.host(options.file)
        data = _content(path, LARGEST_FILE, pipes=own)
    except (OSError, ValueError):
        raise Fault(f"Unable to open import file '{options.file}'", EX_DATAERR) from None
    found = list(entries(data, _format(options), load))
    override = options.get("--recordtype")
    if override is not None:
        type = description.typed(override)
        for entry in found:
            entry.type = type
    return found


def _format(options: Options) -> str | None:
    """The record description of the command line."""
    template = options.get("--template")
    if template is None:
        return options.get("--recordformat")
    if template not in description.TEMPLATES:
        raise Fault(f"dsimport: there is no template {template}", EX_USAGE)
    return description.TEMPLATES[template]


def _content(path: str, most: int, pipes: bool = False) -> bytes:
    """The content of a regular file. Raises OSError; ValueError with a sentence if it is none."""
    import stat

    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if pipes else os.O_NONBLOCK))
    with open(fd, "rb") as file:
        mode = os.fstat(fd).st_mode
        if not (stat.S_ISREG(mode) or pipes and stat.S_ISFIFO(mode)):
            raise ValueError(f"{path} is no regular file")
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{path} is larger than {most >> 20} MiB")
    return data


def _authenticate(options: Options, console: Console, directory: Directory) -> None:
    """Check the credentials of the command line, if there are any."""
    from dirserv.passwords import authenticate

    user, password = options.get("--username"), options.get("--password")
    if user is None:
        return
    if password is None:
        password = console.ask("Password: ")
    refused = authenticate(directory, user, password)
    if refused:
        raise Fault(f"dsimport: {user} is not authenticated: {status_name(refused)} ({refused})",
                    EX_NOPERM)


def _write(options: Options, directory: Directory, report: Report) -> None:
    """Write --outputfile."""
    path = options.get("--outputfile")
    if path is None:
        return
    try:
        fd = os.open(directory.root.host(path),
                     os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        with open(fd, "wb") as file:
            file.write(report.plist())
    except OSError as error:
        raise Fault(f"dsimport: imported, but {path} cannot be written: {error.strerror}",
                    EX_CANTCREAT) from error
