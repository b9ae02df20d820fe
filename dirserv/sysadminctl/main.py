"""sysadminctl as a command: options, authorisation, then the one thing asked for (spec 4)."""

from __future__ import annotations

from dirserv.errors import DSError
from dirserv.outcome import Outcome
from dirserv.sysadminctl.options import OWN_PASSWORD, USAGE, parse
from dirserv.sysadminctl.session import NOT_ROOT, Session, log_line
from dirserv.system import late

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.console import Console
    from dirserv.directory import Directory

#: Command -> (module, function, whether it needs root or an administrator's credentials).
_CODE = {
    "-addUser": ("add", "add_user", True),
    "-deleteUser": ("delete", "delete_user", True),
    OWN_PASSWORD: ("accounts", "change_own_password", False),
    "-resetPasswordFor": ("accounts", "reset_password", True),
    "-secureTokenStatus": ("accounts", "token_status", False),
    "-secureTokenOn": ("accounts", "token_on", True),
    "-secureTokenOff": ("accounts", "token_off", True),
    "-autologin": ("settings", "autologin", True),
    "-filesystem": ("settings", "filesystem", False),
    "-screenLock": ("settings", "screen_lock", True),
    **dict.fromkeys(
        ("-guestAccount", "-afpGuestAccess", "-smbGuestAccess", "-automaticTime"),
        ("settings", "switch", True),
    ),
}


def run(argv: list[str], console: Console, directory: Directory) -> Outcome:
    """The command sysadminctl. Its status is always 0; what happened is in its log lines."""
    if argv[1:] == ["--help"]:
        return Outcome(out=USAGE + "\n")
    options = parse(argv[1:])
    if options is None:
        return Outcome(err=log_line(USAGE) + "\n")
    session = Session(options, console, directory)
    try:
        _perform(session)
    except DSError as error:
        session.error(error.code)
        if error.note:
            session.say(error.note)
    return session.outcome


def _perform(session: Session) -> None:
    module, function, privileged = _CODE[session.options.command]
    session.authorise()
    reads = session.options.argument.lower() == "status" and module == "settings"
    if privileged and not reads and session.directory.euid != 0 and not session.authorised:
        session.say(NOT_ROOT)
        return
    late(f"dirserv.sysadminctl.{module}", function)(session)
