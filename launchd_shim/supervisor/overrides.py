"""Which labels are disabled: the override store that clients also read and write themselves.

``disabled.plist`` for the system domain, ``disabled.UID.plist`` for users: label -> bool
(spec/launchd.md 3.9).
"""

from __future__ import annotations

import os
import plistlib

from dirserv import plist
from dirserv.files import Staging, make_directories, owner_of, read, signature

DIRECTORY = "private/var/db/com.apple.xpc.launchd"


class Overrides:
    """The store of one domain, read again whenever somebody rewrote the file."""

    def __init__(self, root: str, uid: int | None) -> None:
        name = "disabled.plist" if uid is None else f"disabled.{uid}.plist"
        self.path = f"{root}/{DIRECTORY}/{name}"
        self._owner = owner_of(root)
        self._seen: object = ()
        self._known: dict[str, bool] = {}

    def all(self) -> dict[str, bool]:
        """Label -> whether it is disabled, for every label with a record."""
        now = signature(self.path)
        if now != self._seen:
            self._known = self._load()
            self._seen = now
        return dict(self._known)

    def set(self, label: str, disabled: bool) -> None:
        """Record a label. Raises OSError if that cannot be written."""
        self._write({**self.all(), label: disabled})

    def create(self) -> None:
        """Make an empty store if there is none: Puppet expects the file."""
        if signature(self.path) is None:
            self._write({})

    def _load(self) -> dict[str, bool]:
        data = read(self.path)
        if not data:
            return {}
        try:
            content = plist.loads(data)
        except ValueError:
            return self._known  # half written by somebody: what was said before still counts
        if not isinstance(content, dict):
            return {}
        return {str(label): value for label, value in content.items() if isinstance(value, bool)}

    def _write(self, content: dict[str, bool]) -> None:
        make_directories(os.path.dirname(self.path), self._owner)
        staging = Staging(self._owner)
        staging.add(self.path, plistlib.dumps(content), 0o644)
        staging.publish()
        self._known, self._seen = dict(content), signature(self.path)
