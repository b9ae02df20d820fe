"""Timing commands side by side, and the rows of a report."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_SILENT = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]


@dataclass(frozen=True)
class Row:
    """One figure of ours beside a peer's. ``goal`` is the highest ratio that is aimed at, None
    where the figure is only to be known; ``note`` says what a reader has to know."""

    what: str
    ours: float
    peer: float
    unit: str
    against: str
    goal: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times the peer's figure ours is."""
        if self.ours == self.peer:
            return 1.0  # also where neither does anything
        return self.ours / self.peer if self.peer else float("inf")

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        return None if self.goal is None else self.ratio <= self.goal


def side_by_side(actions: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median milliseconds of each action. They take turns, so that noise hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            begin = time.perf_counter()
            action()
            times[name].append((time.perf_counter() - begin) * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


def command(argv: Sequence[str], env: dict[str, str] | None = None) -> Callable[[], int]:
    """The action that runs a program, silently, to its end; it returns the status."""
    def action() -> int:
        pid = os.posix_spawnp(argv[0], argv, os.environ if env is None else env,
                              file_actions=_SILENT)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return action


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as lines that line up."""
    width = max((len(row.what) for row in rows), default=0)
    peer = max((len(row.against) for row in rows), default=0)
    return [_line(row, width, peer) for row in rows]


def _line(row: Row, width: int, peer: int) -> str:
    goal = "" if row.goal is None else f"  goal {row.goal:g}: {'yes' if row.reached else 'NO'}"
    note = f"  ({row.note})" if row.note else ""
    return (f"{row.what:<{width}}  {row.ours:>10.2f} {row.unit:<4} against {row.against:<{peer}} "
            f"{row.peer:>10.2f}  = {row.ratio:>6.2f} x{goal}{note}")
