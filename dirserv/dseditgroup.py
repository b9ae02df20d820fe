"""dseditgroup: create, edit, read and delete groups, and ask about membership (spec 3)."""

from __future__ import annotations

from dirserv import __version__
from dirserv.errors import DSError
from dirserv.getopt import getopt
from dirserv.membership import is_member
from dirserv.names import (
    COMPUTER_GROUPS,
    COMPUTER_LISTS,
    COMPUTERS,
    GROUPS,
    STANDARD,
    UNIQUE_ID,
    USERS,
)
from dirserv.outcome import Outcome
from dirserv.record import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.console import Console
    from dirserv.directory import Directory
    from dirserv.record import Record

EX_USAGE, EX_NOUSER, EX_CANTCREAT = 64, 67, 73

_LETTERS = "LT:o:pqvn:m:u:P:a:d:t:i:g:r:k:c:s:S:f:?h"
_OPERATIONS = ("read", "create", "edit", "delete", "checkmember")
_TYPES = {"user": USERS, "group": GROUPS, "computer": COMPUTERS, "computergroup": COMPUTER_GROUPS}
_LOCAL_NODES = ("/Local/Default", "/Local", "/Search")

_USAGE = """
dseditgroup ({version}):: reads and changes group records.

usage: dseditgroup [-pqv] -o edit [-n node] [-u user] [-P password] [-r realname]
                   [-c comment] [-s ttl] [-k keyword] [-i gid] [-g uuid] [-S sid]
                   [-a member] [-d member] [-t membertype] [-T grouptype] [-L] group
       dseditgroup [-pqv] -o create [-n node] [-u user] [-P password] [-r realname]
                   [-c comment] [-s ttl] [-k keyword] [-i gid] [-g uuid] [-S sid]
                   [-a member] [-t membertype] [-T grouptype] [-L] group
       dseditgroup [-pqv] -o delete [-u user] [-P password] [-T grouptype] [-L] group
       dseditgroup [-qv] -o read [-T grouptype] group
       dseditgroup [-qv] -o checkmember [-m member] group

"""


class Stop(Exception):
    """The command ends here: a message on standard error and an exit status."""

    def __init__(self, message: str, status: int = EX_USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class Request:
    """The parsed command line: ``given`` maps option letters to their (last) values."""

    def __init__(self, given: dict[str, str], group: str, user: str) -> None:
        self.given = given
        operation = given.get("o", "").lower()
        self.operation = operation if operation in _OPERATIONS else "read"
        self.group = group
        self.user = user
        self.type = _TYPES.get(given.get("T", "").lower(), GROUPS)
        self.member_type = _TYPES.get(given.get("t", "").lower(), USERS)
        self.verbose = "v" in given

    @property
    def changes(self) -> bool:
        """Whether the operation writes."""
        return self.operation in ("create", "edit", "delete")


def run(argv: list[str], console: Console, directory: Directory) -> Outcome:
    """The command dseditgroup."""
    name, arguments = argv[0], argv[1:]
    usage = _USAGE.format(version=__version__)
    if not arguments or arguments == ["--help"]:
        return Outcome(out=usage)
    if arguments[0] == "-appleversion":
        return Outcome(out=f"{name}, Apple Inc., Version {__version__}\n")
    options, operands, complaints = getopt(name, arguments, _LETTERS)
    if any(letter in "?h" for letter, _ in options):
        return Outcome(out=usage, err=complaints, status=EX_USAGE)
    refused = _refused_value(options)
    if refused:
        return Outcome(out=refused + "\n", status=EX_USAGE)
    if not operands:
        return Outcome(err="No group name provided\n", status=EX_USAGE)
    given = dict(options)
    user = given.get("u") or _account(directory)
    if user is None:
        return Outcome(
            out="***Username <-u username> must be explicitly provided in this shell***\n" + usage
        )
    return _perform(Request(given, operands[0], user), console, directory)


def _refused_value(options: list[tuple[str, str]]) -> str:
    """The text for the first -i or -g that is none, empty if all are well formed."""
    for letter, value in options:
        if letter == "i" and not value.strip().lstrip("+-").isdecimal():
            return "GID contains non-numeric characters"
        if letter == "g" and not _is_uuid(value):
            return "GUID provided is not a valid UUID"
    return ""


def _is_uuid(value: str) -> bool:
    parts = value.split("-")
    digits = "".join(parts)
    well_formed = [len(part) for part in parts] == [8, 4, 4, 4, 12] and all(
        char in "0123456789abcdefABCDEF" for char in digits
    )
    return well_formed and digits.strip("0") != ""


def _account(directory: Directory) -> str | None:
    """The name of the account that runs the command."""
    if directory.euid == 0:
        return "root"  # nearly always; looking through all users would cost a third of the call
    uid = str(directory.euid)
    return next((user.name for user in directory.records(USERS)
                 if user.first(UNIQUE_ID) == uid), None)


def _perform(request: Request, console: Console, directory: Directory) -> Outcome:
    outcome = Outcome()
    if request.verbose:
        from dirserv.groupecho import echo

        echo(outcome, request)
    try:
        _authorise(request, console, directory, outcome)
        _operate(request, console, directory, outcome)
    except Stop as stop:
        if stop.message:
            outcome.complain(stop.message)
        outcome.status = stop.status
    except DSError as error:
        outcome.complain(error.note or str(error))
        outcome.status = EX_USAGE
    return outcome


def _authorise(
    request: Request, console: Console, directory: Directory, outcome: Outcome
) -> None:
    """Find the node and the group, then see who asks (spec 3.3: only root without a password)."""
    given = request.given
    node = given.get("n", "/Search")
    if not node.startswith(".") and node.rstrip("/") not in _LOCAL_NODES:
        raise Stop("Error locating specified node.")
    password = given.get("P")
    ask = "p" in given or ("u" in given and password is None and "q" not in given)
    if request.changes and ask:
        password = console.ask("Please enter user password:")
    if request.operation != "create" and directory.find(request.type, request.group) is None:
        raise Stop("Group not found.")
    if directory.euid == 0 and password is None:
        if request.verbose:
            outcome.say("Skipping authentication because user has effective ID 0")
    elif request.changes:
        if password is None:
            raise Stop("Username and password must be provided.")
        from dirserv.passwords import authenticate

        if authenticate(directory, request.user, password):
            raise Stop("Failed to set credentials.")


def _operate(
    request: Request, console: Console, directory: Directory, outcome: Outcome
) -> None:
    if request.operation == "checkmember":
        _check_member(request, directory, outcome)
    elif request.operation == "read":
        outcome.out += details(_existing(directory, request))
    elif request.operation == "delete":
        _delete(request, directory, outcome)
    else:
        from dirserv.groupedit import write_group

        write_group(request, console, directory, outcome)


def _existing(directory: Directory, request: Request) -> Record:
    record = directory.find(request.type, request.group)
    if record is None:
        raise Stop("Group not found.")
    return record


def _check_member(request: Request, directory: Directory, outcome: Outcome) -> None:
    name = request.given.get("m") or request.user
    user = directory.find(USERS, name)
    if user is None:
        raise Stop("Unable to find the user record")
    if is_member(directory, user, _existing(directory, request)):
        outcome.say(f"yes {name} is a member of {request.group}")
    else:
        outcome.say(f"no {name} is NOT a member of {request.group}")
        outcome.status = EX_NOUSER


def _delete(request: Request, directory: Directory, outcome: Outcome) -> None:
    with directory.change() as change:
        record = change.find(request.type, request.group)
        if record is None:
            raise Stop("Group not found.")
        outcome.complain("Group record below will be deleted:")
        outcome.out += details(record)
        change.delete(record)
        twin = change.find(COMPUTER_LISTS, request.group)
        if "L" in request.given and request.type == COMPUTER_GROUPS and twin is not None:
            change.delete(twin)


def details(record: Record) -> str:
    """The standard attributes of a record, as ``-o read`` prints them."""
    lines = []
    for attribute, values in record.described().items():
        if attribute.startswith(STANDARD):
            lines += [f"{attribute} -", *(f"\t\t{text(value)}" for value in values)]
    return "".join(line + "\n" for line in lines)

