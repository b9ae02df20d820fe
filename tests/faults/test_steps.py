"""Every kind of write, struck before and after each system call that changes the disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import whole
from tests.faults.conftest import Stepper
from tests.faults.scenarios import SCENARIOS, Prepared
from tests.faults.striking import WRITES

pytestmark = pytest.mark.usefixtures("tracing")

#: How a call is struck (what was interrupted was not done, so there is no EINTR after it); the
#: slow run does all of it at every step.
HOWS = ("kill", "kill-after", "ENOSPC", "EIO", "EROFS", "EINTR", "short",
        "ENOSPC-after", "EIO-after", "EROFS-after")
#: With these the default run is content.
QUICK = ("create", "initialise", "recover")


@pytest.fixture(scope="module", params=[
    pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in SCENARIOS])
def prepared(
    request: pytest.FixtureRequest, tiny: Path, stepper: Stepper,
    tmp_path_factory: pytest.TempPathFactory,
) -> Prepared:
    at = tmp_path_factory.mktemp(request.param)
    return Prepared(request.param, tiny, stepper, at)


def steps(scenario: Prepared, how: str) -> list[int]:
    """Where it makes sense to strike so: only a write can be short."""
    return [step for step, name in enumerate(scenario.calls, 1) if how != "short" or name in WRITES]


def some(scenario: Prepared) -> Iterator[tuple[str, int]]:
    """Strikes for the default run: at each kind of call both deaths and every third failure, at
    another occurrence each time; a death at every eighth step, and at the ends."""
    kinds = dict.fromkeys(scenario.calls)
    for at, how in enumerate(HOWS):
        possible = steps(scenario, how)
        for other, name in enumerate(kinds):
            places = [step for step in possible if scenario.calls[step - 1] == name]
            if places and (how in ("kill", "kill-after", "short") or (at + other) % 3 == 0):
                yield how, places[at * 7 % len(places)]
    last = len(scenario.calls)
    yield from (("kill", step) for step in (*range(2, last, 8), last - 1, last))
    yield "EIO", 1


def test_struck_at_some_steps(prepared: Prepared) -> None:
    seen = {prepared.strike(how, step) for how, step in some(prepared)}
    assert seen == {True, False}, "both sides of the commit were reached"


@pytest.mark.slow
@pytest.mark.parametrize("how", HOWS)
def test_struck_at_every_step(prepared: Prepared, how: str) -> None:
    for step in steps(prepared, how):
        prepared.strike(how, step)


def test_interrupted_all_the_time(prepared: Prepared) -> None:
    """Five thousand signals a second, so that the kernel itself returns EINTR and short."""
    assert prepared.strike("storm", 0), "done all the same"


def test_a_reader_at_every_step(prepared: Prepared) -> None:
    """Between any two calls of the writer: the whole directory as it was, then as it is; and each
    flat file by itself likewise."""
    root = prepared.copy()
    done = prepared.run(root, "watch")
    assert done["status"] == 0
    seen = [json.loads(text) for text in done["seen"]]
    for at in range(3):
        states = [look[at] for look in seen]
        changes = [states[0], *(b for a, b in zip(states, states[1:]) if a != b)]
        assert len(changes) <= 2, f"{len(changes)} states"
    whole.check(root)
