"""How many instructions a cold command takes, which repeats where times do not (valgrind)."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from dirserv.paths import Root
from launchd_shim.client import Client
from tests.bench.cold import COMMANDS
from tests.bench.measure import Row
from tests.bench.roots import BARE, PYTHON, argv, installed, place

_COUNT = re.compile(r"Collected : (\d+)")


def main() -> list[Row]:
    """Millions of instructions of each command, beside a bare interpreter's. Raises OSError
    without valgrind."""
    with place() as directory:
        root = installed(directory / "root")
        for words in ("dscl . -create /Users/_nixbld1 UniqueID 351", "launchctl list"):
            subprocess.run(argv(root, *words.split()), capture_output=True, check=True)
        try:
            bare = _millions(BARE)
            return [Row(f"{name}, instructions", _millions(_command(root, words)), bare, "M",
                        "python3 -I -S -c pass", goal)
                    for name, (words, goal) in COMMANDS.items()]
        finally:
            Client(Root(str(root)), may_start=False).ask("shutdown")


def _command(root: Path, words: str) -> list[str]:
    return [PYTHON, "-I", "-S", *argv(root, *words.format("value").split())]


def _millions(command: list[str]) -> float:
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
        env={"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    found = _COUNT.search(done.stderr)
    if found is None:
        raise RuntimeError(f"valgrind gave no count: {done.stderr.strip()}")
    return int(found[1]) / 1e6
