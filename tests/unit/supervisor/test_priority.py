"""Niceness and I/O priority."""

from __future__ import annotations

import os
import shutil

import pytest

from launchd_shim.job import Process
from launchd_shim.supervisor.priority import IDLE, LOWEST, io_priority, niceness
from tests.support import is_root, run
from tests.unit.supervisor.harness import Launchd, until


@pytest.mark.parametrize(("given", "nice", "io"), [
    ({}, None, None),
    ({"type": "Interactive"}, None, None),
    ({"type": "Adaptive"}, None, None),
    ({"type": "Background"}, 10, LOWEST),
    ({"type": "Background", "nice": 3}, 3, LOWEST),
    ({"low_priority_io": True}, None, LOWEST),
    ({"low_priority_background_io": True, "low_priority_io": True}, None, IDLE),
])
def test_keys(given: dict, nice: int | None, io: int | None) -> None:
    process = Process()
    for name, value in given.items():
        setattr(process, name, value)
    assert (niceness(process), io_priority(process)) == (nice, io)


@pytest.mark.skipif(not shutil.which("ionice"), reason="ionice shows I/O priorities")
@pytest.mark.parametrize(("keys", "shown"), [
    ({"LowPriorityIO": True}, "best-effort: prio 7"),
    ({"LowPriorityBackgroundIO": True}, "idle"),
    ({"ProcessType": "Background"}, "best-effort: prio 7"),
])
def test_a_job_has_them(launchd: Launchd, keys: dict, shown: str) -> None:
    path = launchd.plist("low", "ionice; nice", RunAtLoad=True, StandardOutPath="/private/out",
                         **keys)
    assert run(launchd.root, "launchctl", "bootstrap", "system", path).returncode == 0
    out = launchd.root / "private/out"
    until(lambda: out.exists() and len(out.read_text().splitlines()) == 2)
    nice = os.nice(0)
    if "ProcessType" in keys and (is_root() or nice < 10):
        nice = 10
    assert out.read_text().splitlines() == [shown, str(nice)]
