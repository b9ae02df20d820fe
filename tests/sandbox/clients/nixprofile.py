"""The profile that Nix 2.18 to 2.24 gave to sandbox-exec, put together from its real texts."""

from __future__ import annotations

import functools
import re
import tarfile
from collections.abc import Sequence

from tests.clients import nixpkg

_TEXT = re.compile(r"/build/sandbox-(\w+)\.sb$")
#: The builder's variants: the texts that its profile begins with, and its parameters.
KINDS = {
    "minimal": (("minimal",), {}),
    "sandboxed": (("defaults",), {}),
    "local-networking": (("defaults",), {"_ALLOW_LOCAL_NETWORKING": "1"}),
    "fixed-output": (("defaults", "network"), {}),
}


@functools.cache
def texts() -> dict[str, str]:
    """Nix's texts by name; its source has them as C++ string literals.

    Raises archive.ArchiveUnreachable.
    """
    found = {}
    with tarfile.open(nixpkg.source()) as tar:
        for member in tar:
            name = _TEXT.search(member.name)
            if name:
                literal = tar.extractfile(member).read().decode()
                found[name[1]] = literal.partition('R""(')[2].rpartition(')""')[0]
    return found


def profile(kind: str, outputs: Sequence[str], inputs: Sequence[str]) -> str:
    """The whole profile, in the order of spec/sandbox.md 1.2.

    Raises archive.ArchiveUnreachable.
    """
    beginning = "".join(texts()[name] for name in KINDS[kind][0])
    if kind == "minimal":
        return "(version 1)\n" + beginning
    # Without file-write* on inputs access(2) would say EPERM; their modes protect them.
    everything = "file-read* file-write* process-exec"
    return "".join((
        "(version 1)\n(deny default (with no-log))\n", beginning,
        _allowed(everything, "subpath", outputs), _allowed(everything, "subpath", inputs),
        _allowed("file-read*", "literal", _ancestors([*outputs, *inputs])),
    ))


def _allowed(operations: str, filter: str, paths: Sequence[str]) -> str:
    return f"(allow {operations}\n" + "".join(f'\t({filter} "{path}")\n' for path in paths) + ")\n"


def _ancestors(paths: Sequence[str]) -> list[str]:
    found = {"/"}
    for path in paths:
        while path := path.rpartition("/")[0]:
            found.add(path)
    return sorted(found)
