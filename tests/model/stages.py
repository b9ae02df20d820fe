"""Where the commands of an example run as real processes: a root, kept from example to example."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from tests.darwin import tree
from tests.darwin.requirements import PYTHON
from tests.darwin.root import DarwinRoot
from tests.model import reading
from tests.model.model import State
from tests.support import CHECKOUT

DRIVER = Path(__file__).with_name("driver.py")
DRIVER_IN_ROOT = "/usr/local/lib/model-driver.py"

Answer = dict[str, Any]


class Place(Protocol):
    """A way to start the driver."""

    #: Whether the C library can be asked there.
    libc: bool

    def start(self, request: str) -> str: ...


class InDarwinRoot:
    """The commands at their macOS paths, in a root of their own."""

    libc = True

    def __init__(self, root: DarwinRoot) -> None:
        self.root = root
        root.install([tree.text(DRIVER_IN_ROOT, DRIVER.read_text())])

    def start(self, request: str) -> str:
        """What the driver prints."""
        return self.root.must(PYTHON, "-I", "-S", DRIVER_IN_ROOT, input=request)


class InDirectory:
    """The commands of the checkout on a plain directory."""

    libc = False

    def __init__(self, path: Path) -> None:
        self.path = path

    def start(self, request: str) -> str:
        """What the driver prints."""
        python = [os.path.realpath(sys.executable), "-I", "-S"]
        names = ("dscl", "dseditgroup", "sysadminctl")
        programs = {name: [*python, str(CHECKOUT / "bin" / name)] for name in names}
        settings = {"programs": programs, "env": {"DIRSERV_ROOT": str(self.path)}}
        result = subprocess.run(
            [*python, str(DRIVER)], input=json.dumps({**json.loads(request), **settings}),
            capture_output=True, text=True, check=False, timeout=300,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout


class Stage:
    """A place that is as it was at the beginning of every example."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._beginning = self._look()
        #: None while an example is under way, and after one that broke off.
        self._now: State | None = self._beginning

    def perform(self, commands: Sequence[list[str]], names: Sequence[str]) -> tuple[State, Answer]:
        """Run the commands from the beginning's state; returns that state and what is seen then."""
        reset = reading.restoring(self._beginning, self._now or self._look())
        self._now = None
        answer = self._ask(reset, commands, names)
        before, self._now = reading.parse(answer["before"]), reading.parse(answer["after"])
        assert not reading.differences(self._beginning, before), "the reset failed"
        return before, answer

    def _look(self) -> State:
        return reading.parse(self._ask([], [], [])["after"])

    def _ask(
        self, reset: list[str], commands: Sequence[list[str]], names: Sequence[str]
    ) -> Answer:
        request = {"programs": {}, "env": {}, "reset": reset, "commands": list(commands),
                   "names": list(names), "libc": self.place.libc}
        return json.loads(self.place.start(json.dumps(request)))
