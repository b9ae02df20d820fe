"""What tests leave for the evidence, in the directory that DIRSERV_EVIDENCE names, if it does.

Each file there is of JSON lines, so that several workers can write it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

#: Files: which of our commands a test's client ran, and which version of a package was used.
CALLS, VERSIONS = "calls", "versions"

#: How pip and npm are asked for a version, and what Debian and wheels call their files.
_NAMES = (re.compile(r"([\w-]+)==([\w.]+)"), re.compile(r"(@?[\w./-]+)@([\w.-]+)"),
          re.compile(r"([a-z0-9.+-]+)_(?:\d+%3a)?([^_]+)_\w+\.deb"),
          re.compile(r"(\w[\w.]*)-([\w.]+)\.dist-info"))


def note(file: str, **entry: object) -> None:
    """Add a line to one of the files."""
    if place := os.environ.get("DIRSERV_EVIDENCE"):
        with open(Path(place, file), "a") as log:
            log.write(json.dumps(entry) + "\n")


def note_versions(names: Iterable[str]) -> None:
    """Note the packages that are used, by such names as salt==3008.3 or nix-bin_2.8_amd64.deb;
    other names say nothing."""
    for name in names:
        for form in _NAMES:
            if found := form.fullmatch(name):
                note(VERSIONS, package=found[1].replace("_", "-"), version=found[2])


def read(file: Path) -> list[dict[str, object]]:
    """The entries of a file; none if no test wrote one."""
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]
