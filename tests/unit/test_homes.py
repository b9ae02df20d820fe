"""Homes are made and removed inside the root, and no planted link leads out of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from dirserv import homes
from dirserv.homes import HomeError
from dirserv.paths import Root
from tests.support import is_root

needs_root = pytest.mark.skipif(not is_root(), reason="only root gives files away")
IN_THE_WAY = "a symbolic link or a file is in the way"


@pytest.fixture
def root(tmp_path: Path) -> Root:
    """An empty tree with the links of macOS into /private."""
    for name in ("private/var", "private/etc", "private/tmp"):
        (tmp_path / "root" / name).mkdir(parents=True)
        top = name.split("/")[1]
        (tmp_path / "root" / top).symlink_to(name)
    return Root(str(tmp_path / "root"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_without_a_template_a_home_has_the_usual_folders(root: Root) -> None:
    assert homes.make(root, "/Users/bob", None)
    home = Path(root.path, "Users/bob")
    assert sorted(os.listdir(home)) == [
        "Desktop", "Documents", "Downloads", "Library", "Movies", "Music", "Pictures", "Public"]
    assert mode(home) == 0o700
    assert mode(home / "Public") == 0o755
    assert mode(home / "Documents") == 0o700
    assert mode(home.parent) == 0o755


def test_an_existing_directory_is_left_alone(root: Root) -> None:
    home = Path(root.path, "Users/bob")
    home.mkdir(parents=True, mode=0o751)
    assert not homes.make(root, "/Users/bob", None)
    assert os.listdir(home) == []


@pytest.mark.parametrize("place", [
    "System/Library/User Template/English.lproj",
    "Library/User Template/English.lproj",
    "Library/User Template",
])
def test_a_template_is_copied_with_modes_and_links(root: Root, place: str) -> None:
    template = Path(root.path, place)
    (template / "Sites/deep").mkdir(parents=True)
    (template / "Sites").chmod(0o750)
    (template / "Sites/deep/page").write_bytes(b"x" * 3_000_000)
    (template / "Sites/run").write_text("#!/bin/sh\n")
    (template / "Sites/run").chmod(0o755)
    (template / "link").symlink_to("/etc/passwd")
    os.mkfifo(template / "pipe")

    assert homes.make(root, "/Users/bob", None)

    home = Path(root.path, "Users/bob")
    assert sorted(os.listdir(home)) == ["Sites", "link"]
    assert (home / "Sites/deep/page").read_bytes() == b"x" * 3_000_000
    assert mode(home / "Sites") == 0o750
    assert mode(home / "Sites/run") == 0o755
    assert os.readlink(home / "link") == "/etc/passwd"


def test_a_template_that_is_a_link_is_none(root: Root, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("secret")
    Path(root.path, "Library").mkdir()
    Path(root.path, "Library/User Template").symlink_to(tmp_path / "outside")
    assert homes.make(root, "/Users/bob", None)
    assert "secret" not in os.listdir(Path(root.path, "Users/bob"))


@needs_root
@pytest.mark.parametrize("template", [False, True])
def test_root_gives_the_home_away(root: Root, template: bool) -> None:
    if template:
        place = Path(root.path, "Library/User Template/Sites")
        place.mkdir(parents=True)
        (place / "page").touch()
        (place / "link").symlink_to("page")
    assert homes.make(root, "/Users/bob", (501, -2))
    for directory, directories, files in os.walk(Path(root.path, "Users/bob")):
        for name in (".", *directories, *files):
            status = os.lstat(os.path.join(directory, name))
            assert (status.st_uid, status.st_gid) == (501, 4294967294), name


@pytest.mark.parametrize(("path", "reason"), [
    ("Users/bob", "the path is not absolute"),
    ("", "the path is not absolute"),
    ("/Users/../bob", "the path leads upwards"),
    ("/", "it is the root directory"),
    ("/nowhere/bob", "/nowhere: No such file or directory"),
    ("/Users/a/b", "/Users/a: No such file or directory"),
    ("/planted/bob", f"/planted: {IN_THE_WAY}"),
    ("/file/bob", f"/file: {IN_THE_WAY}"),
])
def test_what_cannot_be_made(root: Root, tmp_path: Path, path: str, reason: str) -> None:
    (tmp_path / "outside").mkdir()
    Path(root.path, "planted").symlink_to(tmp_path / "outside")
    Path(root.path, "file").touch()
    Path(root.path, "Users").mkdir()
    with pytest.raises(HomeError) as caught:
        homes.make(root, path, None)
    assert str(caught.value).endswith(reason)
    assert os.listdir(tmp_path / "outside") == []


def test_a_dangling_link_is_something_that_exists(root: Root, tmp_path: Path) -> None:
    Path(root.path, "Users").mkdir()
    Path(root.path, "Users/bob").symlink_to(tmp_path / "outside")
    assert not homes.make(root, "/Users/bob", None)
    assert not (tmp_path / "outside").exists()


def test_users_that_is_a_link_is_refused(root: Root, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    Path(root.path, "Users").symlink_to(tmp_path / "outside")
    with pytest.raises(HomeError, match=IN_THE_WAY):
        homes.make(root, "/Users/bob", None)
    assert os.listdir(tmp_path / "outside") == []


def test_the_links_into_private_are_the_systems(root: Root) -> None:
    assert homes.make(root, "/var/svc", None)
    assert Path(root.path, "private/var/svc/Desktop").is_dir()


def test_a_failure_takes_the_home_back(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(root.path, "Library/User Template").mkdir(parents=True)
    Path(root.path, "Library/User Template/page").write_text("text")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "sendfile", full)
    with pytest.raises(HomeError, match="No space left on device"):
        homes.make(root, "/Users/bob", None)
    assert os.listdir(Path(root.path, "Users")) == []


SYSTEM = "it belongs to the system"


@pytest.mark.parametrize(("path", "reason"), [
    ("/", SYSTEM), ("/Users", SYSTEM), ("//Users//", SYSTEM), ("/Users/.", SYSTEM),
    ("/var/empty", SYSTEM), ("/private/var/empty", SYSTEM), ("/var/root", SYSTEM),
    ("/Users/Shared", SYSTEM), ("/var", SYSTEM), ("/private/var", SYSTEM), ("/var/db", SYSTEM),
    ("/var/db/dirserv", SYSTEM), ("/private/var/db/dslocal/nodes", SYSTEM),
    ("/etc/home", SYSTEM), ("/Library/WebServer", SYSTEM), ("/usr/local", SYSTEM),
    ("/System/Library/x/y", SYSTEM), ("/nix/store", SYSTEM),
    ("relative", "the path is not absolute"), ("/Users/a/..", "the path leads upwards"),
    ("/Users/carl", "another user's home is /Users/carl"),
    ("/Users/carl/sub", "another user's home is /Users/carl"),
    ("/Users/dora", "another user's home is /Users/dora/inner"),
    ("/Users/bob", None), ("/Users/carlo", None), ("/var/svc", None), ("/home/bob", None),
])
@pytest.mark.parametrize("links", [True, False])
def test_what_may_be_removed(root: Root, links: bool, path: str, reason: str | None) -> None:
    if not links:
        for name in ("var", "etc", "tmp"):
            Path(root.path, name).unlink()
            Path(root.path, name).mkdir()
    others = ["/", "relative", "/Users/carl", "/Users/dora/inner", "/var/empty"]
    assert homes.why_kept(root, path, others) == reason


def test_a_host_path_of_the_root_is_the_same_path(root: Root) -> None:
    assert homes.why_kept(root, root.path + "/Users", []) == SYSTEM
    assert homes.why_kept(root, root.path + "/Users/bob", ["/Users/bob"]) == (
        "another user's home is /Users/bob")


def test_removing_removes_links_and_not_what_they_lead_to(root: Root, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/kept").touch()
    homes.make(root, "/Users/bob", None)
    home = Path(root.path, "Users/bob")
    (home / "Documents/out").symlink_to(tmp_path / "outside")
    (home / "file").write_text("text")
    homes.remove(root, "/Users/bob")
    assert os.listdir(home.parent) == []
    assert os.listdir(tmp_path / "outside") == ["kept"]


@pytest.mark.parametrize("path", ["/Users/bob", "/Users/a/b", "/nowhere/bob"])
def test_removing_nothing_is_fine(root: Root, path: str) -> None:
    Path(root.path, "Users").mkdir()
    homes.remove(root, path)
    assert os.listdir(Path(root.path, "Users")) == []


@pytest.mark.parametrize("path", ["/Users/link", "/Users/link/bob", "/Users/file", "/Users/pipe"])
def test_a_home_behind_a_link_is_not_removed(root: Root, tmp_path: Path, path: str) -> None:
    (tmp_path / "outside/bob").mkdir(parents=True)
    users = Path(root.path, "Users")
    users.mkdir()
    (users / "link").symlink_to(tmp_path / "outside")
    (users / "file").touch()
    os.mkfifo(users / "pipe")
    with pytest.raises(HomeError, match=IN_THE_WAY):
        homes.remove(root, path)
    assert sorted(os.listdir(users)) == ["file", "link", "pipe"]
    assert (tmp_path / "outside/bob").is_dir()


def test_reading_a_file(root: Root, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("outside")
    Path(root.path, "picture").write_text("picture")
    Path(root.path, "link").symlink_to(tmp_path / "outside")
    os.mkfifo(Path(root.path, "pipe"))
    assert homes.read_file(root, "/picture", 7) == b"picture"
    for path in ("/picture", "/link", "/pipe", "/private", "/none", "/x/y", "rel", "/"):
        assert homes.read_file(root, path, 6) is None, path
