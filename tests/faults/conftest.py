"""A small root that is quickly copied, and the process that runs faulty commands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults import ptrace
from tests.faults.stepper import KEPT
from tests.support import CHECKOUT, directory


class Stepper:
    """``stepper`` as a process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.stepper"], cwd=CHECKOUT, text=True,
            env={"PATH": os.environ["PATH"]}, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, root: Path, argv: list[str], how: str = "none", step: int = 0) -> dict[str, Any]:
        """Run a command with a fault on the way; status, out, err, made (calls), seen."""
        return self._ask({"root": str(root), "argv": argv, "how": how, "step": step})

    def each(self, root: Path, argvs: list[list[str]]) -> list[dict[str, Any]]:
        """Run one command after the other; status, out, err of each."""
        return self._ask({"root": str(root), "argvs": argvs})

    def _ask(self, request: dict[str, Any]) -> Any:
        assert self._process.stdin and self._process.stdout
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


@pytest.fixture(scope="session")
def tracing() -> None:
    """Skips what needs to trace a process where that cannot be done."""
    obstacle = ptrace.obstacle()
    if obstacle is not None:
        pytest.skip(f"cannot trace: {obstacle}")


@pytest.fixture(scope="session")
def stepper() -> Iterator[Stepper]:
    running = Stepper()
    yield running
    running.close()


@pytest.fixture(scope="session")
def tiny(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An initialised root with few accounts; copy it, do not change it."""
    root = tmp_path_factory.mktemp("tiny") / "root"
    shutil.copytree(pristine, root)
    with directory(root).change() as change:
        for type, names in KEPT.items():
            for record in change.records(type):
                if record.name not in names:
                    change.delete(record)
    return root


@pytest.fixture
def little(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the small root, this test's own."""
    return copied(tiny, tmp_path / "little")


def copied(root: Path, to: Path) -> Path:
    """A copy of a root that is in step."""
    shutil.copytree(root, to, symlinks=True)
    with directory(to).change():
        pass  # the copy's files are new to the snapshot
    return to
