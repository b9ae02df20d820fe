"""One run of a subcommand: its arguments, who calls, and the launchd that it talks to."""

from __future__ import annotations

from dirserv.getopt import BAD, getopt
from dirserv.system import environ
from launchd_shim.client import Client
from launchd_shim.launchctl.failures import ESRCH, NO_DOMAIN, NO_SERVICE, Usage
from launchd_shim.launchctl.targets import natural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from dirserv.directory import Directory
    from launchd_shim.launchctl.targets import Target

#: Set by asuser and bsexec for what they run: the uid whose domain legacy verbs mean.
ASUSER = "LAUNCHD_SHIM_ASUSER"

_ABSENT = (ESRCH, NO_DOMAIN, NO_SERVICE)


class Call:
    """What a subcommand gets to work with."""

    def __init__(self, name: str, arguments: list[str], directory: Directory) -> None:
        self.name = name
        self.arguments = arguments
        self.directory = directory
        self._client: Client | None = None

    @property
    def euid(self) -> int:
        """The uid that the caller acts as."""
        return self.directory.euid

    @property
    def uid(self) -> int:
        """The uid whose domain legacy verbs mean: that of asuser, else the caller's.

        sudo resets the environment, hence the second (spec §8.13).
        """
        handed = natural(environ(ASUSER) or "")
        return self.euid if handed is None else handed

    @property
    def home(self) -> list[str]:
        """The domains of legacy verbs, the first of them where new jobs go (spec §2.7)."""
        return ["system"] if self.uid == 0 else [f"gui/{self.uid}", f"user/{self.uid}"]

    def options(self, letters: str) -> tuple[list[tuple[str, str]], list[str]]:
        """The options and the operands by getopt(3). Raises Usage for an unknown option."""
        pairs, operands, errors = getopt("launchctl", self.arguments, letters)
        if any(letter == BAD for letter, _ in pairs):
            raise Usage(errors)
        return pairs, operands

    def operands(self, least: int, most: int | None = None) -> list[str]:
        """The arguments of a subcommand without options. Raises Usage for a wrong number."""
        _, operands = self.options("")
        if len(operands) < least or most is not None and len(operands) > most:
            raise Usage
        return operands

    def ask(self, verb: str, **fields: Any) -> dict[str, Any]:
        """Launchd's reply, whatever its ``error``. Raises Unavailable."""
        if self._client is None:
            self._client = Client(self.directory.root, self.euid == 0)
        return self._client.ask(verb, **fields)

    def ask_of(self, target: Target, verb: str, **fields: Any) -> dict[str, Any]:
        """Ask about a target. Raises Failure if its domain or its service does not exist."""
        if target.label is not None:
            fields["label"] = target.label
        reply = self.ask(verb, domain=target.domain, **fields)
        missing = target.missing(reply["error"])
        if missing is not None:
            raise missing
        return reply

    def ask_at_home(self, verb: str, **fields: Any) -> dict[str, Any]:
        """Ask about a bare label: in the first of the caller's domains that has it."""
        reply: dict[str, Any] = {"error": NO_SERVICE}
        for domain in self.home:
            reply = self.ask(verb, domain=domain, **fields)
            if reply["error"] not in _ABSENT:
                break
        return reply
