"""createhomedir: make the homes that are missing (spec/dirserv.md 5.6)."""

from __future__ import annotations

from dirserv.getopt import BAD, getopt
from dirserv.names import HOME, PRIMARY_GROUP_ID, UNIQUE_ID, USERS
from dirserv.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.console import Console
    from dirserv.directory import Directory
    from dirserv.record import Record

EX_USAGE, EX_NOPERM = 64, 77

USAGE = """\
usage: createhomedir [-a | -l | -n NODE] [-b | -c | -s] [-i] [-u USER]
    -a        for every account of a person in any directory domain
    -l        for every account of a person in the local domain
    -n NODE   for every account of a person in this directory node
    -u USER   for this account (may be repeated)
    -i        for the accounts named on standard input, one a line
    -b        homes on this machine and on servers
    -c        homes on this machine only
    -s        homes on servers only: there are none here, so nothing is made
"""

_LOCAL_NODES = (".", "/Local/Default", "/Local", "/Search", "localhost", "localonly")
#: Ids below are the system's own accounts: their directories are made by what uses them.
_FIRST_PERSON = 500


class _Wanted:
    """Which homes to make: those of ``names`` (and of names on standard input), else everybody's.

    ``here`` is False if only homes that lie elsewhere were asked for.
    """

    def __init__(self, options: list[tuple[str, str]]) -> None:
        letters = {letter for letter, _ in options}
        nodes = [value for letter, value in options if letter == "n"]
        self.names = [value for letter, value in options if letter == "u"]
        self.read_names = "i" in letters
        self.sensible = BAD not in letters and bool(letters & set("alnui"))
        only_servers = "s" in letters and not letters & {"b", "c"}
        local = not nodes or any(node in _LOCAL_NODES for node in nodes)
        self.here = local and not only_servers


def run(argv: list[str], console: Console, directory: Directory) -> Outcome:
    """The command createhomedir. Status 0 also when there was nothing to make."""
    name, arguments = argv[0], argv[1:]
    if arguments == ["--help"]:
        return Outcome(out=USAGE)
    options, operands, errors = getopt(name, arguments, "abclsin:u:")
    wanted = _Wanted(options)
    if operands or not wanted.sensible:
        return Outcome(err=errors + USAGE, status=EX_USAGE)
    if directory.euid != 0:
        return Outcome(err=f"{name}: must be run as root\n", status=EX_NOPERM)
    outcome = Outcome()
    outcome.say(f"creating home directories for ({_host_name()})")
    if wanted.read_names:
        wanted.names += [line.strip() for line in console.lines() if line.strip()]
    if wanted.here:
        for user in _users(wanted, directory, outcome, name):
            _make(user, directory, outcome, name)
    return outcome


def _host_name() -> str:
    import os

    return os.uname().nodename


def _users(
    wanted: _Wanted, directory: Directory, outcome: Outcome, command: str
) -> list[Record]:
    if not wanted.names and not wanted.read_names:
        return [user for user in directory.records(USERS)
                if (user.number(UNIQUE_ID) or 0) >= _FIRST_PERSON]
    users = []
    for name in wanted.names:
        user = directory.find(USERS, name)
        if user is None:
            outcome.complain(f"{command}: there is no user {name}")
        else:
            users.append(user)
    return users


def _make(user: Record, directory: Directory, outcome: Outcome, command: str) -> None:
    from dirserv import homes
    from dirserv.hometree import HomeError

    path = user.first(HOME)
    uid, gid = user.number(UNIQUE_ID), user.number(PRIMARY_GROUP_ID)
    if not path or uid is None or gid is None or path == "/var/empty":
        return
    try:
        if homes.make(directory.root, path, (uid, gid)):
            outcome.say(f"created ({path})")
    except HomeError as error:
        outcome.complain(f"{command}: {path} is not created: {error}")
