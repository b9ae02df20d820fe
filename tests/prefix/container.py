"""A stand-in for a running Darling container: an overlay on the prefix in a mount namespace of
its own, whose first process the prefix names (spec/darling.md "Processes and paths")."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

#: Everything happens on a file system in memory that only this namespace and its kin see; the
#: outer one is "the host", where the prefix is the raw upper layer.
_START = """
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1,workdir=$1.workdir,index=off" "$1" || exit 77
echo ready
exec cat
"""


class Container:
    """The container of a prefix, while in a ``with`` block. Needs root."""

    def __init__(self, prefix: Path, lower: Path) -> None:
        self.prefix = prefix
        self._lower = lower

    def __enter__(self) -> Self:
        (self.prefix.parent / f"{self.prefix.name}.workdir").mkdir(exist_ok=True)
        self._process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", _START, "sh",
             str(self.prefix), str(self._lower)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._process.stdout is not None and self._process.stderr is not None
        if self._process.stdout.readline() != "ready\n":
            pytest.skip(f"no overlay can be mounted here: {self._process.stderr.read().strip()}")
        (self.prefix / ".init.pid").write_text(str(self._process.pid))
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    @property
    def pid(self) -> int:
        """Its first process."""
        return self._process.pid

    def inside(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a shell script as a host program inside, with the prefix as working directory."""
        command = [str(shutil.which("nsenter")), "--target", str(self.pid), "--mount", "--",
                   "sh", "-c", f'cd "$1" && {script}', "sh", str(self.prefix)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
