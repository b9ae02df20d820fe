"""dsenableroot: give root a password, or take it away (spec/dirserv.md 5.4)."""

from __future__ import annotations

from dirserv import __version__
from dirserv.errors import AUTH_FAILED, PERMISSION, RECORD_NOT_FOUND, DSError
from dirserv.getopt import getopt
from dirserv.membership import is_member
from dirserv.names import AUTHENTICATION_AUTHORITY, GROUPS, PASSWORD, SHADOW_HASH, USERS
from dirserv.outcome import Outcome
from dirserv.passwords import authenticate, set_password

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.change import Change
    from dirserv.console import Console
    from dirserv.directory import Directory

USAGE = """
dsenableroot ({version}):: enables and disables the root account.

usage: dsenableroot [-d] [-u user] [-p password] [-r root password]
    -d                disable the root account instead of enabling it
    -u user           an account that may administer this machine (default: $USER)
    -p password       its password (default: asked for)
    -r root password  the new password of root (default: asked for twice)
No password may be empty.

"""


def run(argv: list[str], console: Console, directory: Directory) -> Outcome:
    """The command dsenableroot. Its status is always 0; what happened is its last line."""
    arguments = argv[1:]
    if arguments == ["-appleversion"]:
        return Outcome(out=f"{argv[0]}, Apple Inc., Version {__version__}\n")
    if arguments == ["--help"]:
        return _usage()
    options, _, errors = getopt(argv[0], arguments, "u:p:r:dv?h")
    given = dict(options)
    if "v" in given:
        return Outcome(out=f"\ndsenableroot:: Version {__version__}\n")
    if "?" in given or "h" in given or not _sensible(arguments, given):
        return Outcome(out=_usage().out, err=errors)
    return _Run(given, console, directory).outcome


def _usage() -> Outcome:
    return Outcome(out=USAGE.format(version=__version__))


def _sensible(arguments: list[str], given: dict[str, str]) -> bool:
    """Whether the options say something together, by the rules of Apple's source."""
    named = "u" in given or "p" in given
    if "d" in given:
        return named or len(arguments) < 2
    return named or "r" in given or not arguments


class _Run:
    """The questions and the change."""

    def __init__(self, given: dict[str, str], console: Console, directory: Directory) -> None:
        self.outcome = Outcome()
        self._given = given
        self._console = console
        self._directory = directory
        user = given.get("u") or self._caller()
        if not user:
            self.outcome.say(
                "***Username <-u username> must be explicitly provided in this shell***")
            return
        password = self._secret("p", "user password:")
        root_password = "" if "d" in given else self._root_password()
        if root_password is not None:
            self._report(self._refused(user, password, root_password))

    def _caller(self) -> str:
        import os

        user = os.environ.get("USER", "")
        if user:
            self.outcome.say(f"username = {user}")
        return user

    def _secret(self, option: str, prompt: str) -> str:
        if option in self._given:
            return self._given[option]
        self._console.show(self.outcome)
        return self._console.ask(prompt)

    def _root_password(self) -> str | None:
        if "r" in self._given:
            return self._given["r"]
        password = self._secret("r", "root password:")
        if self._console.ask("verify root password:") == password:
            return password
        self.outcome.say(
            "\ndsenableroot:: ***Root password was not verified with dual entries.")
        return None

    def _refused(self, user: str, password: str, root_password: str) -> DSError | None:
        """Make the change; returns what prevented it."""
        enable = "d" not in self._given
        try:
            if not password or (enable and not root_password):
                raise DSError(AUTH_FAILED)
            self._check_administrator(user, password)
            with self._directory.change() as change:
                if enable:
                    _enable(change, root_password)
                else:
                    _disable(change)
        except DSError as error:
            return error
        return None

    def _check_administrator(self, name: str, password: str) -> None:
        status = authenticate(self._directory, name, password)
        if status:
            raise DSError(status)
        user = self._directory.find(USERS, name)
        admin = self._directory.find(GROUPS, "admin")
        if user is None or admin is None or not is_member(self._directory, user, admin):
            raise DSError(PERMISSION)

    def _report(self, refused: DSError | None) -> None:
        done, doing = ("disabled", "disable") if "d" in self._given else ("enabled", "enable")
        if refused is None:
            self.outcome.say(f"\ndsenableroot:: ***Successfully {done} root user.")
            return
        if refused.note:
            self.outcome.complain(refused.note)
        self.outcome.say(f"\ndsenableroot:: ***Failed to {doing} root user.")


def _enable(change: Change, password: str) -> None:
    root = change.find(USERS, "root")
    if root is None:
        raise DSError(RECORD_NOT_FOUND)
    # Whatever was there, ";DisabledUser;" included, gives way to the plain shadow hash.
    change.set(root, AUTHENTICATION_AUTHORITY, [])
    set_password(change, root, password)


def _disable(change: Change) -> None:
    root = change.find(USERS, "root")
    if root is None:
        raise DSError(RECORD_NOT_FOUND)
    change.set(root, AUTHENTICATION_AUTHORITY, [])
    change.set(root, SHADOW_HASH, [])
    change.set(root, PASSWORD, ["*"])
