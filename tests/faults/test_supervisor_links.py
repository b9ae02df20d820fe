"""Links planted at every file that the supervisor and launchctl write: somebody else's file that
they lead to is not written, and the supervisor serves."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dirserv.files import staging_name
from tests.faults.test_links import dangling, fifo, hard_link, symlink, to_a_directory
from tests.support import run
from tests.unit.supervisor.harness import Launchd

SLEEP = "exec sleep 1000"
SECRET = "kept: a line of somebody else's\n"


def work(launchd: Launchd) -> None:
    """Have everything written that a supervisor and its client write."""
    launchd.load("job", SLEEP, RunAtLoad=True)
    launchd.ask("disable", label="other")
    launchd.ask("setenv", values={"K": "v"})
    launchd.ask("setlimit", name="maxfiles", soft=100, hard=200)
    run(launchd.root, "launchctl", "config", "user", "path", "/bin")


def written(root: Path) -> list[Path]:
    """Every file that it wrote below a root, and the names under which they are prepared."""
    files = [path for path in (root / "private").rglob("*")
             if (path.is_file() or path.is_socket()) and path.name != "launchd.lock"]
    assert len(files) > 8
    return [*files, *(Path(staging_name(str(path))) for path in files),
            *(path.with_name(path.name + ".new") for path in files)]


@pytest.mark.parametrize("plant", [symlink, dangling, to_a_directory, hard_link, fifo])
def test_nothing_planted_is_followed(
    tmp_path: Path, plant: Callable[[Path, Path], None]
) -> None:
    root, other = tmp_path / "root", tmp_path / "else/other"
    other.parent.mkdir()
    other.write_text(SECRET)
    other.chmod(0o640)
    launchd = Launchd(root)
    work(launchd)
    names = written(root)
    launchd.stop()
    for path in names:
        path.unlink(missing_ok=True)
        plant(path, other)
    launchd = Launchd(root)
    try:
        work(launchd)
        launchd.die()
        launchd.start()
    finally:
        launchd.stop()
    assert other.read_text() == SECRET
    assert os.listdir(other.parent) == ["other"]


def test_no_log_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "private/var/log/launchd.log").mkdir(parents=True)
    launchd = Launchd(tmp_path)
    try:
        assert launchd.load("job", SLEEP, RunAtLoad=True) == 0
        assert launchd.pid("job")
    finally:
        launchd.stop()
    assert os.listdir(tmp_path / "private/var/log/launchd.log") == []
