"""dscacheutil: what the C library's lookups of users, groups, hosts and so on return.

Grammar, messages and exit statuses are those of Apple's published source (spec/dirserv.md 5.2).
There is no cache here; the commands about it say what current macOS, whose cache is out of their
reach, says: that there are no details.
"""

from __future__ import annotations

from dirserv import netdb
from dirserv.cnumber import int32, strtol
from dirserv.getopt import BAD, Getopt
from dirserv.identities import by_id
from dirserv.membership import is_member
from dirserv.names import GROUPS, PASSWORD, USERS
from dirserv.outcome import Outcome
from dirserv.projection import flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dirserv.console import Console
    from dirserv.directory import Directory
    from dirserv.netdb import Entry, Host
    from dirserv.record import Record

    Shown = list[tuple[str, str]]

EX_USAGE, EX_NOPERM = 64, 77

_USAGE = """\
Usage: {name} -h
       {name} -q category [-a key value]
       {name} -cachedump [-buckets] [-entries [category]]
       {name} -configuration
       {name} -flushcache
       {name} -statistics
Categories and their keys:
       user (name, uid)   group (name, gid)   host (name, ip_address)   mount (name)
       service (name, port)   rpc (name, number)   protocol (name, number)
"""

_ADMIN = 80
_NO_DETAILS = "Unable to get details from the cache node"

#: Words that getopt(3) reads as an option letter with the rest as its value.
_WORDS = {"c": ("achedump", "onfiguration"), "f": ("lushcache",), "s": ("tatistics",),
          "b": ("uckets",), "e": ("ntries",)}


class _Request:
    """What the options ask for."""

    def __init__(self) -> None:
        self.category = ""
        self.key: tuple[str, str] | None = None
        self.dump = False
        self.dumped = ""


def run(argv: list[str], console: Console, directory: Directory) -> Outcome:
    """The command dscacheutil."""
    usage = _USAGE.format(name=argv[0])
    if argv[1:] == ["--help"]:
        return Outcome(out=usage)
    request, options = _Request(), Getopt(argv[0], argv[1:], "dDq:a:hs:c:f:b:e:")
    for letter, value in options:
        done = _option(request, options, letter, value)
        if isinstance(done, str):
            return Outcome(out=usage, status=0 if letter == "h" else EX_USAGE)
        if letter == BAD:
            return Outcome(err=options.errors, status=EX_USAGE)
        if done is not None:
            return done
    if request.category:
        return _query(directory, request.category.lower(), request.key)
    if request.dump:
        return _cachedump(directory, request.dumped)
    return Outcome(out=usage, status=EX_USAGE)


_SHOW_USAGE = "usage"


def _option(
    request: _Request, options: Getopt, letter: str, value: str
) -> Outcome | str | None:
    """Take one option: None to go on, the outcome of one that acts at once, or _SHOW_USAGE."""
    if letter in "hdD" or value not in _WORDS.get(letter, (value,)):
        return _SHOW_USAGE
    if letter == "q":
        request.category = value or "-"
    elif letter == "a":
        word = options.word()
        if word is None:
            return _SHOW_USAGE
        request.key = (value.lower(), word)
    elif value == "achedump":
        request.dump = True
    elif letter == "e":
        request.dumped = options.word() or ""
    else:
        return _AT_ONCE[value]() if value in _AT_ONCE else None
    return None


def _configuration() -> Outcome:
    return Outcome(
        out="DirectoryService Cache search policy:\n    /Local/Default\n\n",
        err=f"{_NO_DETAILS}\nUnable to get cache configuration information\n",
    )


def _statistics() -> Outcome:
    return Outcome(out="\n", err=_NO_DETAILS + "\n")


_AT_ONCE = {"onfiguration": _configuration, "tatistics": _statistics, "lushcache": Outcome}


def _cachedump(directory: Directory, category: str) -> Outcome:
    if category.lower() == "host" and directory.euid != 0:
        user, admin = by_id(directory, USERS, directory.euid), by_id(directory, GROUPS, _ADMIN)
        if user is None or admin is None or not is_member(directory, user, admin):
            return Outcome(
                out="Viewing host entries requires administrator privileges.\n", status=EX_NOPERM
            )
    return Outcome(err=_NO_DETAILS + "\n")


def _query(directory: Directory, category: str, key: tuple[str, str] | None) -> Outcome:
    outcome = Outcome()
    if category in _ACCOUNTS:
        found = _accounts(directory, category, key)
    elif category == "host":
        if key and key[0] == "ip_address" and netdb.pack(key[1]) is None:
            outcome.complain("Invalid address provided")
        found = _hosts(netdb.hosts(directory.root), key)
    else:
        category = "mount" if category == "fstab" else category
        known = category in netdb.CATEGORIES
        found = _entries(netdb.entries(directory.root, category), category, key) if known else []
    for shown in found:
        for label, text in shown:
            outcome.say(f"{label}: {text}")
        outcome.say("")
    return outcome


# -- users and groups ----------------------------------------------------------------------------

def _user(record: Record) -> Shown | None:
    """What getpwnam(3) returns of a user, None if it does not find it: see projection.flat."""
    entry = flat.entry("passwd", record, lambda _: "")
    if entry is None:
        return None
    uid, gid, gecos, home, shell = entry
    hidden = record.first(PASSWORD) == "********"
    return [
        ("name", record.name), ("password", "********" if hidden else "*"), ("uid", str(uid)),
        ("gid", str(gid)), ("dir", home), ("shell", shell), ("gecos", gecos),
    ]


def _group(record: Record) -> Shown | None:
    entry = flat.entry("group", record, lambda _: "")
    if entry is None:
        return None
    shown = [("name", record.name), ("password", "*"), ("gid", str(entry[0]))]
    return [*shown, ("users", netdb.listed(entry[1]))] if entry[1] else shown


#: Category -> (record type, what to show, the key for ids).
_ACCOUNTS = {"user": (USERS, _user, "uid"), "group": (GROUPS, _group, "gid")}


def _accounts(
    directory: Directory, category: str, key: tuple[str, str] | None
) -> Iterable[Shown]:
    type, show, id = _ACCOUNTS[category]
    if key is None:
        records: list[Record | None] = [*directory.records(type)]
    elif key[0] == "name":
        records = [directory.find(type, key[1])]
    elif key[0] == id:
        records = [by_id(directory, type, int32(strtol(key[1])[0]))]
    else:
        records = []
    found = (show(record) for record in records if record is not None)
    return (shown for shown in found if shown is not None)


# -- hosts, services and so on -------------------------------------------------------------------

#: Category -> the key for its number.
_NUMBERS = {"service": "port", "rpc": "number", "protocol": "number"}


def _entries(
    entries: Iterable[Entry], category: str, key: tuple[str, str] | None
) -> list[Shown]:
    if key is None:
        return [entry.shown for entry in entries]
    name, value = key
    for entry in entries:
        if name == "name" and value in entry.names:
            return [entry.shown]
        if name == _NUMBERS.get(category) and entry.number == strtol(value)[0]:
            return [entry.shown]
    return []


def _hosts(hosts: list[Host], key: tuple[str, str] | None) -> list[Shown]:
    if key is None:
        return [_host([host]) for host in hosts]
    name, value = key
    if name == "ip_address":
        return [_host([host]) for host in hosts if host.packed == netdb.pack(value)][:1]
    named = [
        host for host in hosts
        if name == "name" and value.lower() in (each.lower() for each in host.names)
    ]
    families = ([host for host in named if host.six], [host for host in named if not host.six])
    return [_host(family) for family in families if family]


def _host(hosts: list[Host]) -> Shown:
    """One host: the name of its first line, all other names, all addresses (of one family)."""
    first, *aliases = dict.fromkeys(name for host in hosts for name in host.names)
    shown = [("name", first), ("alias", netdb.listed(aliases))][:2 if aliases else 1]
    label = "ipv6_address" if hosts[0].six else "ip_address"
    return shown + [(label, address) for address in dict.fromkeys(h.address for h in hosts)]
