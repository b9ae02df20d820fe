"""Nothing leaves the tree, whatever its owner has planted there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dirserv.admin.errors import AdminError
from dirserv.prefix.state import State, file_state
from dirserv.prefix.tree import Tree
from tests.prefix.support import call, everything, plain


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    for folder in ("prefix/private/etc", "prefix/usr/bin", "lower/usr/sbin", "outside"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "prefix/etc").symlink_to("private/etc")
    (tmp_path / "prefix/abs").symlink_to("/private/etc")
    (tmp_path / "prefix/up").symlink_to("../../../private")
    (tmp_path / "prefix/away").symlink_to(tmp_path / "outside")
    (tmp_path / "prefix/ring").symlink_to("ring")
    (tmp_path / "lower/var").symlink_to("private/var")
    (tmp_path / "lower/usr/sbin/tool").write_text("lower")
    return Tree(str(tmp_path / "prefix"), str(tmp_path / "lower"))


@pytest.mark.parametrize(("path", "resolved"), [
    ("/etc/passwd", "private/etc/passwd"),
    ("abs/passwd", "private/etc/passwd"),
    ("up/etc/x", "private/etc/x"),
    ("/../../usr/../usr/./bin//x", "usr/bin/x"),
    ("etc", "etc"),
    ("usr/bin/new/deep", "usr/bin/new/deep"),
    ("var/db/x", "private/var/db/x"),
])
def test_paths_resolve_inside(tree: Tree, path: str, resolved: str) -> None:
    assert tree.resolve(path) == resolved


def test_a_link_out_of_the_tree_leads_to_its_own_top(tree: Tree, tmp_path: Path) -> None:
    assert tree.resolve("away/x") == f"{tmp_path}/outside/x".lstrip("/")


def test_a_ring_is_refused(tree: Tree) -> None:
    with pytest.raises(AdminError, match="too many symbolic links"):
        tree.resolve("ring/x")


@pytest.mark.parametrize("act", [
    lambda tree: tree.write("away/x", b"", 0o644),
    lambda tree: tree.link("away/x", "y"),
    lambda tree: tree.mkdir("away/x", 0o755),
    lambda tree: tree.move("usr/bin/mine", "away/x"),
    lambda tree: tree.keep("usr/bin/mine", "away/x"),
    lambda tree: tree.keep("usr/bin/mine", "away/x", alone=True),
])
def test_no_link_is_followed_when_writing(tree: Tree, tmp_path: Path, act: object) -> None:
    (tmp_path / "prefix/usr/bin/mine").write_text("mine")
    with pytest.raises(OSError):
        act(tree)  # type: ignore[operator]
    assert list((tmp_path / "outside").iterdir()) == []


def test_removing_through_a_link_removes_nothing(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "outside/precious").touch()
    tree.remove("away/precious")
    tree.clear("away/precious")
    assert (tmp_path / "outside/precious").exists()
    tree.clear("away")
    assert (tmp_path / "outside/precious").exists() and not (tmp_path / "prefix/away").exists()


def test_staging_files_planted_in_advance_are_not_written_through(
    tree: Tree, tmp_path: Path
) -> None:
    (tmp_path / "outside/victim").write_text("precious")
    staged = tmp_path / "prefix/usr/bin/.x.dirserv-new"
    staged.symlink_to(tmp_path / "outside/victim")
    tree.write("usr/bin/x", b"new", 0o755)
    os.link(tmp_path / "outside/victim", staged)
    tree.write("usr/bin/x", b"newer", 0o755)
    assert (tmp_path / "outside/victim").read_text() == "precious"
    assert tree.state("usr/bin/x") == file_state(b"newer", 0o755)


def test_states_of_both_layers(tree: Tree) -> None:
    assert tree.state("usr/sbin/tool") == file_state(b"lower", 0o644)
    assert tree.state("usr/sbin/tool").lower and not tree.state("usr/bin").lower
    assert tree.state("etc") == State("link", 0, "private/etc")
    assert tree.state("var") == State("link", 0, "private/var")
    assert tree.state("nothing") is None is tree.state("usr/bin/no/thing")
    assert tree.read("usr/sbin/tool") == b"lower"


@pytest.mark.parametrize("alone", [False, True])
def test_what_is_kept_comes_back_as_it_was(tree: Tree, tmp_path: Path, alone: bool) -> None:
    path = tmp_path / "prefix/usr/bin/mine"
    path.write_text("mine")
    path.chmod(0o4750)
    os.utime(path, ns=(7, 7))
    before = everything(tmp_path / "prefix")
    for _ in range(2):  # a run that is repeated keeps it again
        tree.keep("usr/bin/mine", "private/kept", alone)
    tree.write("usr/bin/mine", b"ours", 0o755)
    tree.move("private/kept", "usr/bin/mine")
    assert everything(tmp_path / "prefix") == before


@pytest.mark.parametrize("place", [
    "private/var/db", "private/var/db/dirserv", "private/etc", "usr/local", "usr/bin", "Library"])
def test_an_installation_into_a_hostile_tree_touches_nothing_outside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    root, outside = plain(tmp_path / "root"), tmp_path / "outside"
    (outside / "etc").mkdir(parents=True)
    (outside / "passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    before = everything(outside)
    link = root / place
    if link.exists():
        link.rename(root / "moved")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside)
    status, _, err = call(capsys, "install", "--prefix", root)
    assert everything(outside) == before
    assert status == 0 or err.count("\n") == 1
    if status:
        assert not (root / ".darling-dirserv").exists(), "nothing was begun"
    call(capsys, "uninstall", "--prefix", root)
    assert everything(outside) == before
