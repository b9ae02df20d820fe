"""The supervisor's own log."""

from __future__ import annotations

import os
from pathlib import Path

from launchd_shim.supervisor import log


def test_lines_that_a_full_disk_loses_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "launchd.log"
    writing = log.Log(str(path))
    writing.write("job", "one\0")
    room, full = writing._fd, os.open("/dev/full", os.O_WRONLY)
    writing._fd = full
    writing.write("job", "two")
    writing.write("job", "three")
    writing._fd = room
    writing.write("job", "four")
    os.close(full)
    texts = [line[24:] for line in path.read_text().splitlines()]
    assert texts == ["(job) one?", "", "(launchd) 2 lines of this log are lost", "(job) four"]


def test_rotation_keeps_three(tmp_path: Path) -> None:
    path = tmp_path / "launchd.log"
    writing = log.Log(str(path))
    for number in range(5):
        writing.write("job", f"{number}" * log.LONGEST)
    writing.write("job", "last")
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "launchd.log", "launchd.log.1", "launchd.log.2", "launchd.log.3"]
    assert path.read_text().endswith("(job) last\n")
    assert path.with_name("launchd.log.3").read_text().endswith("222\n")
