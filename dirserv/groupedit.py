"""What ``dseditgroup -o create`` and ``-o edit`` do to a group, in Apple's order (spec 3.2)."""

from __future__ import annotations

from dirserv import membership
from dirserv.dseditgroup import EX_CANTCREAT, Request, Stop, details
from dirserv.errors import RECORD_NOT_FOUND, DSError
from dirserv.names import (
    COMPUTER_GROUPS,
    COMPUTER_LISTS,
    GENERATED_UID,
    GROUPS,
    MEMBERS,
    MEMBERSHIP,
    PRIMARY_GROUP_ID,
    REAL_NAME,
    STANDARD,
    USERS,
)
from dirserv.record import signed_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.change import Change
    from dirserv.console import Console
    from dirserv.directory import Directory
    from dirserv.outcome import Outcome
    from dirserv.record import Record

FIRST_FREE_GID = 501
EX_TEMPFAIL = 75

#: option -> (attribute, what it is called in messages, whether a computer list follows)
_TEXTS = {
    "g": (GENERATED_UID, "GUID", False),
    "S": (STANDARD + "SMBSID", "SID", False),
    "r": (REAL_NAME, "full name", True),
    "k": (STANDARD + "Keywords", "Keyword", True),
    "c": (STANDARD + "Comment", "Comment", True),
    "s": (STANDARD + "TimeToLive", "TTL", True),
}


def write_group(
    request: Request, console: Console, directory: Directory, outcome: Outcome
) -> None:
    """Create or edit the group of a request.

    What Apple's tool has done before it fails stays done, and so does it here: a failure in the
    middle is reported after the change is complete up to there.
    """
    failure: Stop | None = None
    if request.operation == "create" and not _may_create(request, console, directory, outcome):
        raise Stop("Operation cancelled because record could not be replaced", EX_CANTCREAT)
    with directory.change() as change:
        group, twin = _opened(request, change)
        try:
            _edit(request, change, group, twin, outcome)
        except Stop as stop:
            failure = stop
    if request.verbose and failure is None:
        word = "created" if request.operation == "create" else "edited"
        outcome.err += f"\nGroup record {word}.\n\n=======================\n\n"
        outcome.out += details(group)
    if failure is not None:
        raise failure


def _may_create(
    request: Request, console: Console, directory: Directory, outcome: Outcome
) -> bool:
    """Whether an existing record may be replaced."""
    if "q" in request.given or directory.find(request.type, request.group) is None:
        return True
    question = "Create called on existing record - do you want to overwrite, y or n : "
    if console.interactive():
        console.prompt(question)
        outcome.say("")
    else:
        outcome.say(question)
    return next(iter(console.lines()), "")[:1] in ("y", "Y")


def _opened(request: Request, change: Change) -> tuple[Record, Record | None]:
    """The group to edit, and the computer list that is kept like it, if any."""
    lists = "L" in request.given and request.type == COMPUTER_GROUPS
    group = change.find(request.type, request.group)
    twin = change.find(COMPUTER_LISTS, request.group) if lists else None
    if request.operation == "create":
        for old in (group, twin):
            if old is not None:
                change.delete(old)
        group = change.new(request.type, request.group)
        twin = change.new(COMPUTER_LISTS, request.group) if lists else None
        if group is None:
            raise Stop("Unable to create the record")
    if group is None:
        raise Stop("Group not found.")
    return group, twin


def _edit(
    request: Request, change: Change, group: Record, twin: Record | None, outcome: Outcome
) -> None:
    given = request.given
    if "f" in given:
        _convert(change, group, given["f"][:1], request.verbose)
    if "a" in given:
        member = _member(change, request, given["a"])
        _add(change, group, member)
        if twin is not None:
            _add(change, twin, member)
    if "d" in given:
        member = _member(change, request, given["d"])
        for holder in (group, twin):
            if holder is not None:
                _remove(change, holder, member)
    _set_gid(request, change, group)
    for letter, (attribute, called, with_twin) in _TEXTS.items():
        if letter in given:
            value = given[letter].upper() if letter == "g" else given[letter]
            _set_text(change, group, attribute, value, called, outcome)
            if twin is not None and with_twin:
                change.set(twin, attribute, [value])


def _convert(change: Change, group: Record, format: str, verbose: bool) -> None:
    """-f n: give names their UUIDs; -f l: keep names only. In that form already: nothing more."""
    names, uuids = group.values(MEMBERSHIP), group.values(MEMBERS)
    legacy = bool(names) and not uuids
    if format == "n" and legacy:
        found = []
        for name in names:
            user = change.find(USERS, name)
            if user is None:
                raise Stop(
                    f"UUID for '{name}' could not be found please remove bad entry before "
                    "conversion", EX_TEMPFAIL,
                )
            found.append(user.first(GENERATED_UID))
        change.set(group, MEMBERS, found)
    elif format == "l" and not legacy:
        change.set(group, MEMBERS, [])
    else:
        raise Stop("Group is already in that format" if verbose else "", 0)


def _member(change: Change, request: Request, name: str) -> Record:
    member = change.find(request.member_type, name)
    if member is None:
        raise Stop("Record was not found.", RECORD_NOT_FOUND & 0xFF)
    return member


def _add(change: Change, group: Record, member: Record) -> None:
    if member.type == GROUPS:
        membership.nest(change, group, member)
    else:
        membership.add_member(change, group, member)


def _remove(change: Change, group: Record, member: Record) -> None:
    if member.type == GROUPS:
        membership.unnest(change, group, member)
    else:
        membership.remove_member(change, group, member)


def _set_gid(request: Request, change: Change, group: Record) -> None:
    """-i: any group that has the gid is in the way, the edited one too; a created group without
    -i gets the lowest free one."""
    taken = {item.number(PRIMARY_GROUP_ID) for item in change.records(GROUPS)} - {None}
    if "i" in request.given:
        wanted = request.given["i"]
        held = {item.first(PRIMARY_GROUP_ID) for item in change.records(GROUPS)}
        if wanted in held or signed_id(wanted.strip().removeprefix("+")) in taken:
            raise Stop("GID already exists")
        change.set(group, PRIMARY_GROUP_ID, [wanted])
    elif request.operation == "create":
        free = next(gid for gid in range(FIRST_FREE_GID, 1 << 31) if gid not in taken)
        change.set(group, PRIMARY_GROUP_ID, [str(free)])


def _set_text(
    change: Change, group: Record, attribute: str, value: str, called: str, outcome: Outcome
) -> None:
    try:
        change.set(group, attribute, [value])
    except DSError:
        outcome.complain(f"Add {called} value - FAILED")

