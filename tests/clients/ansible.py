"""ansible-core in a Darwin-like root: its modules manage the accounts through our commands."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from tests.clients import registry
from tests.darwin import tree
from tests.darwin.requirements import PYTHON
from tests.darwin.root import DarwinRoot

LIBRARY = "/opt/ansible"
# The package of all collections; of community.general one module is wanted.
COLLECTIONS = "ansible==12.3.0"
GENERAL = "ansible_collections/community/general"
PARTS = ("MANIFEST.json", "meta/runtime.yml", "plugins/modules/launchd.py")
# Its module for users hides and shows accounts in the login window with this macOS command.
DEFAULTS = """#!/bin/sh
# There are no settings here: nothing can be read, and what is written is forgotten.
[ "$1" != read ]
"""


def library() -> Path:
    """A directory with ansible-core and what it needs, for the root's own Python; fetched once.

    Raises registry.RegistryUnreachable.
    """
    return registry.python_packages("ansible", "ansible-core")


def collection() -> Path:
    """A directory with what the module community.general.launchd consists of; fetched once.

    Raises registry.RegistryUnreachable.
    """
    def fill(directory: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="collections-") as scratch:
            registry.download(COLLECTIONS, Path(scratch), "--only-binary=:all:")
            (package,) = Path(scratch).iterdir()
            with zipfile.ZipFile(package) as wheel:
                wheel.extractall(directory, [f"{GENERAL}/{part}" for part in PARTS])

    return registry.kept("community.general", (COLLECTIONS, *PARTS), fill)


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
