"""Nix as Debian has it: the source with the real migration scripts, and the real daemon."""

from __future__ import annotations

import tarfile
from pathlib import Path

from tests.clients import archive
from tests.darwin.root import DarwinRoot
from tests.evidence.notes import note_versions

# Debian's repackaging of the upstream source leaves these files as the upstream tag has them.
SOURCE = "n/nix/nix_2.26.3+dfsg.orig.tar.xz"
SOURCE_SHA256 = "1bc303c4f847481a00b0ed987c047fc96a4188cd2ab64df8ad705869590ca893"
SCRIPTS = ("sequoia-nixbld-user-migration.sh", "bigsur-nixbld-user-migration.sh")
DAEMON_PACKAGE = "nix-bin"


def script(name: str) -> bytes:
    """The migration script of that name, byte for byte as released.

    Raises archive.ArchiveUnreachable when the source cannot be had.
    """
    return _member(f"scripts/{name}")


def plist(bindir: str) -> bytes:
    """The real org.nixos.nix-daemon.plist, its template filled in as the build does.

    Raises archive.ArchiveUnreachable when the source cannot be had.
    """
    return _member("misc/launchd/org.nixos.nix-daemon.plist.in").replace(
        b"@bindir@", bindir.encode())


def _member(path: str) -> bytes:
    with tarfile.open(source()) as tar:
        for member in tar:
            if member.name.endswith(f"/{path}"):
                content = tar.extractfile(member)
                assert content is not None
                return content.read()
    raise LookupError(f"{SOURCE} holds no {path}")


def source() -> Path:
    """The source of Nix 2.26.3, fetched once."""
    note_versions(["nix==2.26.3"])
    with archive.exclusive():
        file = archive.cache() / Path(SOURCE).name
        if not file.exists():
            partial = file.with_suffix(".partial")
            archive.fetch_from_pool(SOURCE, SOURCE_SHA256, partial)
            partial.rename(file)
        return file


def packages() -> list[Path]:
    """The .deb files that this machine lacks to run nix-daemon, fetched once.

    Empty on a machine that has nix-daemon.  Raises archive.ArchiveUnreachable.
    """
    return archive.packages(DAEMON_PACKAGE)


def unpack(root: DarwinRoot, debs: list[Path]) -> None:
    """Lay the packages' files into the root; no maintainer script runs, no account is made."""
    for deb in debs:
        root.unpack(archive.content(deb))
    version = root.run(["nix-daemon", "--version"])
    assert version.returncode == 0, f"stale packages? remove {archive.cache()}: {version.stderr}"
