"""Debian's Puppet in a Darwin-like root: its providers for macOS manage accounts and services.

Puppet takes the machine for a Mac by facts, which Facter reads from a file (spec/ecosystem.md C2).
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.clients import archive
from tests.darwin import tree
from tests.darwin.layout import LIBRARY
from tests.darwin.requirements import PYTHON
from tests.darwin.root import DarwinRoot, Result

PACKAGES = ("puppet-agent", "ruby-cfpropertylist")
FACTS = {
    "kernel": "Darwin", "osfamily": "Darwin", "operatingsystem": "Darwin",
    "operatingsystemmajrelease": "20", "macosx_productversion_major": "11",
    "os": {"name": "Darwin", "family": "Darwin", "release": {"major": "20", "full": "20.6.0"},
           "macosx": {"version": {"major": "11", "full": "11.7.4"}}},
}
# Our programs for what a prefix lacks, at their macOS paths.
FILLER = f"""#!{PYTHON} -IS
import sys
sys.path.insert(0, "{LIBRARY}")
from dirserv.fillers.command import main
main("%s", root="/")
"""
# --detailed-exitcodes
NO_CHANGE, CHANGED = 0, 2


def packages() -> list[Path]:
    """The .deb files of Puppet, of CFPropertyList and of what they need; fetched once.

    Raises archive.ArchiveUnreachable.
    """
    return archive.packages(*PACKAGES)


def prepare(root: DarwinRoot, debs: list[Path]) -> None:
    """Lay Puppet into the root, the facts, and the programs of macOS that its providers call."""
    for deb in debs:
        root.unpack(archive.content(deb))
    root.install([tree.text("/etc/facter/facts.d/mac.json", json.dumps(FACTS)), *(
        tree.program(f"/usr/bin/{name}", FILLER % name) for name in ("uuidgen", "plutil"))])
    root.must("ldconfig")


def apply(root: DarwinRoot, manifest: str) -> Result:
    """Bring the root into the state that a manifest describes."""
    options = ["--detailed-exitcodes", "--color=false", "--logdest=console"]
    return root.run(["puppet", "apply", *options, "--execute", manifest])


def resource(root: DarwinRoot, type: str, name: str) -> dict[str, str]:
    """What `puppet resource` says of what there is: attribute to value, as Puppet writes it."""
    lines = root.must("puppet", "resource", type, name).splitlines()[1:-1]
    pairs = (line.strip().removesuffix(",").split("=>", 1) for line in lines)
    return {key.strip(): value.strip() for key, value in pairs}
