"""The settings: guest access, automatic time, file system, screen lock, automatic login (spec 4.6).

What is set is kept in the record ``Config/sysadminctl`` and told again; nothing in a prefix acts
on it: logins, shares, clocks and screens are the host's.
"""

from __future__ import annotations

from dirserv.errors import AUTH_METHOD_NOT_SUPPORTED
from dirserv.names import NATIVE, STANDARD_TYPE, USERS
from dirserv.passwords import authenticate
from dirserv.sysadminctl.accounts import own_user
from dirserv.sysadminctl.options import USAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.sysadminctl.session import Session

_TYPE, _NAME = STANDARD_TYPE + "Config", "sysadminctl"

#: Option -> (what its lines call it, its value on a new system).
_SWITCHES = {
    "-guestAccount": ("Guest account", "off"),
    "-afpGuestAccess": ("AFP guest access", "off"),
    "-smbGuestAccess": ("SMB guest access", "off"),
    "-automaticTime": ("Automatic time", "on"),
}
_STATES = {"on": "enabled", "off": "disabled"}


def switch(session: Session) -> None:
    """A setting that is on or off."""
    option, wanted = session.options.command, session.options.argument.lower()
    label, default = _SWITCHES[option]
    held = _get(session, option, default)
    if wanted not in ("status", *_STATES):
        session.say(USAGE)
    elif wanted == held:
        session.say(f"{label} is already {_STATES[held]}")
    else:
        if wanted != "status":
            _set(session, option, wanted)
            held = wanted
        session.say(f"{label} {_STATES[held]}.")


def filesystem(session: Session) -> None:
    """-filesystem status: no boot volume here is encrypted."""
    if session.options.argument.lower() != "status":
        session.say(USAGE)
        return
    session.say("Boot volume CS FDE: NO")
    session.say("Boot volume APFS FDE: NO")


def screen_lock(session: Session) -> None:
    """-screenLock status | immediate | off | SECONDS."""
    option, wanted = session.options.command, session.options.argument.lower()
    if wanted != "status":
        if wanted not in ("immediate", "off") and not _is_delay(wanted):
            session.say(USAGE)
            return
        if not _own_password(session):
            return
        _set(session, option, "immediate" if wanted.strip("0") == "" else wanted)
    held = _get(session, option, "immediate")
    if held == "off":
        session.say("screenLock is off")
    else:
        delay = held if held == "immediate" else f"{int(held)} seconds"
        session.say(f"screenLock delay is {delay}")


def _is_delay(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _own_password(session: Session) -> bool:
    """Whether the caller's password was given; one that has none may give any."""
    password = session.password("-password", "User password:")
    if password is None:
        session.say("Password is required!")
        return False
    user = own_user(session)
    if user is None:
        return True
    if authenticate(session.directory, user.name, password) == AUTH_METHOD_NOT_SUPPORTED:
        return True
    return session.verified(user.name, password)


def autologin(session: Session) -> None:
    """-autologin set -userName NAME [-password PASSWORD] | off | status."""
    option, wanted = session.options.command, session.options.argument.lower()
    if wanted == "set":
        name = session.options.get("-userName")
        if name is None:
            session.say(USAGE)
            return
        if session.directory.find(USERS, name) is None:
            session.say(f"Unknown user {name}")
            return
        # Nothing logs in here by itself, so the password is checked and then forgotten.
        password = session.password("-password", "User password:")
        if password is not None and not session.verified(name, password):
            return
        _set(session, option, name)
    elif wanted == "off":
        _set(session, option, "")
    elif wanted != "status":
        session.say(USAGE)
        return
    held = _get(session, option, "")
    session.say(f"Automatic login user: {held}" if held else "Automatic login is OFF.")


def _get(session: Session, option: str, default: str) -> str:
    record = session.directory.find(_TYPE, _NAME)
    return default if record is None else record.first(_attribute(option), default)


def _set(session: Session, option: str, value: str) -> None:
    """Keep a value; "" forgets it."""
    with session.directory.change() as change:
        record = change.find(_TYPE, _NAME) or change.create(_TYPE, _NAME)
        change.set(record, _attribute(option), [value])


def _attribute(option: str) -> str:
    return NATIVE + option.removeprefix("-")
