"""Which kinds of password hashes an account lists (spec 5.5; texts as in Apple's source).

The list is what AuthenticationAuthority says. The hash that is stored is always
SALTED-SHA512-PBKDF2.
"""

from __future__ import annotations

from dirserv.names import AUTHENTICATION_AUTHORITY
from dirserv.passwords import SHADOW_AUTHORITY
from dirserv.pwpolicy.stored import HASH_TYPES, global_record, need_global_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.membership import Directory
    from dirserv.pwpolicy.main import Request
    from dirserv.record import Record

_SHADOW, _LIST = ";ShadowHash;", "HASHLIST:<"


def getglobalhashtypes(request: Request) -> None:
    """Show the kinds for accounts that name none."""
    for kind in _global(request.directory):
        request.outcome.say(kind)


def setglobalhashtypes(request: Request) -> None:
    """Change the kinds for accounts that name none."""
    with request.directory.change() as change:
        kinds = _edited(_global(change), request.arguments)
        change.set(need_global_record(change), HASH_TYPES, kinds)


def gethashtypes(request: Request) -> None:
    """Show an account's kinds."""
    user = request.directory.find(request.type, request.name)
    kinds = _listed(user) if user is not None else None
    if kinds is None:
        getglobalhashtypes(request)
        return
    request.outcome.say(f"Getting hash types for user {request.name}\n")
    for kind in kinds:
        request.outcome.say(kind)


def sethashtypes(request: Request) -> None:
    """Change an account's kinds; nothing happens to one that has no shadow hash."""
    request.outcome.say(f"Setting hash types for user {request.name}")
    with request.directory.change() as change:
        user = change.find(request.type, request.name)
        at = _shadow_index(user) if user is not None else None
        if user is None or at is None:
            return
        kinds = _listed(user)
        kinds = _edited(_global(change) if kinds is None else kinds, request.arguments)
        change.replace_at(user, AUTHENTICATION_AUTHORITY, at + 1,
                          f"{_SHADOW}{_LIST}{','.join(kinds)}>")


def _global(directory: Directory) -> list[str]:
    record = global_record(directory)
    kinds = record.values(HASH_TYPES) if record is not None else []
    return kinds or _split(SHADOW_AUTHORITY)


def _shadow_index(user: Record) -> int | None:
    for index, value in enumerate(user.values(AUTHENTICATION_AUTHORITY)):
        if _SHADOW in value:
            return index
    return None


def _listed(user: Record) -> list[str] | None:
    """The kinds that an account names, None if it names none."""
    at = _shadow_index(user)
    value = "" if at is None else user.values(AUTHENTICATION_AUTHORITY)[at]
    return _split(value) if _LIST in value else None


def _split(authority: str) -> list[str]:
    inside = authority.partition(_LIST)[2].partition(">")[0]
    return [kind for kind in inside.split(",") if kind]


def _edited(kinds: list[str], pairs: list[str]) -> list[str]:
    """The list after ``TYPE on|off …``."""
    kinds = list(kinds)
    for kind, state in zip(pairs[::2], pairs[1::2], strict=True):
        if state.lower() == "off":
            kinds = [other for other in kinds if other != kind]
        elif kind not in kinds:
            kinds.append(kind)
    return kinds
