"""The state table: complete, with actions that exist, and drawn as it is."""

from __future__ import annotations

import pytest

from launchd_shim.supervisor.services import Services
from launchd_shim.supervisor.states import EVENTS, STATES, TABLE, diagram
from tests.support import CHECKOUT


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", EVENTS)
def test_every_cell_is_filled(state: str, event: str) -> None:
    action, after = TABLE[state][event]
    assert after in STATES
    assert action in ("nothing", "impossible") or callable(getattr(Services, "_" + action))


def test_there_is_nothing_else_in_the_table() -> None:
    assert set(TABLE) == set(STATES)
    assert all(set(cells) == set(EVENTS) for cells in TABLE.values())


def test_every_state_can_be_left_and_reached() -> None:
    reached = {after for cells in TABLE.values() for _, after in cells.values()}
    assert reached == set(STATES)
    for state in set(STATES) - {"gone"}:
        assert any(after != state for _, after in TABLE[state].values())


def test_the_diagram_is_generated_from_the_table() -> None:
    assert (CHECKOUT / "docs/launchd-states.dot").read_text() == diagram()
