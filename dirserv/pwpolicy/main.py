"""pwpolicy as a command: options, account, authorisation, then the one command (spec 5.5)."""

from __future__ import annotations

from dirserv.errors import PERMISSION, DSError
from dirserv.names import COMPUTERS, UNIQUE_ID, USERS
from dirserv.outcome import Outcome
from dirserv.passwords import authenticate
from dirserv.pwpolicy.options import COMMANDS, HELP, USAGE, UsageError, parse
from dirserv.system import late

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.console import Console
    from dirserv.directory import Directory
    from dirserv.pwpolicy.options import Options

EX_USAGE, EX_NOPERM = 64, 77
#: No account of that name, or a file or value that cannot be taken.
_FAILED = 1

#: Command -> (module, function).
_CODE = {
    **{name: ("legacy", name) for name in (
        "getglobalpolicy", "setglobalpolicy", "getpolicy", "setpolicy", "setpolicyglobal")},
    "get-effective-policy": ("legacy", "effective"),
    **{name: ("hashtypes", name) for name in (
        "gethashtypes", "sethashtypes", "getglobalhashtypes", "setglobalhashtypes")},
    **{name: ("accountpolicies", name) for name in (
        "getaccountpolicies", "setaccountpolicies", "clearaccountpolicies")},
    **{name: ("access", name) for name in ("enableuser", "disableuser", "setpassword")},
    "authentication-allowed": ("access", "authentication_allowed"),
}
_LOCAL_NODES = (None, ".", "/Local/Default", "/Local", "/Search", "localhost", "localonly")


class Request:
    """One command: ``name`` is its account, empty for the global policies; ``type`` that one's
    record type."""

    def __init__(self, options: Options, console: Console, directory: Directory) -> None:
        self.arguments = options.arguments
        self.console = console
        self.directory = directory
        self.outcome = Outcome()
        self.type = COMPUTERS if options.computer else USERS
        self.name = options.target or ""

    def fail(self, sentence: str) -> None:
        """Report what went wrong."""
        self.outcome.complain(sentence)
        self.outcome.status = _FAILED


def run(argv: list[str], console: Console, directory: Directory) -> Outcome:
    """The command pwpolicy."""
    if argv[1:] == ["--help"]:
        return Outcome(out=HELP)
    try:
        options = parse(argv[1:])
    except UsageError as error:
        return Outcome(out="" if error.text else USAGE, err=error.text, status=EX_USAGE)
    if options.help:
        return Outcome(err=HELP, status=1)
    if options.node not in _LOCAL_NODES:
        return Outcome(err="Cannot access directory node.\n")
    request = Request(options, console, directory)
    try:
        return _perform(request, options)
    except DSError as error:
        if error.code == PERMISSION:
            return _not_permitted(request.outcome)
        request.fail(f"Error: {error}")
        return request.outcome


def _perform(request: Request, options: Options) -> Outcome:
    needs_account, needs_authority, _ = COMMANDS[options.command]
    if needs_account and not request.name:
        request.name = _caller(request.directory)
        if not request.name:
            return Outcome(out=USAGE, status=EX_USAGE)
    if request.name and request.directory.find(request.type, request.name) is None:
        kind = "user" if request.type == USERS else "computer"
        request.fail(f"Error: {kind} <{request.name}> not found")
        return request.outcome
    if needs_authority and not _authorised(request, options):
        return _not_permitted(request.outcome)
    module, function = _CODE[options.command]
    late(f"dirserv.pwpolicy.{module}", function)(request)
    return request.outcome


def _authorised(request: Request, options: Options) -> bool:
    """Whether the caller may change policies: root, or with an account's password."""
    if request.directory.euid == 0 and options.authenticator is None:
        return True
    name = options.authenticator or _caller(request.directory)
    if not name:
        return False
    password = options.password
    if password is None:
        password = request.console.ask(f"Password for authenticator {name}:")
    return authenticate(request.directory, name, password) == 0


def _caller(directory: Directory) -> str:
    """The user who runs the command; "" for root, who must say whom he means."""
    for user in directory.records(USERS):
        if directory.euid != 0 and user.number(UNIQUE_ID) == directory.euid:
            return user.name
    return ""


def _not_permitted(outcome: Outcome) -> Outcome:
    outcome.out = "Need either root privileges or valid authenticator\n"
    outcome.status = EX_NOPERM
    return outcome
