"""Passwords and secure tokens of accounts that exist (spec 4.6)."""

from __future__ import annotations

from dirserv.names import AUTHENTICATION_AUTHORITY, REAL_NAME, STANDARD, UNIQUE_ID, USERS
from dirserv.passwords import set_password

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.record import Record
    from dirserv.sysadminctl.session import Session

SECURE_TOKEN = ";SecureToken;"
DONE = "- Done!"
NO_TOKEN_UNLOCK = "Operation is not permitted without secure token unlock."


def has_token(user: Record) -> bool:
    """Whether a user holds a secure token."""
    return any(SECURE_TOKEN in value for value in user.values(AUTHENTICATION_AUTHORITY))


def token_status(session: Session) -> None:
    """-secureTokenStatus NAME."""
    user = _user(session, session.options.argument)
    if user is not None:
        state = "ENABLED" if has_token(user) else "DISABLED"
        session.say(f"Secure token is {state} for user {user.first(REAL_NAME) or user.name}")


def token_on(session: Session) -> None:
    """-secureTokenOn NAME -password PASSWORD."""
    _set_token(session, True)


def token_off(session: Session) -> None:
    """-secureTokenOff NAME -password PASSWORD."""
    _set_token(session, False)


def _set_token(session: Session, wanted: bool) -> None:
    """A token is given and taken with an administrator's password and the user's own."""
    user = _user(session, session.options.argument)
    if user is None:
        return
    if not session.authorised:
        session.say(NO_TOKEN_UNLOCK)
        return
    password = session.password("-password", "User password:")
    if password is None:
        session.say("Password is required!")
        return
    if not session.verified(user.name, password):
        return
    with session.directory.change() as change:
        user = change.find(USERS, session.options.argument)
        if user is not None:
            kept = [value for value in user.values(AUTHENTICATION_AUTHORITY)
                    if SECURE_TOKEN not in value]
            change.set(user, AUTHENTICATION_AUTHORITY, [*kept, SECURE_TOKEN] if wanted else kept)
    session.say(DONE)


def reset_password(session: Session) -> None:
    """-resetPasswordFor NAME -newPassword PASSWORD: by an administrator, without the old one."""
    user = _user(session, session.options.argument)
    if user is None:
        return
    if has_token(user) and not session.authorised:
        session.say(NO_TOKEN_UNLOCK)
        return
    _set_password(session, user.name)


def change_own_password(session: Session) -> None:
    """-newPassword PASSWORD -oldPassword PASSWORD: of the user who runs the command."""
    user = own_user(session)
    if user is None:
        session.say(f"Unknown user {session.directory.euid}")
        return
    old = session.password("-oldPassword", "Old password:") or ""
    if session.verified(user.name, old):
        _set_password(session, user.name)


def own_user(session: Session) -> Record | None:
    """The record of the user who runs the command."""
    for user in session.directory.records(USERS):
        if user.number(UNIQUE_ID) == session.directory.euid:
            return user
    return None


def _set_password(session: Session, name: str) -> None:
    session.banner()
    password = session.password("-newPassword", "New password:") or ""
    hint = session.options.get("-passwordHint")
    with session.directory.change() as change:
        user = change.find(USERS, name)
        if user is None:
            session.say(f"Unknown user {name}")
            return
        set_password(change, user, password)
        if hint is not None:
            change.write(user, STANDARD + "AuthenticationHint", [hint])
    session.say(DONE)


def _user(session: Session, name: str) -> Record | None:
    user = session.directory.find(USERS, name)
    if user is None:
        session.say(f"Unknown user {name}")
    return user
