"""StartOnMount: a job in a mount namespace of its own mounts, another one is started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import run
from tests.unit.supervisor.harness import Launchd, until

NAMESPACE = ["unshare", "--mount"]
if os.geteuid() != 0:
    NAMESPACE += ["--user", "--map-root-user"]


@pytest.fixture
def launchd(tmp_path: Path) -> Iterator[Launchd]:
    """A supervisor that may mount, and whose mounts nobody else sees."""
    able = subprocess.run([*NAMESPACE, sys.executable, "-c", ""], check=False, capture_output=True)
    if able.returncode:
        pytest.skip(f"no mount namespace: {able.stderr.decode().strip()}")
    running = Launchd(tmp_path / "root", *NAMESPACE)
    try:
        yield running
    finally:
        running.stop()


def test_a_mount_starts_the_job(launchd: Launchd) -> None:
    (launchd.root / "disk").mkdir()
    path = launchd.plist("watcher", f"echo x >> {launchd.root}/seen", StartOnMount=True,
                         ThrottleInterval=1)
    assert run(launchd.root, "launchctl", "bootstrap", "system", path).returncode == 0
    assert launchd.load("mounter", f"mount -t tmpfs none {launchd.root}/disk") == 0
    assert launchd.load("unmounter", f"umount {launchd.root}/disk") == 0
    assert launchd.service("watcher")["runs"] == 0, "a load is no mount"
    _do(launchd, "mounter")
    until(lambda: launchd.service("watcher")["runs"] == 1)
    assert launchd.service("watcher")["reason"] == "launch event"
    _do(launchd, "unmounter")
    assert launchd.ask("bootout", label="watcher") == {"error": 0}
    _do(launchd, "mounter")
    assert (launchd.root / "seen").read_text() == "x\n", "neither an unmount nor one after bootout"


def _do(launchd: Launchd, label: str) -> None:
    before = launchd.service(label)["runs"]
    assert launchd.ask("kickstart", label=label)["error"] == 0
    until(lambda: launchd.service(label)["pid"] is None)
    found = launchd.service(label)
    assert (found["runs"], found["last_exit_status"]) == (before + 1, 0)
