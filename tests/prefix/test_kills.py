"""Killed at any instant, an installation, an upgrade or a removal is completed by the next run."""

from __future__ import annotations

import os
import posix
import random
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dirserv import store
from dirserv.prefix import install as module
from dirserv.prefix import target
from dirserv.prefix.tree import Tree
from tests.prefix.support import everything, plain, receipt
from tests.support import group_entries, passwd_entries

#: Every call that changes the disk.
CALLS = ("open", "write", "mkdir", "link", "symlink", "rename", "unlink", "rmdir", "fchmod",
         "fsync", "utime")
PACKAGE = {f"usr/local/libexec/darling-dirserv/{name}": name.encode()
           for name in ("dirserv/a.py", "dirserv/b.py", "launchd_shim/c.py")}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """All files of the package are alike: a few of them do."""
    monkeypatch.setattr(module.wanted.package, "files", lambda *_: dict(PACKAGE))


def install(root: Path) -> None:
    module.install(target.find(str(root)), python="/usr/bin/python3")


def install_old(root: Path) -> None:
    """What a version with other files and another command would have installed."""
    commands = module.wanted.COMMANDS
    try:
        PACKAGE["usr/local/libexec/darling-dirserv/old/gone.py"] = b"gone"
        module.wanted.COMMANDS = {**commands, "dsobsolete": "/usr/bin/dsobsolete"}
        install(root)
    finally:
        module.wanted.COMMANDS = commands
        del PACKAGE["usr/local/libexec/darling-dirserv/old/gone.py"]


def uninstall(root: Path) -> None:
    module.uninstall(target.find(str(root)))


def in_child(act: Callable[[Path], None], root: Path, fatal: int) -> int:
    """Run in a child that is killed before its ``fatal``-th change of the disk (0: never);
    returns the number of changes, or 0 if it was killed."""
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(tell, str(_counted(act, root, fatal)).encode())
        finally:
            os._exit(0)
    os.close(tell)
    with open(told) as answer:
        said = answer.read()
    status = os.waitpid(pid, 0)[1]
    assert said or os.WIFSIGNALED(status), "it failed by itself"
    return int(said or 0)


def _counted(act: Callable[[Path], None], root: Path, fatal: int) -> int:
    made = 0

    def faulty(call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **kwargs: Any) -> Any:
            nonlocal made
            made += 1
            if made == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)
        return counting

    for name in CALLS:
        call = faulty(getattr(os, name))
        setattr(os, name, call)
        setattr(posix, name, call)
    for name in ("begin", "commit", "create_schema"):
        setattr(store.Store, name, faulty(getattr(store.Store, name)))
    act(root)
    return made


def moments(total: int, number: int, seed: str) -> list[int]:
    """Where to kill: the same places each time, unless the seed is another."""
    chosen = random.Random(seed)
    return sorted({1, 2, total, *(chosen.randint(1, total) for _ in range(number - 3))})


def check(root: Path) -> None:
    """All is installed and nothing else is there."""
    tree, found = Tree(str(root)), receipt(root)
    assert found["phase"] == "installed" and found["dropped"] == []
    for item in found["items"]:
        state = tree.state(item["path"])
        assert state is not None and state.content == item["after"]["content"], item
    assert not [path for path in everything(root) if path.endswith((".dirserv-new", ".new"))]
    assert not (root / "usr/bin/dsobsolete").exists()
    assert not (root / "usr/local/libexec/darling-dirserv/old").exists()
    assert passwd_entries(root)["me"][5] == "/Users/me"
    assert group_entries(root)["wheel"][3] == "root,me"


def rehearse(where: Path, number: int, seed: str) -> None:
    """Kill each of the three at ``number`` moments, run it again, and look at the tree."""
    pristine = plain(where / "pristine")
    before = everything(pristine)
    for prepare, act in ((None, install), (install_old, install), (install, uninstall)):
        start, root = where / "start", where / "root"
        shutil.copytree(pristine, start, symlinks=True)
        if prepare is not None:
            prepare(start)
        shutil.copytree(start, root, symlinks=True)
        total = in_child(act, root, 0)
        for fatal in moments(total, number, f"{seed} {act.__name__}"):
            shutil.rmtree(root)
            shutil.copytree(start, root, symlinks=True)
            assert in_child(act, root, fatal) == 0, fatal
            if act is install:
                act(root)
                check(root)
            if (root / ".darling-dirserv/receipt.json").exists():
                uninstall(root)
            else:  # it was killed in the last moment: only the empty directory may be left
                with pytest.raises(module.AdminError, match="nothing is installed"):
                    uninstall(root)
            assert everything(root) == before, f"{act.__name__} killed at {fatal} of {total}"
        shutil.rmtree(root)
        shutil.rmtree(start)


def test_killed_at_some_moments(tmp_path: Path) -> None:
    rehearse(tmp_path, 6, "fixed")


@pytest.mark.slow
def test_killed_at_a_hundred_random_moments(tmp_path: Path) -> None:
    seed = os.urandom(4).hex()
    print(f"seed {seed}")
    rehearse(tmp_path, 34, seed)


def test_an_installation_that_was_killed_can_be_taken_back(tmp_path: Path) -> None:
    root = plain(tmp_path)
    before = everything(root)
    total = in_child(install, root, 0)
    uninstall(root)
    for fatal in moments(total, 8, "back"):
        assert in_child(install, root, fatal) == 0
        try:
            uninstall(root)
        except module.AdminError:
            assert not (root / ".darling-dirserv").exists()
        assert everything(root) == before, f"killed at {fatal} of {total}"


def test_a_removal_that_was_killed_is_completed_by_an_installation(tmp_path: Path) -> None:
    root = plain(tmp_path)
    before = everything(root)
    install(root)
    total = in_child(uninstall, root, 0)
    for fatal in moments(total, 5, "again"):
        install(root)
        assert in_child(uninstall, root, fatal) == 0
        install(root)
        check(root)
        uninstall(root)
        assert everything(root) == before, f"killed at {fatal} of {total}"
