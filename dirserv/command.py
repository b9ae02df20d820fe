"""The edge between a process and a command: arguments in, streams and exit status out.

A command is a function ``(argv, console, directory) -> Outcome``; ``argv[0]`` is its name.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import gc
import posix
import sys

from dirserv.console import Console
from dirserv.directory import Directory
from dirserv.errors import DSError, NoDirectory
from dirserv.outcome import Outcome
from dirserv.paths import find_root
from dirserv.system import encoded, environ, late

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    Command = Callable[[list[str], Console, Directory], Outcome]

#: Command -> the module whose ``run`` it is.
MODULES = {
    "dscl": "dirserv.dscl.main",
    "dseditgroup": "dirserv.dseditgroup",
    "sysadminctl": "dirserv.sysadminctl.main",
    "dsmemberutil": "dirserv.dsmemberutil",
    "dscacheutil": "dirserv.dscacheutil",
    "dserr": "dirserv.dserr",
    "dsenableroot": "dirserv.dsenableroot",
    "dsimport": "dirserv.dsimport.main",
    "createhomedir": "dirserv.createhomedir",
    "pwpolicy": "dirserv.pwpolicy.main",
    "launchctl": "launchd_shim.launchctl.main",
    "wait4path": "launchd_shim.wait4path",
}

#: sysexits.h
EX_USAGE, EX_SOFTWARE, EX_OSERR = 64, 70, 71


def main(name: str, root: str | None = None) -> NoReturn:
    """Run the command ``name`` with this process's arguments and end the process.

    ``root`` is the root the command is installed in; None for the checkout, where DIRSERV_ROOT
    names it.
    """
    gc.disable()  # a command ends before what it could free would count
    settle_process()
    console = Console()
    outcome = _run([name, *sys.argv[1:]], console, root)
    console.show(outcome)
    posix._exit(outcome.status & 0xFF)


def settle_process() -> None:
    """Give the process what every command relies on."""
    # A reader that goes away ends us quietly, as it ends a C program.
    _signal.signal(_signal.SIGPIPE, _signal.SIG_DFL)
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    posix.umask(0o077)
    for fd in (0, 1, 2):
        # With a standard stream closed the database would be opened in its place.
        try:
            posix.fstat(fd)
        except OSError:
            posix.open("/dev/null", posix.O_RDWR)


def _run(argv: list[str], console: Console, root: str | None) -> Outcome:
    name = argv[0]
    try:
        # The locale may be any; names and values are UTF-8 all the same.
        argv = [encoded(argument).decode("utf-8") for argument in argv]
        sys.argv = argv  # what the log says was called
        return load(name)(argv, console, Directory(find_root(root)))
    except UnicodeDecodeError:
        return Outcome(err=f"{name}: an argument is not UTF-8 text\n", status=EX_USAGE)
    except (NoDirectory, DSError) as error:
        return Outcome(err=f"{name}: {error}\n", status=EX_SOFTWARE)
    except OSError as error:
        return Outcome(err=f"{name}: {error}\n", status=EX_OSERR)
    except Exception as error:  # noqa: BLE001 - the last resort
        return internal_error(name, error)


def internal_error(name: str, error: Exception) -> Outcome:
    """What a fault of ours looks like: a sentence, never a traceback unless one is asked for."""
    if environ("DIRSERV_TRACEBACK"):
        raise error
    what = f"{type(error).__name__}: {error}"
    return Outcome(
        err=f"{name}: internal error ({what}); DIRSERV_TRACEBACK=1 shows where\n",
        status=EX_SOFTWARE,
    )


def load(name: str) -> Command:
    """The function of a command."""
    command: Command = late(MODULES[name], "run")
    return command
