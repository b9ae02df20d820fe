"""-addUser: the checks, the record, the groups, the home (spec 4.3 and 4.4)."""

from __future__ import annotations

from dirserv.errors import INVALID_RECORD_NAME, RECORD_EXISTS, DSError
from dirserv.names import (
    GROUPS,
    HOME,
    MEMBERS,
    MEMBERSHIP,
    NATIVE,
    PRIMARY_GROUP_ID,
    REAL_NAME,
    SHELL,
    STANDARD,
    UNIQUE_ID,
    USERS,
)
from dirserv.passwords import fulfils, global_policy, set_password
from dirserv.record import signed_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.change import Change
    from dirserv.membership import Directory
    from dirserv.record import Record
    from dirserv.sysadminctl.options import Options
    from dirserv.sysadminctl.session import Session

FIRST_UID, STAFF = 501, 20
ROLE_UIDS = range(450, 500)
ADMIN_GROUPS = ("admin", "_appserverusr", "_appserveradm")
HINT = STANDARD + "AuthenticationHint"
PICTURE = STANDARD + "Picture"
PHOTO = STANDARD + "JPEGPhoto"

#: macOS refuses shorter passwords out of the box, but takes none at all.
_SHORTEST_PASSWORD = 4
_LARGEST_PHOTO = 256 * 1024
#: What a user may change in the own record; each gets ``_writers_X`` with the user's name.
_OWN = ("AvatarRepresentation", "hint", "inputSources", "jpegphoto", "passwd", "picture",
        "unlockOptions", "UserCertificate")
#: The lines in Apple's sources that report a user id in use: on setting, and on writing it.
_CLASH_LINES = (496, 326)


def add_user(session: Session) -> None:
    """Make an account and its home."""
    options = session.options
    refusal = _refusal(options, session.directory)
    if refusal:
        session.say(refusal)
        return
    password = _password(session)
    if password is None:
        session.say("New account password error.  (5402)")
        return
    with session.directory.change() as change:
        refusal = _refusal(options, change)  # another command may have been faster
        if refusal:
            session.say(refusal)
            return
        owner = _make_record(session, change, password)
    _make_home(session, owner)


def _refusal(options: Options, directory: Directory) -> str | None:
    """Why there can be no such account."""
    name, full_name = options.argument, _full_name(options)
    if directory.find(USERS, name) is not None:
        return f"User named '{name}' already exists."
    if name in ("", ".", "..") or any(char in "/:" or ord(char) < 32 for char in name):
        return f"'{name}' can not be the name of a user"
    for option in ("-UID", "-GID"):
        if signed_id(options.get(option) or "0") is None:
            return f"{option} {options.get(option)} is not an ID"
    if options.has("-roleAccount"):
        return _role_refusal(options)
    for user in directory.records(USERS):
        if full_name in user.values(REAL_NAME) or full_name in user.names:
            return f"User with full name '{full_name}' already exists."
    return None


def _role_refusal(options: Options) -> str | None:
    if not options.argument.startswith("_"):
        return "Role account requires name starting with _"
    if signed_id(options.get("-UID") or "") not in ROLE_UIDS:
        return f"Role account requires specified UID in {ROLE_UIDS[0]}-{ROLE_UIDS[-1]} range"
    return None


def _full_name(options: Options) -> str:
    return options.get("-fullName") or options.argument


def _password(session: Session) -> str | None:
    """Announce the account and find its password; None if the password is refused.

    A password on the command line is refused before the announcement, one that is asked for is
    asked for after it, as in the recorded sessions. Role accounts have none.
    """
    given = session.options.get("-password") or ""
    session.banner()
    if given != "-" and not _acceptable(session, given):
        return None
    session.say("Creating user record…")
    if session.options.has("-roleAccount"):
        return ""
    password = session.password("-password", "User password:") or ""
    return password if _acceptable(session, password) else None


def _acceptable(session: Session, password: str) -> bool:
    if not password:
        return True
    policy = global_policy(session.directory)
    return len(password) >= _SHORTEST_PASSWORD and fulfils(policy, password)


def _make_record(session: Session, change: Change, password: str) -> tuple[int, int] | None:
    """Make the record; returns who is to own the home, None if the user id is taken."""
    options = session.options
    user = change.new(USERS, options.argument)
    if user is None:
        raise DSError(INVALID_RECORD_NAME)
    gid = _id(options.get("-GID") or str(STAFF))
    uid = _id(options.get("-UID") or str(_free_uid(change)))
    for attribute, value in _attributes(options, str(gid)).items():
        change.write(user, attribute, [value])
    taken = not _set_uid(change, user, str(uid))
    if taken:
        session.error(RECORD_EXISTS, _CLASH_LINES[0])
    session.say(f"Assigning UID: {uid} GID: {gid}")
    if taken:
        session.error(RECORD_EXISTS, _CLASH_LINES[1])
    set_password(change, user, password)
    if options.has("-admin") and not options.has("-roleAccount"):
        _make_admin(change, user)
    _add_photo(session, change, user)
    return None if taken else (uid, gid)


def _id(text: str) -> int:
    number = signed_id(text)
    if number is None:
        raise DSError(INVALID_RECORD_NAME)
    return number


def _free_uid(change: Change) -> int:
    taken = {user.number(UNIQUE_ID) for user in change.records(USERS)}
    uid = FIRST_UID
    while uid in taken:
        uid += 1
    return uid


def _set_uid(change: Change, user: Record, uid: str) -> bool:
    try:
        change.set(user, UNIQUE_ID, [uid])
    except DSError as error:
        if error.code != RECORD_EXISTS:
            raise
        return False
    return True


def _attributes(options: Options, gid: str) -> dict[str, str]:
    name, full_name = options.argument, _full_name(options)
    if options.has("-roleAccount"):
        return {REAL_NAME: full_name, PRIMARY_GROUP_ID: gid, HOME: "/var/empty",
                SHELL: "/usr/bin/false", NATIVE + "IsHidden": "1"}
    attributes = {
        REAL_NAME: full_name,
        PRIMARY_GROUP_ID: gid,
        HOME: options.get("-home") or f"/Users/{name}",
        SHELL: options.get("-shell") or "/bin/zsh",
        HINT: options.get("-hint") or "",
        NATIVE + "AvatarRepresentation": "",
        NATIVE + "inputSources": "",
        NATIVE + "unlockOptions": "0",
    }
    picture = options.get("-picture")
    if picture:
        attributes[PICTURE] = picture
    attributes.update((f"{NATIVE}_writers_{own}", name) for own in _OWN)
    return attributes


def _make_admin(change: Change, user: Record) -> None:
    for name in ADMIN_GROUPS:
        group = change.find(GROUPS, name)
        if group is not None:
            change.merge(group, MEMBERSHIP, [user.name])
            change.merge(group, MEMBERS, [user.first(STANDARD + "GeneratedUID")])


def _add_photo(session: Session, change: Change, user: Record) -> None:
    """Keep the picture itself in the record, as macOS does, if it is a JPEG of usual size."""
    from dirserv import homes

    path = user.first(PICTURE)
    photo = homes.read_file(session.directory.root, path, _LARGEST_PHOTO) if path else None
    if photo and photo.startswith(b"\xff\xd8\xff"):
        change.write(user, PHOTO, [photo])


def _make_home(session: Session, owner: tuple[int, int] | None) -> None:
    from dirserv import homes
    from dirserv.hometree import HomeError

    options = session.options
    given = options.get("-home")
    if options.has("-roleAccount"):
        if given:
            session.say("Home argument is ignored, the home of a role account is /var/empty")
        return
    if given:
        session.say(f"Home directory is assigned (not created!) at {given}")
        return
    path = f"/Users/{options.argument}"
    session.say(f"Creating home directory at {path}")
    try:
        if not homes.make(session.directory.root, path, owner):
            session.say(f"Directory at path:{path} already exists")
    except HomeError as error:
        session.say(f"Home directory at {path} is not created: {error}")
