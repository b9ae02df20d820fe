"""The command line of dscl: options, datasource, verbs and their synonyms (spec 2.1, 2.2)."""

from __future__ import annotations

#: verb -> (arguments it needs, synonyms)
VERBS: dict[str, tuple[int, tuple[str, ...]]] = {
    "read": (1, ("cat", ".")),
    "readall": (1, ()),
    "readpl": (3, ()),
    "readpli": (4, ()),
    "list": (1, ("ls",)),
    "search": (3, ()),
    "create": (1, ("mk", "createprop")),
    "createpl": (4, ()),
    "createpli": (5, ()),
    "append": (3, ()),
    "merge": (3, ()),
    "change": (4, ()),
    "changei": (4, ()),
    "delete": (1, ("rm", "destroy", "destroyprop")),
    "deletepl": (3, ()),
    "deletepli": (4, ()),
    "diff": (2, ()),
    "passwd": (0, ()),
    "auth": (1, ("su",)),
    "authonly": (1, ()),
    "cd": (1, ()),
    "pushd": (0, ("pd",)),
    "popd": (0, ()),
}

_SYNONYMS = {synonym: verb for verb, (_, synonyms) in VERBS.items() for synonym in synonyms}

USAGE = """\
usage: {name} [options] [<datasource> [<command>]]
datasource:
    localhost        every node of this machine (the default)
    localonly        the local node only
    .                the local default node
    /NODE/NAME       a node by its name, such as /Local/Default or /Search
options:
    -u <user>        authenticate as this user
    -P <password>    with this password
    -p               ask for the password
    -f <path>        work on the dslocal node directory at <path>, named /Local/Target
    -raw             show the prefixes of attribute and record types
    -plist           show what read and readall find as an XML property list
    -url             show values percent-encoded
    -q               no prompt, no farewell
commands (a leading dash is optional):
    -read      <path> [<key>...]
    -readall   <path> [<key>...]
    -readpl    <path> <key> <plist path>
    -readpli   <path> <key> <value index> <plist path>
    -list      <path> [<key>]
    -search    <path> <key> <value>
    -create    <path> [<key> [<value>...]]
    -createpl  <path> <key> <plist path> <value>...
    -createpli <path> <key> <value index> <plist path> <value>...
    -append    <path> <key> <value>...
    -merge     <path> <key> <value>...
    -change    <path> <key> <old value> <new value>
    -changei   <path> <key> <value index> <new value>
    -delete    <path> [<key> [<value>...]]
    -deletepl  <path> <key> <plist path> [<value>...]
    -deletepli <path> <key> <value index> <plist path> [<value>...]
    -diff      <path> <path> [<key>...]
    -passwd    <user path> [<new password> | <old password> <new password>]
    -auth      [<user> [<password>]]
    -authonly  [<user> [<password>]]
"""


class Options:
    """The options before the datasource."""

    __slots__ = ("raw", "plist", "url", "quiet", "prompt", "user", "password", "path")

    def __init__(self) -> None:
        self.raw = self.plist = self.url = self.quiet = self.prompt = False
        self.user: str | None = None
        self.password: str | None = None
        self.path: str | None = None


_FLAGS = {"-raw": "raw", "-plist": "plist", "-url": "url", "-q": "quiet", "-p": "prompt"}
#: Undocumented, or about what we do not have.
_WITHOUT_EFFECT = ("-H", "-t")
_VALUES = {"-u": "user", "-P": "password", "-f": "path"}


def parse(arguments: list[str]) -> tuple[Options, list[str]]:
    """Split off the options; what remains begins with the datasource, even if that has a dash."""
    options, at = Options(), 0
    while at < len(arguments):
        word = arguments[at]
        if word in _FLAGS:
            setattr(options, _FLAGS[word], True)
        elif word in _VALUES and at + 1 < len(arguments):
            at += 1
            setattr(options, _VALUES[word], arguments[at])
        elif word not in _WITHOUT_EFFECT:
            break
        at += 1
    return options, arguments[at:]


def verb(word: str) -> str | None:
    """The verb that a command word means; None if there is none of that name."""
    word = word.removeprefix("-")
    word = _SYNONYMS.get(word, word)
    return word if word in VERBS else None


def split(line: str) -> list[str]:
    """The words of an interactive line (spec 2.12): split at blanks; a word that begins with a
    quote runs to the next quote of either kind; a backslash takes the next character literally."""
    words: list[str] = []
    at = 0
    while True:
        while at < len(line) and line[at] in " \t":
            at += 1
        if at >= len(line):  # beyond: a quote that nothing ends
            return words
        ends = " \t"
        if line[at] in "\"'":
            ends = "\"'"
            at += 1
        word = ""
        while at < len(line) and line[at] not in ends:
            if line[at] == "\\" and at + 1 < len(line):
                at += 1
            word += line[at]
            at += 1
        if ends != " \t":
            at += 1
        words.append(word)
