"""What the benchmarks of the account commands share: throw-away roots and command lines."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
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
def place(below: str | None = None) -> Iterator[Path]:
    """A directory that is gone afterwards; ``below`` is where it is, if that is there."""
    where = below if below and os.path.isdir(below) else None
    path = Path(tempfile.mkdtemp(prefix="dirserv-bench-", dir=where))
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


def installed(path: Path) -> Path:
    """A root there with macOS's own accounts and our commands, which this interpreter runs."""
    path.mkdir(parents=True)
    subprocess.run([sys.executable, CHECKOUT / "bin/darling-dirserv", "install", "--prefix", path,
                    "--python", PYTHON], check=True, capture_output=True)
    return path


def argv(root: Path, *words: str) -> list[str]:
    """The command line of one of the commands that are installed in a root."""
    directories = ":".join(f"{root}/{name}" for name in ("usr/bin", "usr/sbin", "bin"))
    return [shutil.which(words[0], path=directories) or words[0], *words[1:]]
