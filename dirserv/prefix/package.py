"""The packages as they are laid: source and byte code, the same bytes whenever they are made.

Byte code is compiled by the Python that will run it. It lies in a bundle, and that of the bundle's
own module in a ``.pyc`` with unchecked-hash invalidation: neither needs times that agree across
copies and layers (spec/ecosystem.md A4).
"""

from __future__ import annotations

import functools
import importlib.metadata
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from dirserv.admin.errors import AdminError
from dirserv.prefix.launchers import LIBRARY

#: The directory of the packages and of bin.
SOURCE = Path(__file__).resolve().parents[2]
_PACKAGES = ("dirserv", "launchd_shim", "sandbox_stub")
#: What only the admin command needs, and that imports what an installed command does not have.
_LEFT_OUT = ("dirserv/admin", "dirserv/manual", "dirserv/prefix")

#: What the tree's Python does with the scratch directory and the library.
_COMPILE = """
import compileall, os, sys
scratch, library = sys.argv[1:]
sys.path.insert(0, scratch)
sys.dont_write_bytecode = True
from dirserv.bundle import NAME, made
files = [os.path.relpath(os.path.join(folder, name), scratch)
         for folder, _, names in os.walk(scratch) for name in names if name.endswith(".py")]
with open(os.path.join(scratch, NAME), "wb") as bundle:
    bundle.write(made(scratch, files, library))
for name in ("__init__.py", "bundle.py"):
    path = os.path.join(scratch, "dirserv", name)
    mode = compileall.py_compile.PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_file(path, stripdir=scratch, prependdir=library, quiet=1,
                                   invalidation_mode=mode):
        sys.exit(1)
"""


@functools.cache
def files(python: str, more: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Path in a tree -> content; ``more`` are distributions from PyPI that come along.

    Raises AdminError when ``python`` cannot compile them.
    """
    with tempfile.TemporaryDirectory(prefix="darling-dirserv-") as scratch:
        for name in _PACKAGES:
            shutil.copytree(SOURCE / name, Path(scratch, name), ignore=_ignored)
        for name in more:
            _copy_distribution(name, Path(scratch))
        _compile(python, scratch)
        found = sorted(path for path in Path(scratch).rglob("*") if path.is_file())
        return {f"{LIBRARY}/{path.relative_to(scratch)}": path.read_bytes() for path in found}


def available(distribution: str) -> bool:
    """Whether a distribution can be copied from our own environment."""
    try:
        importlib.metadata.distribution(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _ignored(folder: str, names: list[str]) -> set[str]:
    place = os.path.relpath(folder, SOURCE)
    return {name for name in names if name == "__pycache__" or f"{place}/{name}" in _LEFT_OUT}


def _copy_distribution(name: str, scratch: Path) -> None:
    distribution = importlib.metadata.distribution(name)
    for file in distribution.files or ():
        if file.suffix == ".py" and not file.is_absolute() and ".." not in file.parts:
            place = scratch / file
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(distribution.locate_file(file)), place)


def _compile(python: str, scratch: str) -> None:
    command = [python, "-I", "-S", "-c", _COMPILE, scratch, LIBRARY]
    result = subprocess.run(command, capture_output=True, text=True, check=False,
                            env={"PYTHONHASHSEED": "0", "PATH": os.defpath})
    if result.returncode != 0:
        raise AdminError(f"{python} cannot compile the package: {result.stdout.strip()}"
                         f"{result.stderr.strip()}")
