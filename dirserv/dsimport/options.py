"""dsimport's command line: today's long options, and the form up to Mac OS X 10.5.

Source: the published manual pages dsimport(1) of Mac OS X 10.5 and later.
"""

from __future__ import annotations

from dirserv.dsimport.fault import EX_USAGE, Fault
from dirserv.names import qualified, stored

USAGE = """\
usage: dsimport file node mode [options]
       dsimport --version
       dsimport --help
       dsimport -g file node mode [-u user] [-p password] [-T template] [-s id] [-r gid]
file is a text file of records, node the directory node that they go to, and mode says what
happens to a record that is there already:
       O  it is replaced            M  its values are replaced or added to
       I  the new one is ignored    A  values are appended; no new records
       N  it is not looked for; the new one fails
options:
       --outputfile file       write a property list of what succeeded and failed
       --username name, --password password    who imports
       --force attribute value    give every record this value (may be repeated)
       --startid id            where numbering starts for records without an id (1025)
       --groupid gid           the primary group of users without one (20)
       --recordformat text     the description that the file lacks
       --recordtype type       import as records of this type
       --template name         the same as one of StandardUser, StandardGroup
       --crypt                 passwords in the file are crypt(3) hashes
       --loglevel number       from 1 on: say on standard error why a record failed
"""

MODES = ("O", "M", "I", "A", "N")
#: Users get ids from here on; dsimport refuses to start lower than _LOWEST_ID.
_FIRST_ID, _LOWEST_ID = 1025, 1024
#: The group of users whose file does not say any (staff).
_GROUP = "20"

#: Option -> how many values it takes.
_VALUES = {
    "--crypt": 0, "--force": 2, "--groupid": 1, "--loglevel": 1, "--outputfile": 1,
    "--password": 1, "--recordformat": 1, "--recordtype": 1, "--startid": 1, "--template": 1,
    "--username": 1, "--grouppreset": 1, "--userpreset": 1, "--remotehost": 1,
    "--remoteusername": 1, "--remotepassword": 1,
}
#: The letters of 10.5 and what they are called today. -g says that the file is delimited text.
_OLD = {"-u": "--username", "-p": "--password", "-T": "--template", "-s": "--startid",
        "-r": "--groupid"}
_XML = ("-s", "-a")
#: Options that need what is not here, and what that is.
_MISSING = {
    "--grouppreset": "the local node has no presets", "--userpreset": "the local node has no "
    "presets", "--remotehost": "only the local node can be reached",
    "--remoteusername": "only the local node can be reached",
    "--remotepassword": "only the local node can be reached",
}


class Options:
    """What the command line says. Raises Fault for one that is not understood."""

    def __init__(self, arguments: list[str]) -> None:
        self.given: dict[str, str] = {}
        #: Stored attribute -> the value that every record gets.
        self.forced: dict[str, str] = {}
        operands = self._read(self._without_kind(arguments))
        if len(operands) != 3:
            raise Fault(USAGE.rstrip("\n"), EX_USAGE)
        self.file, self.node, self.mode = operands
        if self.mode not in MODES:
            raise Fault(f"dsimport: {self.mode} is not one of the modes O, M, I, A, N", EX_USAGE)
        self.first_id = self._number("--startid", _FIRST_ID)
        if self.first_id < _LOWEST_ID:
            raise Fault(f"--startid must be {_LOWEST_ID} or greater", EX_USAGE)
        self.group = str(self._number("--groupid", int(_GROUP)))
        self.talks = self._number("--loglevel", 0) > 0
        self.crypt = "--crypt" in self.given

    def get(self, option: str) -> str | None:
        """The value of an option, None if it was not given."""
        return self.given.get(option)

    @staticmethod
    def _without_kind(arguments: list[str]) -> list[str]:
        """The arguments without a first one that says what kind of file follows (10.5)."""
        if arguments[:1] == ["-g"]:
            return arguments[1:]
        if arguments and arguments[0] in _XML:
            raise Fault("dsimport: XML files cannot be imported, only delimited text", EX_USAGE)
        return arguments

    def _read(self, arguments: list[str]) -> list[str]:
        """Take the options out of the arguments; what is left are the operands."""
        operands, rest = [], list(reversed(arguments))
        while rest:
            word = rest.pop()
            if not word.startswith("-") or word == "-":
                operands.append(word)
                continue
            name = _OLD.get(word, word)
            count = _VALUES.get(name)
            if count is None:
                raise Fault(f"dsimport: unknown option {word}; see dsimport --help", EX_USAGE)
            if len(rest) < count:
                raise Fault(f"dsimport: {word} needs {count} more argument(s)", EX_USAGE)
            self._take(name, [rest.pop() for _ in range(count)])
        return operands

    def _take(self, name: str, values: list[str]) -> None:
        if name in _MISSING:
            raise Fault(f"dsimport: {name} cannot be used: {_MISSING[name]}", EX_USAGE)
        if name == "--force":
            self.forced[stored(qualified(values[0]))] = values[1]
        else:
            self.given[name] = values[0] if values else ""

    def _number(self, name: str, default: int) -> int:
        text = self.given.get(name, str(default))
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
            raise Fault(f"dsimport: {name} needs a number, not {text}", EX_USAGE)
        return int(text)
