"""Deciding which files a change shows in, and preparing their next content."""

from __future__ import annotations

import posix

from dirserv.files import Staging, read, signature
from dirserv.paths import Root
from dirserv.projection import dslocal, flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dirserv.files import Signature
    from dirserv.record import Record
    from dirserv.transaction import Transaction

#: With more touched records than these a flat file is rendered anew.
_FEW = 16


class Projection:
    """The next state of the projected files of one transaction.

    ``pairs`` are the touched records, as the files still show them and as they are now; with
    ``everything`` the flat files are compared as a whole, because somebody else may have written
    them.
    """

    def __init__(
        self,
        root: Root,
        change: Transaction,
        pairs: Sequence[tuple[Record | None, Record | None]],
        everything: bool,
    ) -> None:
        self._root = root
        self._change = change
        self._everything = everything
        self._pairs = pairs
        self.signatures: dict[str, Signature | None] = {}

    def stage(self, staging: Staging, known: dict[str, Signature | None]) -> None:
        """Prepare every file that changes; ``known`` are the signatures of those that do not."""
        self.signatures = {**known, "database": (posix.stat(self._root.database).st_ino, 0, 0)}
        for file in flat.MODES:
            if self._everything or self._shows(file):
                self.signatures[file] = self._flat(staging, file)
        for before, after in self._pairs:
            self._plist(staging, before, after)

    def _shows(self, file: str) -> bool:
        """Whether any touched record has another line in ``file`` than before."""
        return any(
            self._line(file, before) != self._line(file, after)
            or (file == "master.passwd" and after is not None and bool(after.secret))
            for before, after in self._pairs
        )

    def _line(self, file: str, record: Record | None) -> object:
        if record is None:
            return None
        fields = flat.entry(file, record, lambda _: "")
        return fields and (record.name, fields)

    def _flat(self, staging: Staging, file: str) -> Signature | None:
        path = f"{self._root.etc}/{file}"
        data = None if self._everything else self._spliced(file, path)
        if data is None:
            entries = flat.entries(file, self._change.records(flat.TYPES[file]),
                                   self._change.master)
            data = flat.render(file, entries)
        if self._everything and read(path) == data:
            return signature(path)
        return staging.add(path, data, flat.MODES[file])

    def _spliced(self, file: str, path: str) -> bytes | None:
        """The present file with only the lines of touched records changed: as good as rendering
        it anew, and in a large directory much cheaper. None where that cannot be done."""
        if len(self._pairs) > _FEW or signature(path) != self.signatures.get(file):
            return None
        data = read(path)
        gone = [before.name for before, _ in self._pairs
                if before and before.type == flat.TYPES[file]]
        new = {}
        for _, after in self._pairs:
            fields = after and flat.entry(file, after, self._change.master)
            if after and fields:
                new[after.name] = fields
        return data and flat.spliced(file, data, gone, new)

    def _plist(self, staging: Staging, before: Record | None, after: Record | None) -> None:
        record = after or before
        if record is None or record.type not in dslocal.DIRECTORIES:
            return
        old = before and dslocal.file(self._root.dslocal, record.type, before.name)
        new = after and dslocal.file(self._root.dslocal, record.type, after.name)
        if old and old != new:
            staging.remove(old)
        if after and new:
            attributes = {**after.attributes, **self._change.secrets(after)}
            after.plist = staging.add(new, dslocal.render(attributes), dslocal.MODE)
