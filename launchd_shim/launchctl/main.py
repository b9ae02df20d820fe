"""The command launchctl (spec/launchd.md 2)."""

from __future__ import annotations

from dirserv.outcome import Outcome
from dirserv.system import late
from launchd_shim.client import Unavailable
from launchd_shim.launchctl.call import Call
from launchd_shim.launchctl.failures import (
    EIO,
    ENOSYS,
    EX_USAGE,
    NOT_IMPLEMENTED,
    Failure,
    Usage,
)
from launchd_shim.launchctl.subcommands import GONE, help_text, place, usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dirserv.console import Console
    from dirserv.directory import Directory

_NOT_IMPLEMENTED = "Command is not yet implemented.\n"


def run(argv: list[str], console: Console, directory: Directory) -> Outcome:
    """The command launchctl: the status is launchd's error number, 64 for wrong arguments."""
    if argv[1:] == ["--help"]:
        return Outcome(out=help_text())
    if len(argv) < 2:
        return Outcome(out=help_text(), status=1)
    name = argv[1]
    where = place(name)
    if name in GONE:
        return Outcome(err=_NOT_IMPLEMENTED, status=ENOSYS)
    if where is None:
        return Outcome(out=help_text(), err=f"Unrecognized subcommand: {name}\n", status=1)
    if not where:
        return Outcome(err=_NOT_IMPLEMENTED, status=NOT_IMPLEMENTED)
    return _ended(_function(where), Call(name, argv[2:], directory))


def _ended(function: Callable[[Call], Outcome], call: Call) -> Outcome:
    try:
        return function(call)
    except Usage as wrong:
        return Outcome(err=f"{wrong}{usage(call.name)}", status=EX_USAGE)
    except Failure as failure:
        return Outcome(err=str(failure), status=failure.status)
    except Unavailable as reason:
        return Outcome(err=f"launchctl: {reason}\n", status=EIO)


def _function(where: str) -> Callable[[Call], Outcome]:
    """The function for "module.function"; only the module of one subcommand is imported."""
    module, _, name = where.partition(".")
    found: Callable[[Call], Outcome] = late(f"launchd_shim.launchctl.{module}", name)
    return found
