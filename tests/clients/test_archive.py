"""Fetching from the archive: what is asked of apt, and what happens when it does not answer."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import archive
from tests.clients.archive import ArchiveUnreachable
from tests.clients.conftest import fetched

PLAN = """\
Inst perl-base [5.36.0-7] (5.36.0-9 Debian-Security:12/stable [amd64])
Inst libcpuid16 (0.6.2+repack1-1 Debian:12.15/stable [amd64])
Inst libgc1 (1:8.2.2-3 Debian:12.15/stable [amd64]) []
Conf libcpuid16 (0.6.2+repack1-1 Debian:12.15/stable [amd64])
"""
CONTENT = b"a source\n"

needs_apt = pytest.mark.skipif(not shutil.which("apt-get"), reason="needs apt")


@pytest.fixture
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A cache of this test alone, and no package lists to be fetched into it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(archive, "_update", str)
    archive._configuration.cache_clear()
    yield archive.cache()
    archive._configuration.cache_clear()


@pytest.fixture
def local_archive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A directory that is an archive with one file, and the only archive."""
    pool = tmp_path / "archive/pool/universe/s/src"
    pool.mkdir(parents=True)
    (pool / "src.tar").write_bytes(CONTENT)
    monkeypatch.setattr(archive, "archives", lambda: [f"file://{tmp_path}/archive/"])
    return pool


def test_only_what_the_machine_lacks_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade of what is there is not: the root shows the machine's own files."""
    monkeypatch.setattr(archive, "_update", str)
    monkeypatch.setattr(archive, "apt", lambda *_command: PLAN)
    assert archive.lacked("nix-bin") == {"libcpuid16": "0.6.2+repack1-1", "libgc1": "1:8.2.2-3"}


def test_archives_come_from_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of other people are left alone; the setting comes first."""
    targets = "Debian|http://a/debian/\nSomebody|http://b/\n|http://c/\nDebian|http://a/debian/\n"
    monkeypatch.setattr(archive, "_update", str)
    monkeypatch.setattr(archive, "apt", lambda *_command: targets)
    assert archive.archives() == ["http://a/debian/"]
    monkeypatch.setenv(archive.ARCHIVE_SETTING, "http://mine/")
    assert archive.archives() == ["http://mine/", "http://a/debian/"]


@needs_apt
def test_configuration_is_private(own_cache: Path) -> None:
    text = archive._configuration().read_text()
    assert "Invoke" not in text
    assert f'Dir::State::lists "{own_cache}/apt/lists";' in text
    told = archive.apt("apt-config", "dump")
    assert f'Dir::State::lists "{own_cache}/apt/lists";' in told
    assert "Post-Invoke" not in told


@needs_apt
def test_file_from_the_pool(own_cache: Path, local_archive: Path) -> None:
    assert local_archive.exists()
    target = own_cache / "got"
    archive.fetch_from_pool("s/src/src.tar", hashlib.sha256(CONTENT).hexdigest(), target)
    assert target.read_bytes() == CONTENT


@needs_apt
@pytest.mark.parametrize(
    ("path", "content"), [("s/src/src.tar", b"other"), ("s/src/no.tar", CONTENT)]
)
def test_wrong_or_missing_file(
    own_cache: Path, local_archive: Path, path: str, content: bytes
) -> None:
    assert local_archive.exists()
    with pytest.raises(ArchiveUnreachable, match="no archive gave s/src/"):
        archive.fetch_from_pool(path, hashlib.sha256(content).hexdigest(), own_cache / "got")


def test_no_archive_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(archive, "archives", list)
    monkeypatch.setattr(archive, "_update", lambda: "(no route)")
    with pytest.raises(ArchiveUnreachable, match=r"none is known \(no route\)"):
        archive.fetch_from_pool("s/src/src.tar", "0" * 64, tmp_path / "got")


def test_apt_is_missing(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(own_cache))
    with pytest.raises(ArchiveUnreachable):
        archive.apt("apt-get", "update")


def unreachable() -> str:
    """A fetch that finds no archive."""
    raise ArchiveUnreachable("no route to the archive")


def test_skips_without_an_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no route to the archive"):
        fetched(unreachable)


def test_fails_without_an_archive_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no route to the archive"):
        fetched(unreachable)


def test_what_was_fetched_is_returned() -> None:
    assert fetched(os.getpid) == os.getpid()
