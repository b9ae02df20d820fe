"""ansible-core in a Darwin-like root: its modules manage the accounts through our commands."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.clients import archive
from tests.darwin import tree
from tests.darwin.requirements import PYTHON
from tests.darwin.root import DarwinRoot

LIBRARY = "/opt/ansible"
# Its module for users hides and shows accounts in the login window with this macOS command.
DEFAULTS = """#!/bin/sh
# There are no settings here: nothing can be read, and what is written is forgotten.
[ "$1" != read ]
"""


class AnsibleMissing(archive.ArchiveUnreachable):
    """ansible-core could not be fetched; the text says what pip answered."""


def library() -> Path:
    """A directory with ansible-core and what it needs, for the root's own Python; fetched once.

    Raises AnsibleMissing.
    """
    with archive.exclusive():
        directory = archive.cache() / f"ansible-py{_python_version()}"
        complete = directory / "complete"
        if not complete.exists():
            shutil.rmtree(directory, ignore_errors=True)
            _pip_install(directory)
            complete.touch()
        return directory


def prepare(root: DarwinRoot, directory: Path) -> None:
    """Lay ansible into the root, which has to have the uname library."""
    root.install(tree.copy_of(directory, LIBRARY))
    root.install([tree.program("/usr/bin/defaults", DEFAULTS)])


def module(root: DarwinRoot, name: str, /, **arguments: object) -> dict[str, Any]:
    """Run one module on the root itself and return what it reports."""
    command = [PYTHON, "-m", "ansible", "adhoc", "localhost", "--one-line"]
    command += ["--extra-vars", f"ansible_python_interpreter={PYTHON}"]
    command += ["--module-name", name, "--args", json.dumps(arguments)]
    environment = {"PYTHONPATH": LIBRARY, "ANSIBLE_LOCALHOST_WARNING": "false"}
    result = root.run(command, env=environment, darwin_uname=True)
    _, arrow, report = result.stdout.partition("=> ")
    assert arrow, f"ansible says nothing of {name}: {result}"
    fields: dict[str, Any] = json.loads(report)
    return fields


def _pip_install(directory: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(directory)]
    command += ["--python-version", _python_version(), "--only-binary=:all:", "ansible-core"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise AnsibleMissing(f"pip: {result.stderr.strip()}")


def _python_version() -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    command = [PYTHON, "-I", "-S", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
