"""Files to be put into a root, described as data and packed as one tar stream.

A stream that is unpacked *inside* the root cannot follow one of the root's symbolic links out
to the machine, which writing below /proc/PID/root from outside would do.
"""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple


class Entry(NamedTuple):
    """One file, directory or symbolic link; `path` is absolute, as seen inside the root."""

    path: str
    kind: bytes = tarfile.REGTYPE
    data: bytes = b""
    target: str = ""
    mode: int = 0o644
    owner: int = 0


def text(path: str, content: str, mode: int = 0o644) -> Entry:
    """A text file."""
    return Entry(path, data=content.encode(), mode=mode)


def program(path: str, content: str) -> Entry:
    """An executable script."""
    return text(path, content, 0o755)


def directory(path: str, mode: int = 0o755, owner: int = 0) -> Entry:
    """A directory; one that exists gets this mode and owner (user and group number alike)."""
    return Entry(path, kind=tarfile.DIRTYPE, mode=mode, owner=owner)


def link(path: str, target: str) -> Entry:
    """A symbolic link; it replaces a file of that name, not a directory."""
    return Entry(path, kind=tarfile.SYMTYPE, target=target, mode=0o777)


def copy_of(source: Path, path: str) -> Iterator[Entry]:
    """Every regular file below `source`, to lie below `path`."""
    for file in sorted(source.rglob("*")):
        if file.is_file():
            mode = 0o755 if file.stat().st_mode & 0o100 else 0o644
            yield Entry(f"{path}/{file.relative_to(source)}", data=file.read_bytes(), mode=mode)


def archive(entries: Iterable[Entry]) -> bytes:
    """The tar stream of these entries, for `tar -x -C /`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for entry in entries:
            tar.addfile(_header(entry), io.BytesIO(entry.data))
    return buffer.getvalue()


def _header(entry: Entry) -> tarfile.TarInfo:
    header = tarfile.TarInfo(entry.path.lstrip("/"))
    header.type, header.mode, header.size = entry.kind, entry.mode, len(entry.data)
    header.linkname = entry.target
    header.uid = header.gid = entry.owner
    header.mtime = int(time.time())
    return header
