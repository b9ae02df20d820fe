"""dsmemberutil: names, ids, UUIDs and SIDs of users and groups, and membership.

Grammar, messages, their streams and the exit statuses are those of Apple's published source
(spec/dirserv.md 5.1), also where they look odd: getuuid of a SID always exits with 7.
"""

from __future__ import annotations

from dirserv import identities
from dirserv.getopt import Getopt
from dirserv.memberlookup import EINVAL, KINDS, NOT_FOUND, UNKNOWN, WORDS, Invalid, Lookup
from dirserv.membership import is_member
from dirserv.names import GROUPS, NESTED_GROUPS, USERS
from dirserv.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.console import Console
    from dirserv.directory import Directory
    from dirserv.record import Record

USAGE, UUID_ERROR, EXISTENCE = 3, 5, 7

_LONGEST_NAME = 255

_USAGE = """\
Usage: {name} [flags] <command> [options]
flags:
    -v               say what is done
    -h               show this
commands:
    getuuid          [-ugUGsS] value
    getid            [-UGsSxX] value
    getsid           [-ugUGxX] value
    checkmembership  [-uUxs] value [-gGXS] value
    flushcache
    dumpstate
    statistics       [-f]
where -u, -U, -x and -s give a user's id, name, UUID and SID, and -g, -G, -X and -S a group's
"""

#: Nothing is cached and nobody serves requests, so there is nothing to count.
_STATISTICS = """\
opendirectoryd running for 0 days, 0 hours and 0 minutes
0 requests, average time 0 uSecs
0 cache hits, 0 cache misses
0 Directory record lookups (0 failed), average time 0 uSecs
0 membership searches, average time 0 uSecs
0 searches for legacy groups, average time 0 uSecs
0 searches for groups containing user, average time 0 uSecs
0 nested group membership searches, average time 0 uSecs
"""

def run(argv: list[str], console: Console, directory: Directory) -> Outcome:
    """The command dsmemberutil."""
    command, arguments = Lookup(argv[0], directory), argv[1:]
    outcome, usage = command.outcome, _USAGE.format(name=argv[0])
    if arguments == ["--help"]:
        return Outcome(out=usage)
    if not arguments:
        return Outcome(err=usage)
    options = Getopt(argv[0], arguments, "vh")
    for letter, _ in options:
        if letter != "v":
            status = 0 if letter == "h" else EINVAL
            return Outcome(err=options.errors + usage, status=status)
        command.verbose = True
    words = options.operands or [""]
    verb = _VERBS.get(words[0].lower())
    if verb is None:
        return Outcome(err=usage, status=USAGE)
    try:
        outcome.status = verb(command, words[1:])
    except Invalid as problem:
        outcome.status = EINVAL
        if not problem.said:
            outcome.err += _MISUSES[words[0].lower()].format(name=argv[0])
    return outcome


_MISUSES = {
    **{verb: f"Usage: {{name}} {verb} must have one flag and parameter\n"
       for verb in ("getuuid", "getid", "getsid")},
    "checkmembership": "Usage: {name} checkmembership missing appropriate options\n"
                       "    checkmembership  [-uUx] value [-GX] value\n",
}


def _getuuid(command: Lookup, arguments: list[str]) -> int:
    letter, value = command.only_option(arguments, "uUgGsS")
    type, kind = KINDS[letter]
    if kind == "sid":
        _say_uuid_of_sid(command, value)
        return EXISTENCE
    if kind == "id":
        command.tell(f"Attempting to convert the {letter}id to a UUID")
        uuid = command.resolve(letter, value)[0]
    else:
        if len(value.encode("utf-8", "surrogateescape")) > _LONGEST_NAME:
            command.outcome.complain("Names cannot be longer than 255 characters")
            return UNKNOWN
        command.tell(f"Attempting to convert {WORDS[type]}name to UUID")
        uuid = command.by_name(type, value)
    if not uuid:
        command.outcome.say(f"There is no uuid for {WORDS[type]} {value}")
        return UUID_ERROR
    command.tell("Conversion successful")
    _say_uuid(command, uuid)
    return 0


def _say_uuid_of_sid(command: Lookup, value: str) -> None:
    command.tell("Attempting to convert the string to a SID")
    sid = identities.parse_sid(value)
    uuid = sid and identities.uuid_of_sid(command.directory, sid)
    if uuid:
        _say_uuid(command, uuid)
    else:
        command.outcome.say("SID not found" if sid else "Invalid SID value")


def _say_uuid(command: Lookup, uuid: str) -> None:
    command.tell("Attempting to convert the UUID to a string")
    command.outcome.say(uuid)


def _getid(command: Lookup, arguments: list[str]) -> int:
    uuid = command.resolve(*command.only_option(arguments, "UGsSxX"))[0]
    if not uuid:
        command.outcome.say("id not found")
        return 0
    command.tell("Attempting to find the id for the UUID")
    found = identities.id_of_uuid(command.directory, uuid)
    if found is None:
        return command.unknown_error()
    command.tell("id was found")
    command.outcome.say(f"{'uid' if found[0] == USERS else 'gid'}: {found[1]}")
    return 0


def _getsid(command: Lookup, arguments: list[str]) -> int:
    uuid = command.resolve(*command.only_option(arguments, "ugUGxX"))[0]
    if not uuid:
        command.outcome.say("no SID found")
        return 0
    command.tell("Attempting to find the SID for the UUID")
    sid = identities.sid_of_uuid(command.directory, uuid)
    if sid is None:
        command.outcome.say("no SID found")
        return NOT_FOUND
    command.tell("Attempting to convert the SID to a string")
    command.outcome.say(sid)
    return 0


def _checkmembership(command: Lookup, arguments: list[str]) -> int:
    options = Getopt(command.name, arguments, "")
    uuids = []
    for letters, who in (("uUxs", "User"), ("gGXS", "Group")):
        uuid, status = command.resolve(*command.option(options, letters))
        if status == EINVAL:
            raise Invalid
        if status:
            # The group is not even looked at after a user who cannot be found.
            command.outcome.say(f"{who} not found")
            return EXISTENCE
        uuids.append((uuid, who))
    for uuid, who in uuids:
        if not uuid:
            command.outcome.say(f"{who} not found")
            return EXISTENCE
    inside = _belongs(command.directory, uuids[0][0], uuids[1][0])
    command.outcome.say(f"user is {'' if inside else 'not '}a member of the group")
    return 0


def _belongs(directory: Directory, uuid: str, group_uuid: str) -> bool:
    member, group = (identities.by_uuid(directory, each) for each in (uuid, group_uuid))
    if group is None or group.type != GROUPS:
        return False
    if group.number(identities.IDS[GROUPS]) == _EVERYONE:
        return True
    if member is None:
        return False
    if member.type == USERS:
        return is_member(directory, member, group)
    return _is_nested(directory, member, group)


def _is_nested(directory: Directory, member: Record, group: Record) -> bool:
    """Whether ``member``, a group, is in ``group`` directly or through groups between them."""
    wanted, pending = identities.uuid_of(member), [group]
    seen: set[str] = set()
    while pending:
        nested = {uuid.upper() for uuid in pending.pop().values(NESTED_GROUPS)} - seen
        if wanted in nested:
            return True
        seen |= nested
        found = (identities.by_uuid(directory, uuid) for uuid in nested)
        pending += [record for record in found if record is not None]
    return False


#: The gid of the group that everybody belongs to, known or not (spec 7.4).
_EVERYONE = 12


def _nothing(command: Lookup, arguments: list[str]) -> int:
    return 0  # there is no cache to flush or to dump


def _statistics(command: Lookup, arguments: list[str]) -> int:
    options = Getopt(command.name, arguments, "f")
    letters = [letter for letter, _ in options]
    command.outcome.err += options.errors
    command.outcome.out += "" if "f" in letters else _STATISTICS
    return 0


_VERBS = {
    "getuuid": _getuuid, "getid": _getid, "getsid": _getsid, "checkmembership": _checkmembership,
    "flushcache": _nothing, "dumpstate": _nothing, "statistics": _statistics,
}
