"""-deleteUser: the record, its memberships and its home (spec 4.5)."""

from __future__ import annotations

from dirserv.membership import is_member, remove_member
from dirserv.names import GROUPS, HOME, UNIQUE_ID, USERS
from dirserv.sysadminctl.accounts import has_token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.change import Change
    from dirserv.record import Record
    from dirserv.sysadminctl.session import Session

#: Ids below are the system's own accounts, which administer nothing in person.
_FIRST_PERSON = 500


def delete_user(session: Session) -> None:
    """Delete an account. The home goes after the record is gone for good, so that a refused
    change leaves both; the lines come in the order of the real command all the same."""
    name = session.options.argument
    with session.directory.change() as change:
        user = change.find(USERS, name)
        if user is None:
            session.say(f"User named '{name}' not found.")
            return
        if _is_last(change, user):
            session.say(
                f"User {name} can not be deleted (it's either last admin user or last secure "
                "token user neither of which can be deleted)"
            )
            return
        home = _announce(session, change, user)
        for group in change.records(GROUPS):
            remove_member(change, group, user)
        change.delete(user)
    if home:
        _remove_home(session, home)


def _is_last(change: Change, user: Record) -> bool:
    """Whether the user is the last administrator, or the last with a secure token; root always
    counts as such."""
    if user.number(UNIQUE_ID) == 0:
        return True
    users = change.records(USERS)
    if has_token(user) and sum(map(has_token, users)) == 1:
        return True
    admin = change.find(GROUPS, "admin")
    if admin is None or not is_member(change, user, admin):
        return False
    return not any(
        is_member(change, other, admin)
        for other in users
        if other is not user and (other.number(UNIQUE_ID) or 0) >= _FIRST_PERSON
    )


def _announce(session: Session, change: Change, user: Record) -> str:
    """Log what is about to happen; returns the home to remove, "" for none."""
    uid = user.first(UNIQUE_ID)
    if uid:
        # Nobody is killed: the ids of a prefix are not those of the processes around it, where
        # a kill by uid would hit whoever has that uid on the host.
        session.say(f"Killing all processes for UID {uid}")
    home = "" if session.options.has("-keepHome") else user.first(HOME)
    home = _removable(session, change, user, home) if home else ""
    session.say(f"Deleting Public share point for {user.name}")
    session.say(f"Deleting record for {user.name}")
    return home


def _removable(session: Session, change: Change, user: Record, home: str) -> str:
    from dirserv import homes

    others = [path for other in change.records(USERS) if other is not user
              for path in other.values(HOME)]
    kept = homes.why_kept(session.directory.root, home, others)
    if kept:
        session.say(f"{user.name}'s home at {home} is not removed: {kept}")
        return ""
    verb = "Securely removing" if session.options.has("-secure") else "Removing"
    session.say(f"{verb} {user.name}'s home at {home}")
    return home


def _remove_home(session: Session, home: str) -> None:
    from dirserv import homes
    from dirserv.hometree import HomeError

    try:
        homes.remove(session.directory.root, home)
    except HomeError as error:
        session.say(f"Home directory at {home} is not removed: {error}")
