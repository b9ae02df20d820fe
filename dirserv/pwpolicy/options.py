"""The command line of pwpolicy (spec 5.5)."""

from __future__ import annotations

#: Command -> (needs an account, needs authorisation, arguments it takes; None: pairs).
COMMANDS: dict[str, tuple[bool, bool, int | None]] = {
    "getglobalpolicy": (False, False, 0),
    "setglobalpolicy": (False, True, 1),
    "getpolicy": (True, False, 0),
    "setpolicy": (True, True, 1),
    "setpolicyglobal": (True, True, 0),
    "setpassword": (True, True, 1),
    "enableuser": (True, True, 0),
    "disableuser": (True, True, 0),
    "get-effective-policy": (True, False, 0),
    "getglobalhashtypes": (False, False, 0),
    "setglobalhashtypes": (False, True, None),
    "gethashtypes": (True, False, 0),
    "sethashtypes": (True, True, None),
    "getaccountpolicies": (False, False, 0),
    "setaccountpolicies": (False, True, 1),
    "clearaccountpolicies": (False, True, 0),
    "authentication-allowed": (True, False, 0),
}
#: -0 … -6 stand for the first seven.
_SHORTCUTS = dict(zip("0123456", COMMANDS, strict=False))
#: The new password may be asked for instead.
_OPTIONAL = ("setpassword",)
#: A policy argument must not look like an option.
_PLAIN = ("setglobalpolicy", "setpolicy", "setglobalhashtypes", "sethashtypes")

USAGE = (
    "usage: pwpolicy [-h] [-v] [-a authenticator] [-p password] [-u user | -c computer] "
    "[-n node] command [arguments]\n"
)
HELP = USAGE + """\
options:
    -a authenticator  the account that authorises the change
    -p password       its password (default: asked for)
    -u user           the user to work on
    -c computer       the computer to work on
    -n node           the directory node
    -v                say more
    -h                show this
commands (a leading dash is optional):
    -getaccountpolicies               show the account policies, the global ones without -u
    -setaccountpolicies FILE          replace them with the property list in FILE
    -clearaccountpolicies             remove them
    -authentication-allowed           tell whether the user may authenticate
    -disableuser                      let the user authenticate no more
    -enableuser                       let the user authenticate again
    -setpassword [PASSWORD]           set the user's password
    -getpolicy                        show the user's policy
    -setpolicy "K=V ..."              set the user's policy
    -setpolicyglobal                  have only the global policy apply to the user
    --get-effective-policy            show what applies to the user
    -getglobalpolicy                  show the global policy
    -setglobalpolicy "K=V ..."        set the global policy
    -gethashtypes                     show the kinds of hashes that the user has
    -sethashtypes TYPE on|off ...     change them
    -getglobalhashtypes               show the kinds of hashes that new users have
    -setglobalhashtypes TYPE on|off ...  change them
    -0 ... -6                         getglobalpolicy, setglobalpolicy, getpolicy, setpolicy,
                                      setpolicyglobal, setpassword, enableuser
"""


class UsageError(Exception):
    """The command line is wrong; ``text`` goes to standard error, without it the usage is shown."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text


class Options:
    """One command line."""

    __slots__ = ("authenticator", "password", "target", "computer", "node", "help", "command",
                 "arguments")

    def __init__(self) -> None:
        self.authenticator: str | None = None
        self.password: str | None = None
        self.target: str | None = None
        self.node: str | None = None
        self.computer = self.help = False
        self.command = ""
        self.arguments: list[str] = []


def parse(words: list[str]) -> Options:
    """The options of a command line. Raises UsageError."""
    options, at = Options(), 0
    while at < len(words):
        word = words[at]
        at += 1
        if word.lstrip("-") in COMMANDS:
            _set_command(options, word.lstrip("-"))
        elif word.startswith("-") and len(word) > 1:
            at = _letters(options, word[1:], words, at)
        else:
            options.arguments.append(word)
    if not options.help:
        _check(options)
    return options


def _set_command(options: Options, command: str) -> None:
    if options.command:
        raise UsageError  # one command a line
    options.command = command


_VALUES = {"a": "authenticator", "p": "password", "n": "node", "u": "target", "c": "target"}


def _letters(options: Options, letters: str, words: list[str], at: int) -> int:
    """Take a word of option letters and the values behind it; returns the index behind those."""
    for letter in letters:
        if letter in _SHORTCUTS:
            _set_command(options, _SHORTCUTS[letter])
        elif letter == "h":
            options.help = True
        elif letter in _VALUES:
            if at >= len(words):
                raise UsageError
            if letter in "uc" and options.target is not None:
                raise UsageError("-u and -c exclude each other and are given once\n")
            setattr(options, _VALUES[letter], words[at])
            options.computer |= letter == "c"
            at += 1
        elif letter != "v":
            raise UsageError
    return at


def _check(options: Options) -> None:
    if not options.command:
        raise UsageError
    wanted, given = COMMANDS[options.command][2], options.arguments
    if options.command in _PLAIN and any(word.startswith("-") for word in given):
        raise UsageError
    if wanted is None:
        states = [word.lower() for word in given[1::2]]
        if not given or len(given) % 2 or any(state not in ("on", "off") for state in states):
            raise UsageError
    elif len(given) != wanted and not (options.command in _OPTIONAL and not given):
        raise UsageError
