"""Disks that are full, and property lists that change under the supervisor's eyes."""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.support import CHECKOUT
from tests.unit.supervisor.harness import Launchd
from tests.unit.supervisor.test_mounts import NAMESPACE

MOUNT = 'mount -t tmpfs -o size=1m none "$0" && exec "$@"'


def test_a_full_disk(tmp_path: Path) -> None:
    """No job is lost, refusals say why, and what is owed is written when there is room."""
    inside = [*NAMESPACE, "sh", "-c", MOUNT, str(tmp_path)]
    able = subprocess.run([*inside, "true"], capture_output=True, text=True, check=False)
    if able.returncode:
        pytest.skip(f"no small disk to be had: {able.stderr.strip()}")
    done = subprocess.run(
        [*inside, sys.executable, "-m", "tests.faults.fulldisk", str(tmp_path)],
        cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


OLD, NEW = ({"Label": "changing", "Program": "/bin/true", "WorkingDirectory": f"/{word}",
             "EnvironmentVariables": {f"{word}{at}": word * 20 for at in range(400)}}
            for word in ("old", "new"))


@pytest.mark.parametrize("kind", [plistlib.FMT_XML, plistlib.FMT_BINARY])
@pytest.mark.parametrize("truncated", [True, False])
def test_a_plist_rewritten_while_it_is_loaded(
    launchd: Launchd, kind: plistlib.PlistFormat, truncated: bool
) -> None:
    """Each load is the old one, the new one, or a refusal that says why; never a mixture."""
    path = launchd.root / "changing.plist"
    versions = [plistlib.dumps(content, fmt=kind) for content in (OLD, NEW)]
    path.write_bytes(versions[0])
    path.chmod(0o644)
    stop = threading.Event()
    writer = threading.Thread(target=_rewrite, args=(path, versions, truncated, stop))
    writer.start()
    seen = []
    try:
        end = time.monotonic() + 2
        while time.monotonic() < end:
            seen.append(_load(launchd, path))
    finally:
        stop.set()
        writer.join()
    assert set(seen) <= {"old", "new", 35, 109, 110}, set(seen)
    assert {"old", "new"} & set(seen), "no load at all succeeded"
    path.write_bytes(versions[1])
    assert _load(launchd, path) == "new"


def _rewrite(path: Path, versions: list[bytes], truncated: bool, stop: threading.Event) -> None:
    """Write one version after the other: as most programs do, into the emptied file and in
    pieces; or as careful ones, beside it and moved into its place.

    Not over the old one: a reader of ext4 then sees a mixture for as long as the writer is held
    up in the middle of its write(2), and no reader can tell.
    """
    fresh = path.with_suffix(".new")
    at = 0
    while not stop.is_set():
        at += 1
        data = versions[at % 2]
        fd = os.open(path if truncated else fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        for begin in range(0, len(data), 5000):
            os.write(fd, data[begin:begin + 5000])
        os.close(fd)
        if not truncated:
            fresh.rename(path)
        time.sleep(0.002)


def _load(launchd: Launchd, path: Path) -> str | int:
    """Load and unload; which version it was, or the error."""
    error = launchd.ask("bootstrap", path=str(path))["error"]
    if error:
        return error
    found = launchd.service("changing")
    assert launchd.ask("bootout", label="changing") == {"error": 0}
    word = found["working_directory"][1:]
    assert set(found["environment"].values()) == {word * 20}, "a mixture"
    assert set(found["environment"]) == {f"{word}{at}" for at in range(400)}
    return word
