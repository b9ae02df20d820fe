"""Links, directories and pipes planted at every file that we write: none is followed, nobody
else's file is changed, and the command does its work or says why it cannot."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import whole
from tests.support import directory, is_root, run

USERS_DIR = "private/var/db/dslocal/nodes/Default/users"
STATE = "private/var/db/dirserv"
#: What a create of the user new writes, and the names under which it is prepared.
TARGETS = [
    "private/etc/passwd", "private/etc/.passwd.new", "private/etc/master.passwd",
    "private/etc/.master.passwd.new", "private/etc/group", "private/etc/.group.new",
    f"{USERS_DIR}/new.plist", f"{USERS_DIR}/.new.plist.new", f"{USERS_DIR}/victim.plist",
    "private/var/db/dirserv.snapshot", "private/var/db/.dirserv.snapshot.new",
]
#: Inside the directory that only its owner may write: nobody else can plant anything here.
OWN = [f"{STATE}/lock", f"{STATE}/directory.sqlite-journal", f"{STATE}/directory.sqlite.new"]
SECRET = "root:$6$secret:0:0::0:0:Other:/:/bin/sh\n"
NOBODY = 65534


def symlink(path: Path, other: Path) -> None:
    path.symlink_to(other)


def dangling(path: Path, other: Path) -> None:
    path.symlink_to(other.with_name("made"))


def to_a_directory(path: Path, other: Path) -> None:
    path.symlink_to(other.parent)


def hard_link(path: Path, other: Path) -> None:
    os.link(other, path)


def full_directory(path: Path, other: Path) -> None:
    path.mkdir()
    (path / "file").write_text("kept")


def fifo(path: Path, other: Path) -> None:
    os.mkfifo(path)


PLANTS = [symlink, dangling, to_a_directory, hard_link, full_directory, fifo]
#: With these the default run is content.
QUICK = (symlink, hard_link)


@pytest.fixture
def victim(little: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A root with a user, and somebody else's file."""
    assert run(little, "dscl", ".", "-create", "/Users/victim", "UniqueID", "777").returncode == 0
    (tmp_path / "else").mkdir()
    other = tmp_path / "else/other"
    other.write_text(SECRET)
    other.chmod(0o640)
    return little, other


def planted(path: Path, other: Path, plant: Callable[[Path, Path], None]) -> None:
    """Put it in the place of what is there; as root somebody else is the owner."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    plant(path, other)
    os.utime(path, (1, 1), follow_symlinks=plant is hard_link)
    if is_root():
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


@pytest.mark.parametrize("plant", [
    pytest.param(plant, id=plant.__name__, marks=() if plant in QUICK else pytest.mark.slow)
    for plant in PLANTS])
def test_nothing_planted_is_followed(
    victim: tuple[Path, Path], tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    pristine, other = victim
    for number, target in enumerate(TARGETS):
        root = tmp_path / f"root{number}"
        shutil.copytree(pristine, root, symlinks=True)
        with directory(root).change():
            pass
        planted(root / target, other, plant)
        status = other.stat()
        for words in (["-create", "/Users/new", "UniqueID", "900"],
                      ["-create", "/Users/new", "PrimaryGroupID", "20"],
                      ["-append", "/Groups/staff", "GroupMembership", "new"]):
            done = run(root, "dscl", ".", *words)
            said = done.stdout + done.stderr
            assert "Traceback" not in said and "internal error" not in said, (target, said)
            if done.returncode:
                assert plant is full_directory and "Is a directory" in said, (target, said)
        assert other.read_text() == SECRET, f"{target}: somebody else's file was written"
        now = other.stat()
        assert (now.st_uid, now.st_gid, now.st_mode) == (
            status.st_uid, status.st_gid, status.st_mode), target
        assert os.listdir(other.parent) == ["other"], f"{target}: a link was followed"
        if plant is full_directory:
            shutil.rmtree(root / target, ignore_errors=True)
            assert run(root, "dscl", ".", "-create", "/Users/new", "UniqueID", "900"
                       ).returncode == 0, "once it is gone"
        found = whole.check(root)
        # His file gone for good is an edit: he was removed by hand.
        removed = plant is full_directory and target.endswith("/victim.plist")
        assert (("dsRecTypeStandard:Users", "victim") in found) is not removed, target
        for path in ("private/etc/passwd", "private/etc/master.passwd"):
            taken = "$6$secret" in (root / path).read_text()
            assert not (taken and is_root()), f"{path}: taken over"
        shutil.rmtree(root)


@pytest.mark.parametrize("target", OWN)
def test_a_link_in_our_own_directory(victim: tuple[Path, Path], target: str) -> None:
    root, other = victim
    planted(root / target, other, symlink)
    done = run(root, "dscl", ".", "-create", "/Users/new", "UniqueID", "900")
    assert "Traceback" not in done.stderr and "internal error" not in done.stderr
    assert other.read_text() == SECRET


@pytest.mark.root
@pytest.mark.skipif(not is_root(), reason="needs root: somebody else must own the directory")
@pytest.mark.parametrize("how", ["directory", "link"])
def test_a_state_directory_that_somebody_else_made_first(tmp_path: Path, how: str) -> None:
    """In a world-writable /private/var/db: his database would be the truth about root."""
    root, theirs = tmp_path / "root", tmp_path / "theirs"
    (root / "private/var/db").mkdir(parents=True)
    (root / "private/var/db").chmod(0o1777)
    theirs.mkdir(mode=0o777)
    os.chown(theirs, NOBODY, NOBODY)
    if how == "link":
        (root / STATE).symlink_to(theirs)
        os.chown(root / STATE, NOBODY, NOBODY, follow_symlinks=False)
    else:
        theirs.rename(root / STATE)
        theirs = root / STATE
    done = run(root, "dscl", ".", "-create", "/Users/new", "UniqueID", "900")
    assert done.returncode == 147
    assert done.stderr.splitlines()[0] == (
        f"/{STATE} belongs to somebody else; remove it and try again")
    assert os.listdir(theirs) == []


def test_a_world_writable_parent(victim: tuple[Path, Path]) -> None:
    """What we write has its own mode, whatever its directory's."""
    root, _ = victim
    for path in ("private/etc", "private/var/db", "private/var", "private"):
        (root / path).chmod(0o1777)
    assert run(root, "dscl", ".", "-create", "/Users/new", "UniqueID", "900").returncode == 0
    whole.check(root)
    assert (root / STATE).stat().st_mode & 0o777 == 0o700


def test_files_of_others_that_look_like_ours(victim: tuple[Path, Path]) -> None:
    """A repair clears away what a dead writer of ours prepared, and nothing else."""
    root, _ = victim
    kept = root / "private/etc/.hosts.new"
    kept.write_text("mine")
    (root / "private/etc/passwd").unlink()
    assert run(root, "dscl", ".", "-list", "/Users").returncode == 0
    assert kept.read_text() == "mine"
    whole.check(root)
