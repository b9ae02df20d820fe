"""What dsmemberutil does with an option like ``-U name``: it becomes a UUID, or a message.

The messages are those of Apple's published source (spec/dirserv.md 5.1).
"""

from __future__ import annotations

from dirserv import identities
from dirserv.cnumber import int32, strtol
from dirserv.getopt import BAD, Getopt
from dirserv.names import GROUPS, USERS
from dirserv.outcome import Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.directory import Directory

#: errno values and dsmemberutil's own, which it exits with.
UNKNOWN, NOT_FOUND, _UUID_ERROR, _EXISTENCE, EINVAL = 1, 2, 5, 7, 22

#: Record type -> the word for it in messages.
WORDS = {USERS: "user", GROUPS: "group"}
#: Option letter -> (record type, what its value is).
KINDS = {
    "u": (USERS, "id"), "U": (USERS, "name"), "x": (USERS, "uuid"), "s": (USERS, "sid"),
    "g": (GROUPS, "id"), "G": (GROUPS, "name"), "X": (GROUPS, "uuid"), "S": (GROUPS, "sid"),
}
_NAME_KINDS = {USERS: "username", GROUPS: "the groupname"}
_UUID_WORDS = {USERS: "UUID", GROUPS: "a UUID"}


class Invalid(Exception):
    """The options are not what the command takes (EINVAL); ``said`` if getopt(3) has spoken."""

    def __init__(self, said: bool = False) -> None:
        super().__init__(said)
        self.said = said


class Lookup:
    """One run of the command: where to look, and what has been said so far."""

    def __init__(self, name: str, directory: Directory) -> None:
        self.name = name
        self.directory = directory
        self.outcome = Outcome()
        self.verbose = False

    def tell(self, line: str) -> None:
        """Say something that only -v shows."""
        if self.verbose:
            self.outcome.say(line)

    def unknown_error(self) -> int:
        """Say that something failed; the status for that."""
        self.outcome.complain("There was an unknown error.")
        return UNKNOWN

    def option(self, options: Getopt, letters: str) -> tuple[str, str]:
        """The next option among ``letters`` (one with a usable value), as (letter, value).

        Raises Invalid if there is none.
        """
        options.letters = "".join(letter + ":" for letter in letters)
        for letter, value in options:
            if letter == BAD:
                self.outcome.err += options.errors
                raise Invalid(said=True)
            if letter not in "ug" or not strtol(value)[1]:
                return letter, value
            self.outcome.complain("ID supplied was not a number")
        raise Invalid

    def only_option(self, arguments: list[str], letters: str) -> tuple[str, str]:
        """The one option that getuuid, getid and getsid take, with nothing behind it."""
        options = Getopt(self.name, arguments, letters)
        found = self.option(options, letters)
        if options.operands:
            raise Invalid
        return found

    # -- from what was given to a UUID ---------------------------------------------------------

    def by_name(self, type: str, name: str) -> str:
        """The UUID of a user or group name, "" if there is none."""
        record = self.directory.find(type, name)
        return identities.uuid_of(record) if record else ""

    def resolve(self, letter: str, value: str) -> tuple[str, int]:
        """(UUID, 0), or ("", status) after saying what is wrong with it."""
        type, kind = KINDS[letter]
        resolved: tuple[str, int] = getattr(self, "_resolve_" + kind)(type, value)
        return resolved

    def _resolve_id(self, type: str, value: str) -> tuple[str, int]:
        return identities.uuid_of_id(self.directory, type, int32(strtol(value)[0])), 0

    def _resolve_name(self, type: str, name: str) -> tuple[str, int]:
        self.tell(f"Attempting to convert {_NAME_KINDS[type]} to {_UUID_WORDS[type]}")
        uuid = self.by_name(type, name)
        if not uuid:
            self.outcome.complain(f"The {WORDS[type]} {name} cannot be found")
            self.unknown_error()
            return "", _EXISTENCE
        if type == USERS:
            self.tell("Conversion successful")
        return uuid, 0

    def _resolve_uuid(self, type: str, value: str) -> tuple[str, int]:
        uuid = identities.parse_uuid(value)
        if uuid is None:
            self.outcome.say("The UUID entered is not valid.")
            return "", _UUID_ERROR
        return ("" if identities.is_null(uuid) else uuid), 0

    def _resolve_sid(self, type: str, value: str) -> tuple[str, int]:
        sid = identities.parse_sid(value)
        if sid is None:
            self.unknown_error()
            return "", EINVAL
        self.tell("Attempting to find the sid for the UUID")
        uuid = identities.uuid_of_sid(self.directory, sid)
        if uuid is None:
            self.outcome.say("Entry not found")
            self.unknown_error()
            return "", NOT_FOUND
        return uuid, 0
