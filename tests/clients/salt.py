"""Salt in a Darwin-like root: its own loader runs its own modules for macOS, unmodified."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.clients import registry
from tests.darwin import tree
from tests.darwin.requirements import PYTHON
from tests.darwin.root import DarwinRoot

SALT = "salt==3008.3"
NEEDED = ("distro", "jinja2", "looseversion", "msgpack", "packaging", "psutil", "pyyaml",
          "tornado")
DRIVER = Path(__file__).with_name("salt_driver.py")
PLACE, HOME = "/opt/salt", "/var/root/salt"

#: One call of a function of Salt: its name and its arguments.
Call = list[Any]


def source() -> Path:
    """A directory with Salt as its source has it; fetched once.  Raises RegistryUnreachable."""
    def fill(directory: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="salt-") as scratch:
            registry.download_source(SALT, Path(scratch))
            (package,) = Path(scratch).iterdir()
            registry.unpack(package, directory, "salt")

    return registry.kept(SALT, (), fill)


def needed() -> Path:
    """A directory with the packages that Salt imports; fetched once.  Raises RegistryUnreachable.
    """
    return registry.python_packages("salt-needs", *NEEDED)


def prepare(root: DarwinRoot, salt: Path, needs: Path) -> None:
    """Lay Salt and the driver into the root."""
    root.install([*tree.copy_of(salt, PLACE), *tree.copy_of(needs, PLACE)])
    root.install([tree.text(f"{PLACE}/driver.py", DRIVER.read_text()), tree.directory(HOME)])


def run(root: DarwinRoot, *calls: Call) -> list[Any]:
    """What these calls of Salt's functions give, one after the other in one process."""
    command = [PYTHON, "-W", "ignore", f"{PLACE}/driver.py", HOME, json.dumps(calls)]
    result = root.run(command, env={"PYTHONPATH": PLACE})
    assert result.returncode == 0, result
    return json.loads(result.stdout.splitlines()[-1])


def table(root: DarwinRoot, *rows: tuple[Call, Any]) -> None:
    """Make the calls of the rows and compare with their answers; a callable answer is asked."""
    answers = run(root, *(call for call, _ in rows))
    for (call, expected), answer in zip(rows, answers, strict=True):
        right = expected(answer) if callable(expected) else answer == expected
        assert right, (call, answer)


def says(*parts: str) -> Callable[[Any], bool]:
    """An error of Salt that holds these parts."""
    return lambda answer: "error" in answer and all(part in answer["error"] for part in parts)
