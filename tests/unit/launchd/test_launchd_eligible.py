"""Sessions, hardware, disabled labels."""

from __future__ import annotations

from typing import Any

import pytest

from launchd_shim import darwin_errors
from launchd_shim.eligible import DISABLED, WRONG_HARDWARE, WRONG_SESSION, disabled, misfit
from tests.unit.launchd.support import loaded

FACTS = {"machine": "x86_64", "model": "Darling"}


@pytest.mark.parametrize(("values", "session", "number"), [
    ({}, "System", None), ({}, "Aqua", None), ({}, "Background", WRONG_SESSION),
    ({"LimitLoadToSessionType": "Background"}, "Background", None),
    ({"LimitLoadToSessionType": "Background"}, "System", WRONG_SESSION),
    ({"LimitLoadToSessionType": ["Aqua", "Background"]}, "Background", None),
    ({"LimitLoadToHardware": {"machine": ["x86_64", "arm64"]}}, "System", None),
    ({"LimitLoadToHardware": {"machine": ["arm64"]}}, "System", WRONG_HARDWARE),
    ({"LimitLoadToHardware": {"machine": ["arm64"], "Model": ["Darling"]}}, "System", None),
    ({"LimitLoadToHardware": {"ncpu": ["8"]}}, "System", WRONG_HARDWARE),
    ({"LimitLoadFromHardware": {"model": ["Darling"]}}, "System", WRONG_HARDWARE),
    ({"LimitLoadFromHardware": {"model": ["Mac"], "ncpu": ["8"]}}, "System", None),
], ids=repr)
def test_where_a_job_fits(values: dict[str, Any], session: str, number: int | None) -> None:
    assert misfit(loaded(**values).job, session, FACTS) == number


@pytest.mark.parametrize(("value", "stored", "expected"), [
    (False, None, False), (True, None, True), (True, False, False), (False, True, True),
    ({"MachineType": ["x86_64"]}, None, True), ({"MachineType": ["arm64"]}, None, False),
    ({"ModelName": ["Darling"]}, None, True), ({"modelname": ["Darling"]}, None, True),
    ({"Other": ["Darling"]}, None, False), ({"MachineType": ["x86_64"]}, False, False),
], ids=repr)
def test_what_is_disabled(value: Any, stored: bool | None, expected: bool) -> None:
    assert disabled(loaded(Disabled=value).job, stored, FACTS) is expected


def test_the_numbers_have_their_sentences() -> None:
    assert [darwin_errors.text(number) for number in (DISABLED, WRONG_SESSION, WRONG_HARDWARE)] \
        == ["Service is disabled", "Service cannot load in requested session",
            "Service cannot be loaded on this hardware"]


@pytest.mark.parametrize(("number", "text"), [
    (3, "No such process"), (5, "Input/output error"), (36, "Operation now in progress"),
    (37, "Operation already in progress"), (78, "Function not implemented"),
    (106, "Interface output queue is full"), (113, "Could not find specified service"),
    (133, "Multiple errors were returned; see stderr"),
    (161, "Service cannot be launched because of BTM policy"), (117, "Unknown error: 117"),
])
def test_texts_of_errors(number: int, text: str) -> None:
    assert darwin_errors.text(number) == text


def test_linux_numbers_become_darwins() -> None:
    import errno

    pairs = {errno.ENOENT: 2, errno.EAGAIN: 35, errno.EINPROGRESS: 36, errno.ELOOP: 62,
             errno.ENOTEMPTY: 66, errno.ECHRNG: 5, 0: 5}
    assert {number: darwin_errors.from_host(number) for number in pairs} == pairs


def test_the_table_of_errno_is_whole() -> None:
    assert list(darwin_errors.ERRNO) == list(range(1, 107))
    assert len({name for name, _ in darwin_errors.ERRNO.values()}) == 106
    assert set(darwin_errors.LAUNCHD) == set(range(107, 162)) - {117, 160}
