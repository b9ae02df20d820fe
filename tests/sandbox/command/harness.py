"""A throw-away root with an installed sandbox-exec, run by the shells that it is meant for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox_stub.launcher import installed
from tests.darwin.requirements import PYTHON as SYSTEM_PYTHON
from tests.darwin.requirements import python_obstacle
from tests.support import CHECKOUT, is_root

#: One that other users may run too, where there is one.
PYTHON = sys.executable if python_obstacle() else SYSTEM_PYTHON

#: Who does the work: a shell in passthrough, or Python (settings that the shell leaves to it).
WAYS = ("sh", "bash", "python")
ANYTHING = "(version 1)(allow default)"
FREE = "mode = check\nmode = passthrough\n"

Result = subprocess.CompletedProcess[bytes]


class Installation:
    """A root below ``place`` and the command in it; ``command`` is its path."""

    def __init__(self, place: Path, way: str = "sh") -> None:
        self.root = place / "prefix"
        self.etc = self.root / "private/etc"
        self.log = self.root / "private/var/log/sandbox-exec"
        self.command = self.root / "usr/bin/sandbox-exec"
        for directory in (self.etc, self.log.parent, self.command.parent):
            directory.mkdir(parents=True, mode=0o755)
        text = installed(
            (CHECKOUT / "bin/sandbox-exec").read_text(), root=str(self.root), host=str(self.root),
            mldr="", library=str(CHECKOUT), python=PYTHON)
        if way == "bash":
            text = text.replace("#!/bin/sh", f"#!{shutil.which('bash')}", 1)
        self.command.write_text(text)
        self.command.chmod(0o755)
        if way == "python":
            self.configure(FREE)

    def configure(self, text: str, mode: int = 0o644) -> Path:
        """Write the settings file."""
        file = self.etc / "sandbox-exec.conf"
        file.write_text(text)
        file.chmod(mode)
        return file

    def run(self, *words: str | bytes, **options: object) -> Result:
        """Run it, by default with a small environment and an empty standard input."""
        settings = {"env": {"PATH": "/usr/bin:/bin", "PWD": "/"}, "cwd": "/", "timeout": 60,
                    "stdin": subprocess.DEVNULL, "capture_output": True, **options}
        return subprocess.run([self.command, *words], check=False, **settings)


def somebody() -> dict[str, Any]:
    """Options that run the command as a user without any right, by root; else the test skips."""
    if not is_root():
        pytest.skip("needs root, to become somebody else")
    who = {"user": 65533, "group": 65533, "extra_groups": []}
    script = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); import sandbox_stub.view"
    try:
        subprocess.run([PYTHON, "-I", "-S", "-c", script], check=True, **who)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"other users may not run {PYTHON} or read {CHECKOUT}")
    return who


def outcome(result: Result) -> tuple[int, str, str]:
    """Status, standard output, standard error."""
    return result.returncode, result.stdout.decode(), result.stderr.decode()
