"""The verbs about passwords: passwd, auth, authonly (spec 2.11)."""

from __future__ import annotations

from dirserv.dscl.items import NodeItem, RecordItem, TypeItem
from dirserv.errors import AUTH_FAILED, INVALID_RECORD_TYPE, PERMISSION, DSError, status_name
from dirserv.names import USERS
from dirserv.passwords import authenticate, set_password, shadow_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.dscl.session import Session


def passwd(session: Session, arguments: list[str]) -> int:
    """``passwd PATH [NEW | OLD NEW]``: with OLD it is verified first; with neither NEW is asked
    for. Errors are exceptions of the service."""
    if not 1 <= len(arguments) <= 3:
        return AUTH_FAILED
    words = arguments[1:] or [session.console.ask("New Password: ")]
    item = session.at(None if arguments[0] == "." else arguments[0])
    if not isinstance(item, RecordItem):
        return AUTH_FAILED
    if item.parent.type != USERS:
        raise DSError(INVALID_RECORD_TYPE)
    try:
        _change_password(item, words)
    except DSError as error:
        if error.code != PERMISSION or len(words) == 2:
            raise
        # Who may not write cannot have the old password verified either.
        session.console.ask("Permission denied. Please enter user's old password:")
        raise DSError(AUTH_FAILED) from error
    return 0


def _change_password(item: RecordItem, words: list[str]) -> None:
    hashed = shadow_hash(words[-1])
    with item.node.change() as change:
        user = change.find(USERS, item.record.name)
        if user is None:
            raise DSError(AUTH_FAILED)
        if len(words) == 2:
            refused = authenticate(change, user.name, words[0])
            if refused:
                raise DSError(refused)
        set_password(change, user, words[-1], hashed)


def auth(session: Session, arguments: list[str]) -> int:
    """``auth [USER [PASSWORD]]``: whether the node accepts them."""
    user = arguments[0] if arguments else "root"
    password = arguments[1] if len(arguments) > 1 else session.console.ask("Password: ")
    item = session.here
    if isinstance(item, RecordItem):
        item = item.parent
    if isinstance(item, TypeItem):
        item = item.parent
    name, refused = "No Node", AUTH_FAILED
    if isinstance(item, NodeItem):
        name, refused = item.node_name, authenticate(item.node, user, password)
    if refused:
        session.say(
            f"Authentication for node {name} failed. ({refused}, {status_name(refused)})"
        )
    return refused
