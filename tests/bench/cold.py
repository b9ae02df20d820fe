"""One cold command against a bare interpreter that does nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

from dirserv.paths import Root
from launchd_shim.client import Client
from tests.bench.measure import Row, command, side_by_side
from tests.bench.roots import BARE, argv, installed, place

ROUNDS = 41

#: What is run -> (its words, the highest ratio that is aimed at). {} is another value each time.
COMMANDS: dict[str, tuple[str, float | None]] = {
    "dscl -read": ("dscl . -read /Users/_nixbld1", 1.35),
    "dscl -create": ("dscl . -create /Users/_nixbld1 RealName {}", 2.0),
    "dseditgroup checkmember": ("dseditgroup -o checkmember -m _nixbld1 wheel", 1.35),
    "launchctl list": ("launchctl list", 1.35),
}
#: The write, and the same where fsync costs nothing: the goal is "fsync apart".
WRITE, IN_MEMORY = "dscl -create", "dscl -create, in memory"
MEMORY = "/dev/shm"


def main() -> list[Row]:
    """Each command beside ``python3 -I -S -c pass``, and a write beside its own fsyncs."""
    with place() as disk, place(MEMORY) as memory:
        roots = [installed(directory / "root") for directory in (disk, memory)]
        for root in roots:
            _run(root, "dscl . -create /Users/_nixbld1 UniqueID 351")
        try:
            return _rows(*roots)
        finally:
            Client(Root(str(roots[0])), may_start=False).ask("shutdown")


def _rows(disk: Path, memory: Path) -> list[Row]:
    actions: dict[str, Callable[[], object]] = {"bare": command(BARE)}
    actions |= {name: _action(disk, words) for name, (words, _) in COMMANDS.items()}
    actions[IN_MEMORY] = _action(memory, COMMANDS[WRITE][0])
    taken = side_by_side(actions, ROUNDS)
    goals = {name: goal for name, (_, goal) in COMMANDS.items()}
    goals |= {IN_MEMORY: goals[WRITE], WRITE: None}
    return [Row(name, taken[name], taken["bare"], "ms", "python3 -I -S -c pass", goal,
                "with its fsyncs" if name == WRITE else "") for name, goal in goals.items()]


def _action(root: Path, words: str) -> Callable[[], object]:
    values = itertools.count()
    return lambda: _run(root, words.format(next(values)))


def _run(root: Path, words: str) -> None:
    command(argv(root, *words.split()))()
