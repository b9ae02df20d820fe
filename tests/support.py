"""What the tests share: a throw-away root, and our commands run in it as processes.

Nothing here touches the machine outside the given directory.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from dirserv.directory import Directory
from dirserv.names import RECORD_NAME, STANDARD_TYPE, USERS, qualified, stored
from dirserv.paths import Root

CHECKOUT = Path(__file__).resolve().parent.parent


def directory(root: Path) -> Directory:
    """The directory of a test root."""
    return Directory(Root(str(root)))


def put(root: Path, path: str, attributes: dict[str, list[str | bytes]]) -> None:
    """Make the record ``TYPE/NAME`` have exactly these attributes (typed keys) and its name."""
    kind, _, name = path.partition("/")
    with directory(root).change() as change:
        type = STANDARD_TYPE + kind
        record = change.find(type, name)
        if record is not None:
            change.delete(record)
        wanted = {stored(qualified(key)): list(values) for key, values in attributes.items()}
        names = wanted.pop(RECORD_NAME, [name])
        wanted.pop(stored("dsAttrTypeStandard:RecordType"), None)
        wanted.pop(stored("dsAttrTypeStandard:AppleMetaNodeLocation"), None)
        record = change.create(type, str(names[0]), wanted)
        if len(names) > 1:
            change.write(record, RECORD_NAME, names)


def run(
    root: Path,
    *argv: str,
    stdin: str = "",
    env: dict[str, str] | None = None,
    uid: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run one of our commands (``argv[0]`` is its name) as a process against a root.

    ``uid`` runs it as another user (root only).
    """
    command = [sys.executable, "-I", "-S", str(CHECKOUT / "bin" / argv[0]), *argv[1:]]
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "DIRSERV_ROOT": str(root), **(env or {})},
        user=uid,
        group=uid,
        extra_groups=None if uid is None else [],
        check=False,
        timeout=120,
    )


def passwd_entries(root: Path) -> dict[str, list[str]]:
    """Name -> fields of the projected passwd."""
    return _entries(root / "private/etc/passwd")


def group_entries(root: Path) -> dict[str, list[str]]:
    """Name -> fields of the projected group file."""
    return _entries(root / "private/etc/group")


def _entries(path: Path) -> dict[str, list[str]]:
    lines = (line for line in path.read_text().splitlines() if not line.startswith("#"))
    return {line.split(":")[0]: line.split(":") for line in lines}


def is_root() -> bool:
    """Whether the tests run as root."""
    return os.geteuid() == 0


def others_may_read() -> bool:
    """Whether other users may read the checkout; one below root's home they may not."""
    return all(place.stat().st_mode & 0o005 == 0o005 for place in (CHECKOUT, *CHECKOUT.parents))


__all__ = ["CHECKOUT", "USERS", "directory", "group_entries", "is_root", "others_may_read",
           "passwd_entries", "put", "run"]
