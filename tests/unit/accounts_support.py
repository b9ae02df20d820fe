"""What the tests of the account commands share: log lines, canned answers, records."""

from __future__ import annotations

import re
from pathlib import Path

from dirserv.command import load
from dirserv.console import Console
from dirserv.outcome import Outcome
from dirserv.record import Record
from tests.support import directory, run

BANNER = (
    "----------------------------",
    "No clear text password or interactive option was specified "
    "(adduser, change/reset password will not allow user to use FDE) !",
    "----------------------------",
)
_PREFIX = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} sysadminctl\[(\d+):(\d+)\] (.*)$"
)


class Answers(Console):
    """A terminal at which somebody types canned answers."""

    def __init__(self, *answers: str) -> None:
        self.left = list(answers)
        #: Everything that reached the person, prompts included, in order.
        self.seen = ""

    def ask(self, prompt: str) -> str:
        self.seen += prompt + "\n"
        return self.left.pop(0)

    def show(self, outcome: Outcome) -> None:
        self.seen += outcome.err + outcome.out
        outcome.err = outcome.out = ""


def converse(root: Path, *argv: str, answers: tuple[str, ...]) -> tuple[str, int]:
    """Run a command with canned answers; returns all that the person saw, and the status."""
    console = Answers(*answers)
    outcome = load(argv[0])(list(argv), console, directory(root))
    console.show(outcome)
    assert console.left == []
    return console.seen, outcome.status


def texts(log: str) -> list[str]:
    """The texts of log lines, after a check of what NSLog puts before them."""
    found = []
    for line in log.splitlines():
        match = _PREFIX.match(line)
        assert match is not None, line
        found.append(match[3])
    return found


def sysadminctl(root: Path, *arguments: str, euid: int = 0) -> list[str]:
    """The texts that a run of sysadminctl logs; everything else about it is always the same."""
    done = run(root, "sysadminctl", *arguments, env={"DIRSERV_EUID": str(euid)})
    assert (done.stdout, done.returncode) == ("", 0)
    return texts(done.stderr)


def record(root: Path, kind: str, name: str) -> Record:
    """A record that must be there."""
    found = directory(root).find(f"dsRecTypeStandard:{kind}", name)
    assert found is not None
    return found


def values(root: Path, path: str, attribute: str) -> list[str]:
    """The values of ``TYPE/NAME``'s attribute, by its bare name, standard or native."""
    kind, _, name = path.partition("/")
    found = record(root, kind, name)
    return (found.values(f"dsAttrTypeStandard:{attribute}")
            or found.values(f"dsAttrTypeNative:{attribute}"))


def exists(root: Path, path: str) -> bool:
    """Whether there is a record ``TYPE/NAME``."""
    kind, _, name = path.partition("/")
    return directory(root).find(f"dsRecTypeStandard:{kind}", name) is not None
