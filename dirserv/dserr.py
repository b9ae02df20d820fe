"""dserr: the name of a DirectoryService status code (spec/dirserv.md 5.3)."""

from __future__ import annotations

from dirserv import __version__
from dirserv.cnumber import strtol
from dirserv.errors import status_name
from dirserv.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.console import Console
    from dirserv.directory import Directory

EX_USAGE = 64


def run(argv: list[str], console: Console, directory: Directory) -> Outcome:
    """The command dserr. A text that begins with no number is the number 0, as for scanf(3)."""
    name, arguments = argv[0], argv[1:]
    if arguments == ["--help"]:
        return Outcome(out=_usage(name))
    if len(arguments) != 1:
        return Outcome(out=_usage(name), status=EX_USAGE)
    if arguments == ["-appleversion"]:
        return Outcome(out=f"{name}, Apple Inc., Version {__version__}\n")
    code = -abs(strtol(arguments[0])[0])
    return Outcome(out=f"{code}: {status_name(code)}\n")


def _usage(name: str) -> str:
    return f"Usage: {name} errCode\n"
