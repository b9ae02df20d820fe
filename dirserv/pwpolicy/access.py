"""Whether an account may authenticate, and with what (spec 5.5)."""

from __future__ import annotations

from dirserv.names import AUTHENTICATION_AUTHORITY
from dirserv.passwords import DISABLED_AUTHORITY, POLICY, set_password

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.pwpolicy.main import Request
    from dirserv.record import Record

EX_TEMPFAIL = 75


def disableuser(request: Request) -> None:
    """Mark an account as disabled; twice is once."""
    with request.directory.change() as change:
        user = change.find(request.type, request.name)
        if user is not None and not _disabled(user):
            change.append(user, AUTHENTICATION_AUTHORITY, [DISABLED_AUTHORITY])
    request.outcome.say(f"Disabling account for user <{request.name}>")


def enableuser(request: Request) -> None:
    """Take the mark off: a value of its own, or the beginning of another (the older form)."""
    request.outcome.say(f"Enabling account for user <{request.name}>")
    with request.directory.change() as change:
        user = change.find(request.type, request.name)
        if user is None or not _disabled(user):
            request.outcome.say(f"User <{request.name}> is not marked as disabled.")
            return
        values = [value.removeprefix(DISABLED_AUTHORITY)
                  for value in user.values(AUTHENTICATION_AUTHORITY)]
        change.set(user, AUTHENTICATION_AUTHORITY, [value for value in values if value])


def authentication_allowed(request: Request) -> None:
    """Tell whether an account may authenticate."""
    user = request.directory.find(request.type, request.name)
    policy = user.first(POLICY).split() if user is not None else []
    allowed = user is not None and not _disabled(user) and "isDisabled=1" not in policy
    word = "is" if allowed else "is not"
    request.outcome.say(f"User <{request.name}> {word} allowed to authenticate.")


def setpassword(request: Request) -> None:
    """Set a password, asked for twice if it is not on the command line."""
    request.outcome.say(f"Setting password for {request.name}")
    password = request.arguments[0] if request.arguments else _asked(request)
    if password is None:
        request.outcome.say("Password mismatch.")
        request.outcome.status = EX_TEMPFAIL
        return
    with request.directory.change() as change:
        user = change.find(request.type, request.name)
        if user is not None:
            set_password(change, user, password)


def _asked(request: Request) -> str | None:
    console = request.console
    console.show(request.outcome)
    password = console.ask(f"Enter new password for {request.name}:")
    return password if console.ask("Verify new password:") == password else None


def _disabled(user: Record) -> bool:
    return any(value.startswith(DISABLED_AUTHORITY)
               for value in user.values(AUTHENTICATION_AUTHORITY))
