"""The command line of sysadminctl: one command and its options, in any order (spec 4.2)."""

from __future__ import annotations

#: Command -> what its value is called.
COMMANDS = {
    "-addUser": "user",
    "-deleteUser": "user",
    "-resetPasswordFor": "user",
    "-secureTokenStatus": "user",
    "-secureTokenOn": "user",
    "-secureTokenOff": "user",
    "-autologin": "set, off or status",
    "-guestAccount": "on, off or status",
    "-afpGuestAccess": "on, off or status",
    "-smbGuestAccess": "on, off or status",
    "-automaticTime": "on, off or status",
    "-filesystem": "status",
    "-screenLock": "status, immediate, off or seconds",
}
#: The command of a line that has none of these but this option: the caller's own password.
OWN_PASSWORD = "-newPassword"

_VALUES = frozenset((
    "-fullName", "-UID", "-GID", "-shell", "-password", "-hint", "-home", "-picture",
    "-newPassword", "-oldPassword", "-passwordHint", "-adminUser", "-adminPassword", "-userName",
))
_FLAGS = frozenset(("-admin", "-roleAccount", "-secure", "-keepHome", "-force", "interactive"))

USAGE = """\
Usage: sysadminctl
\t-addUser NAME [-fullName TEXT] [-UID ID] [-GID ID] [-shell PATH] [-password PASSWORD]
\t\t[-hint TEXT] [-home PATH] [-admin] [-roleAccount] [-picture PATH] [ADMIN]
\t-deleteUser NAME [-secure | -keepHome] [ADMIN]
\t-newPassword PASSWORD -oldPassword PASSWORD [-passwordHint TEXT]
\t-resetPasswordFor NAME -newPassword PASSWORD [-passwordHint TEXT] [ADMIN]
\t-secureTokenStatus NAME
\t-secureTokenOn NAME -password PASSWORD ADMIN
\t-secureTokenOff NAME -password PASSWORD ADMIN
\t-autologin set -userName NAME [-password PASSWORD] | off | status [ADMIN]
\t-guestAccount on | off | status
\t-afpGuestAccess on | off | status
\t-smbGuestAccess on | off | status
\t-automaticTime on | off | status
\t-filesystem status
\t-screenLock status | immediate | off | SECONDS -password PASSWORD

ADMIN is "-adminUser NAME -adminPassword PASSWORD", or "interactive" to be asked for them.
A PASSWORD that is "-" is asked for.
A role account needs a NAME that starts with "_" and a UID from 450 to 499."""


class Options:
    """What was asked for: ``command``, its ``argument``, and the other options."""

    __slots__ = ("command", "argument", "_values", "_flags")

    def __init__(self, values: dict[str, str], flags: set[str]) -> None:
        self._values = values
        self._flags = flags
        named = [word for word in values if word in COMMANDS]
        self.command = named[0] if named else OWN_PASSWORD
        self.argument = values.get(self.command, "")

    def get(self, option: str) -> str | None:
        """The value of an option, None if it was not given."""
        return self._values.get(option)

    def has(self, flag: str) -> bool:
        """Whether an option without a value was given."""
        return flag in self._flags


def parse(arguments: list[str]) -> Options | None:
    """The options of a command line; None where only the usage helps: an unknown word, a missing
    value, no command or two."""
    values: dict[str, str] = {}
    flags: set[str] = set()
    words = iter(arguments)
    for word in words:
        if word in _FLAGS:
            flags.add(word)
            continue
        value = next(words, None)
        if value is None or (word not in _VALUES and word not in COMMANDS):
            return None
        values[word] = value
    return Options(values, flags) if _complete(values) else None


def _complete(values: dict[str, str]) -> bool:
    commands = [word for word in values if word in COMMANDS]
    if not commands:
        return "-newPassword" in values and "-oldPassword" in values
    if commands == ["-resetPasswordFor"]:
        return "-newPassword" in values
    return len(commands) == 1
