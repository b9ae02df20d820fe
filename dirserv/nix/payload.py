"""An installer as it is released: a tarball or a directory, and what its scripts say of it."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dirserv.admin.errors import AdminError

_PARTS = ("install", "install-multi-user", "install-darwin-multi-user.sh", ".reginfo", "store")
_STORE_PATH = re.compile(r'^readonly NIX_INSTALLED_NIX="([^"]*)"', re.MULTILINE)
_NEEDED = re.compile(r"upgrade to ([0-9.]+) or higher")
#: A step that is announced; a prefix needs no volume.
_TASK = re.compile(r'^\s*task "(?!.*volume)', re.MULTILINE)
#: The first bytes of a program -> what can run it.
_KINDS = ((b"\xcf\xfa\xed\xfe\x07\x00\x00\x01", "macOS x86_64"),
          (b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01", "macOS arm64"),
          (b"\xca\xfe\xba\xbe", "macOS x86_64"), (b"\x7fELF", "Linux"), (b"#!", "script"))


@dataclass(frozen=True)
class Payload:
    """An unpacked installer at a host path."""

    path: Path
    #: The store path of its Nix.
    nix: str
    #: The oldest macOS that its outer script takes, "" if it does not ask.
    macos: str
    #: The kind of its ``nix`` program (``_KINDS``), "unknown" for any other.
    kind: str
    #: Its size in bytes.
    size: int
    #: How many steps its scripts announce, one of them for each user.
    steps: int
    #: Whether the outer script knows ``--yes``; an older one takes that for a plea for help.
    yes: bool

    @property
    def version(self) -> str:
        """The version of its Nix."""
        return self.nix.rpartition("-nix-")[2]


def unpack(tarball: Path, where: Path) -> Path:
    """Unpack a tarball into an empty directory; returns where the installer lies.

    tar(1) itself refuses names that lead out of the directory. Raises AdminError.
    """
    result = subprocess.run(["tar", "-x", "-f", str(tarball), "-C", str(where), "--no-same-owner"],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if result.returncode:
        raise AdminError(f"{tarball} cannot be unpacked: {' '.join(result.stderr.split())}")
    inner = list(where.iterdir())
    return inner[0] if len(inner) == 1 and inner[0].is_dir() else where


def read(path: Path) -> Payload:
    """Look at an unpacked installer. Raises AdminError if it is none, or is not whole."""
    lacking = [part for part in _PARTS if not os.path.lexists(path / part)]
    if lacking:
        raise AdminError(f"{path} is no multi-user installer of Nix: it has no {lacking[0]}; give "
                         "the tarball nix-VERSION-x86_64-darwin.tar.xz or what is in it")
    outer, inner, darwin = (_text(path / part) for part in _PARTS[:3])
    found = _STORE_PATH.search(inner)
    nix = found[1] if found else ""
    if not nix.startswith("/nix/store/"):
        raise AdminError(f"{path}/install-multi-user names no Nix in /nix/store: that is a source "
                         "tree; give a released tarball")
    if not (path / "store" / os.path.basename(nix)).is_dir():
        raise AdminError(f"{path} is not whole: {nix} is not in its store")
    needed = _NEEDED.search(outer)
    return Payload(path, nix, needed[1] if needed else "", _kind(path), _size(path),
                   len(_TASK.findall(inner + darwin)), "--yes)" in outer)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _kind(path: Path) -> str:
    """Nix's own program may be a link to another store path, where it is a file."""
    for program in path.glob("store/*/bin/nix"):
        if program.is_file() and not program.is_symlink():
            with program.open("rb") as file:
                head = file.read(8)
            return next((kind for start, kind in _KINDS if head.startswith(start)), "unknown")
    return "unknown"


def _size(path: Path) -> int:
    return sum(os.lstat(os.path.join(folder, name)).st_size
               for folder, _, names in os.walk(path) for name in names)
