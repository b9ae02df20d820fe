"""A root for one case: initialised afresh, with the records that the transcript's Mac had."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from dirserv.defaults import new_attributes
from dirserv.names import RECORD_NAME, STANDARD_TYPE, qualified, stored
from dirserv.transaction import Transaction
from tests.conformance.cases import Case
from tests.support import directory

#: tmpfs where there is one: a root is some 300 small files, each of them fsynced.
_FAST = "/dev/shm"


def workspace() -> tempfile.TemporaryDirectory[str]:
    """A directory for the roots of a session, which every uid may pass through."""
    fast = os.path.isdir(_FAST) and os.access(_FAST, os.W_OK | os.X_OK)
    space = tempfile.TemporaryDirectory(
        prefix="dirserv-conformance-", dir=_FAST if fast else None
    )
    os.chmod(space.name, 0o755)
    return space


def build(root: Path, case: Case) -> None:
    """Make ``root`` a directory of users as the case wants it.

    With ``bare`` the case's records are the only ones and have exactly the attributes given.
    Otherwise they come on top of the built-in ones: new ones are created as the service creates
    records, existing ones only get the attributes named.
    """
    root.mkdir()
    root.chmod(0o755)
    with directory(root).change() as change:
        if case.bare:
            for record in change.records():
                change.delete(record)
        for path, typed in case.records.items():
            attributes = {stored(qualified(key)): values for key, values in typed.items()}
            _put(change, path, attributes, case.bare)


def _put(
    change: Transaction, path: str, attributes: dict[str, list[str | bytes]], bare: bool
) -> None:
    kind, _, name = path.partition("/")
    type = STANDARD_TYPE + kind
    record = change.find(type, name)
    if record is None:
        record = change.create(type, name, {} if bare else new_attributes(type))
    names = attributes.pop(RECORD_NAME, None)
    for attribute, values in attributes.items():
        change.write(record, attribute, values)
    if names is not None:
        change.write(record, RECORD_NAME, names)
