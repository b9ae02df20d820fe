"""Programs that look at what is built: the machine's own, else fetched from its archive.

A fetched program lies in the cache of tests/clients/archive.py and is run from there; nothing is
installed.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients import archive

#: Packages whose programs run only where they are installed.
_IMMOVABLE = ("man-db", "bash")


class Program:
    """A program and the variables it needs."""

    def __init__(self, path: str, environment: dict[str, str]) -> None:
        self.path = path
        self._environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **environment}

    def __call__(self, *arguments: str | Path,
                 **more: str) -> subprocess.CompletedProcess[str]:
        """Run it; ``more`` are further variables."""
        return subprocess.run([self.path, *arguments], capture_output=True, text=True, check=False,
                              timeout=120, env={**self._environment, **more})


@functools.cache
def program(name: str, package: str) -> Program:
    """A program. Skips the test, with the reason, when there is none to be had."""
    found = shutil.which(name)
    # A minimised system has a man that only says so.
    if found and (name != "man" or shutil.which("lexgrog")):
        return Program(found, {})
    if package in _IMMOVABLE:
        pytest.skip(f"no {name} here; install {package}")
    try:
        return _fetched(name, package)
    except archive.ArchiveUnreachable as error:
        pytest.skip(f"no {name} here, and it cannot be fetched: {error}")
    except FileNotFoundError as error:
        pytest.skip(f"no {name} here, and packages cannot be unpacked: {error}")


def _fetched(name: str, package: str) -> Program:
    with archive.exclusive():
        place = archive.cache() / "programs" / package
        if not place.exists():
            fresh = place.with_suffix(".new")
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(parents=True)
            archive.download(archive.lacked(package), fresh)
            for file in sorted(fresh.glob("*.deb")):
                subprocess.run(["dpkg-deb", "-x", file, fresh], check=True, timeout=120)
                file.unlink()
            fresh.rename(place)
    binary = next(path for path in (place / "usr/bin" / name, place / "bin" / name)
                  if path.exists())
    libraries = ":".join(map(str, [*place.glob("usr/lib/*-linux-gnu*"),
                                   *place.glob("lib/*-linux-gnu*")]))
    return Program(str(binary), {"LD_LIBRARY_PATH": libraries})
