"""Every transcript of a real Mac, and every case derived from the specification."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.cases import HERE, Case, exceptions, load
from tests.conformance.compare import MODES, Mismatch

RECORDED = load(HERE)
DERIVED = load(HERE / "derived")


def _marked(cases: list[Case]) -> list[Any]:
    """The cases as parameters. A listed exception must differ: one that passes fails the run."""
    reasons = exceptions()
    return [
        pytest.param(case, id=case.id, marks=[
            pytest.mark.xfail(reason=reasons[case.id], raises=Mismatch, strict=True)
        ] if case.id in reasons else [])
        for case in cases
    ]


@pytest.mark.parametrize("case", _marked(RECORDED))
def test_recorded(case: Case, bench: Callable[[Case], None]) -> None:
    bench(case)


@pytest.mark.parametrize("case", _marked(DERIVED))
def test_derived(case: Case, bench: Callable[[Case], None]) -> None:
    bench(case)


def test_every_exception_is_a_case_and_has_a_reason() -> None:
    reasons = exceptions()
    assert set(reasons) <= {case.id for case in RECORDED + DERIVED}
    assert all(len(reason) > 20 for reason in reasons.values())


def test_ids_are_unique_and_sources_given() -> None:
    cases = RECORDED + DERIVED
    assert len({case.id for case in cases}) == len(cases)
    assert [case.id for case in cases if not case.source or case.compare not in MODES] == []


def test_no_transcript_got_lost() -> None:
    assert len(RECORDED) == 145
    listed = len([case for case in RECORDED if case.id in exceptions()])
    assert listed <= 12
