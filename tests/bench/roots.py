"""What the benchmarks of the account commands share: throw-away roots and command lines."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dirserv.directory import Directory
from dirserv.paths import Root

CHECKOUT = Path(__file__).resolve().parent.parent.parent
#: The interpreter itself: a venv's looks for its home first, which our commands never do.
PYTHON = os.path.realpath(sys.executable)
BARE = [PYTHON, "-I", "-S", "-c", "pass"]


@contextlib.contextmanager
def place() -> Iterator[Path]:
    """A directory that is gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="dirserv-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


def initialised(path: Path) -> Path:
    """A root there with macOS's own accounts."""
    path.mkdir(parents=True)
    with Directory(Root(str(path))).change():
        pass
    return path


def argv(*words: str) -> list[str]:
    """The command line of one of our commands, from the checkout."""
    return [PYTHON, "-I", "-S", str(CHECKOUT / "bin" / words[0]), *words[1:]]


def env(root: Path) -> dict[str, str]:
    """The environment in which a command works on a root."""
    return {"PATH": "/usr/bin:/bin", "DIRSERV_ROOT": str(root)}
