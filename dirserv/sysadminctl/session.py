"""One run of sysadminctl: its log lines, its questions, its authorisation (spec 4.1)."""

from __future__ import annotations

import os

from dirserv.outcome import Outcome
from dirserv.passwords import authenticate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.console import Console
    from dirserv.directory import Directory
    from dirserv.sysadminctl.options import Options

_RULE = "-" * 28
BANNER = (
    _RULE,
    "No clear text password or interactive option was specified "
    "(adduser, change/reset password will not allow user to use FDE) !",
    _RULE,
)
NOT_ROOT = (
    "sysadminctl should be run as root, or in interactive mode! "
    "(Error Domain=NSOSStatusErrorDomain Code=-60007 "
    '"errAuthorizationInteractionNotAllowed: The authorization was denied since no user '
    'interaction was possible. ")'
)

#: Where Apple's build keeps the sources that its error lines name; clients look at the code and
#: the file name alone, so the part that differs from build to build says who speaks here.
_SOURCES = ("/AppleInternal/Library/BuildRoots/darling-dirserv/Library/Caches/com.apple.xbs/"
            "Sources/Admin/")
RECORD, AUTHENTICATOR = "DSRecord.m", "DSAuthenticator.m"
#: The line in the sources that reports a failed change, and a refused authentication.
CHANGE_LINE, AUTHENTICATION_LINE = 563, 94


class Session:
    """Everything goes to standard error as NSLog lines; the exit status stays 0."""

    def __init__(self, options: Options, console: Console, directory: Directory) -> None:
        self.options = options
        self.directory = directory
        self.outcome = Outcome()
        #: Whether an administrator's name and password were given and are right.
        self.authorised = False
        self._console = console

    def say(self, text: str) -> None:
        """Log a line."""
        self.outcome.complain(log_line(text))

    def error(self, code: int, line: int = CHANGE_LINE, file: str = RECORD) -> None:
        """Log a DirectoryService status in the form of Apple's sources."""
        self.say(f"### Error:{code} File:{_SOURCES}{file} Line:{line}")

    def banner(self) -> None:
        """Log the notice that no administrator's password was given, if none was."""
        if not self.authorised:
            for line in BANNER:
                self.say(line)

    def ask(self, prompt: str) -> str:
        """Ask for a secret; what was logged so far is shown first."""
        self._console.show(self.outcome)
        return self._console.ask(prompt)

    def password(self, option: str, prompt: str) -> str | None:
        """The value of a password option, asked for if it is ``-``; None if it was not given."""
        value = self.options.get(option)
        return self.ask(prompt) if value == "-" else value

    def verified(self, name: str, password: str) -> bool:
        """Whether a name and password are right; logs the refusal."""
        refused = authenticate(self.directory, name, password)
        if refused:
            self.error(refused, AUTHENTICATION_LINE, AUTHENTICATOR)
        return not refused

    def authorise(self) -> None:
        """Check the administrator's credentials if there are any; wrong ones are logged and the
        command goes on without them, as the real one does."""
        name = self.options.get("-adminUser")
        password = self.password("-adminPassword", "Admin password:")
        if self.options.has("interactive"):
            name = name or self.ask("Admin user name:")
            password = self.ask("Admin password:") if password is None else password
        if name is not None:
            self.authorised = self.verified(name, password or "")


def log_line(text: str) -> str:
    """A line as NSLog writes it: local time, program, process and thread."""
    import time
    from _thread import get_native_id

    now = time.time()
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
    milliseconds = int(now * 1000) % 1000
    return f"{stamp}.{milliseconds:03d} sysadminctl[{os.getpid()}:{get_native_id()}] {text}"
