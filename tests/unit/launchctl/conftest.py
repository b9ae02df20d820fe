"""What these tests share: a root with a supervisor of our own, and launchctl in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dirserv.console import Console
from dirserv.directory import Directory
from dirserv.outcome import Outcome
from dirserv.paths import Root
from launchd_shim.launchctl.main import run
from tests.unit.launchctl.fake import FakeLaunchd

#: A function that runs launchctl with arguments, as uid 0 or another one.
Launchctl = Callable[..., tuple[str, str, int]]


@pytest.fixture
def launchd(tmp_path: Path) -> Iterator[FakeLaunchd]:
    """A supervisor of the root ``tmp_path`` with an empty table."""
    with FakeLaunchd(tmp_path) as fake:
        yield fake


@pytest.fixture
def launchctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Launchctl:
    """launchctl on the root ``tmp_path``: gives stdout, stderr and the status."""
    for name in ("LAUNCHD_SHIM_ASUSER", "LAUNCHD_SHIM_MANAGER", "SHELL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/Users/ada")

    def call(*words: str, euid: int = 0) -> tuple[str, str, int]:
        monkeypatch.setenv("DIRSERV_EUID", str(euid))
        outcome: Outcome = run(["launchctl", *words], Console(), Directory(Root(str(tmp_path))))
        return outcome.out, outcome.err, outcome.status

    return call
