"""`pm2 startup launchd`, unmodified, under real node: registers itself, brings its apps back."""

from __future__ import annotations

import plistlib
import shutil
import time
from collections.abc import Iterator

import pytest

from tests.clients import registry
from tests.clients.conftest import fetched
from tests.darwin import tree
from tests.darwin.fixture import counted_root
from tests.darwin.root import DarwinRoot, Result

pytestmark = pytest.mark.root

PM2 = "/opt/pm2/node_modules/pm2/bin/pm2"
PLIST = "/var/root/Library/LaunchAgents/pm2.root.plist"
LABEL = "com.PM2"  # what its template says, whatever the file is called
APP = """
const fs = require("fs");
fs.appendFileSync("/tmp/starts", "one\\n");
setInterval(() => {}, 1000);
"""
# Records every call of launchctl, then makes it.
RECORDER = """#!/bin/sh
echo "launchctl $*" >>/tmp/calls
exec /bin/launchctl "$@"
"""
PATH = "/opt/recorder:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


@pytest.fixture
def pm2_root(root_possible: None, request: pytest.FixtureRequest) -> Iterator[DarwinRoot]:
    """A root with pm2 and an app; pm2 has noted the app and does not run."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("needs node and npm (Debian: nodejs, npm)")
    package = fetched(lambda: registry.node_packages("pm2@7.0.4"))
    with counted_root(request.node.nodeid) as root:
        root.install(tree.copy_of(package, "/opt/pm2"))
        root.install([tree.program("/opt/recorder/launchctl", RECORDER),
                      tree.text("/opt/app.js", APP),
                      tree.directory("/var/root/Library/LaunchAgents")])
        for command in (["start", "/opt/app.js"], ["save"], ["kill"]):
            assert pm2(root, *command).returncode == 0
        assert root.read("/tmp/starts") == "one\n"
        yield root


def pm2(root: DarwinRoot, *arguments: str) -> Result:
    """Run pm2 as root, with the recorder first on its PATH."""
    environment = {"PATH": PATH, "PM2_HOME": "/var/root/.pm2", "CI": "1"}
    return root.run(["node", PM2, *arguments], env=environment)


def calls(root: DarwinRoot) -> list[str]:
    """The calls of launchctl since the last time that this was asked."""
    found = root.must("sh", "-c", "cat /tmp/calls 2>/dev/null; rm -f /tmp/calls").splitlines()
    return [line for line in found if line]


def starts(root: DarwinRoot) -> int:
    """How often the app was started."""
    return len(root.read("/tmp/starts").splitlines())


def wait_until_started(root: DarwinRoot, count: int) -> None:
    """Wait until the app was started so often."""
    for _ in range(200):
        if starts(root) >= count:
            return
        time.sleep(0.1)
    raise AssertionError(root.must("sh", "-c", "cat /tmp/com.PM2.* /private/var/log/launchd.log"))


def startup_brings_the_apps_back(pm2_root: DarwinRoot) -> None:
    result = pm2(pm2_root, "startup", "launchd", "-u", "root", "--hp", "/var/root")
    assert result.returncode == 0, result
    assert calls(pm2_root) == [f"launchctl load -w {PLIST}"]
    plist = plistlib.loads(pm2_root.read(PLIST).encode())
    assert plist["Label"] == LABEL
    assert plist["UserName"] == "root"
    wanted = ("KeepAlive", "OnDemand", "LaunchOnlyOnce", "RunAtLoad")
    assert [plist[key] for key in wanted] == [True, False, True, True]
    wait_until_started(pm2_root, 2)
    assert "Resurrecting" in pm2_root.read("/tmp/com.PM2.out")


def it_ran_once_and_pm2_stays(pm2_root: DarwinRoot) -> None:
    """The job is over, KeepAlive notwithstanding; the daemon, in a session of its own, lives on."""
    for _ in range(100):
        shown = pm2_root.must("launchctl", "print", f"system/{LABEL}")
        if "\tstate = not running\n" in shown:
            break
        time.sleep(0.1)
    assert "\tstate = not running\n" in shown
    assert "\truns = 1\n" in shown
    assert "\tlast exit code = 0\n" in shown
    pid = pm2_root.read("/var/root/.pm2/pids/app-0.pid").strip()
    time.sleep(0.5)
    assert pm2_root.exists(f"/proc/{pid}")
    assert starts(pm2_root) == 2


def a_second_startup_finds_it_loaded(pm2_root: DarwinRoot) -> None:
    result = pm2(pm2_root, "startup", "launchd", "-u", "root", "--hp", "/var/root")
    assert result.returncode == 0, result
    assert calls(pm2_root) == [f"launchctl load -w {PLIST}"]
    assert starts(pm2_root) == 2


def unstartup(pm2_root: DarwinRoot) -> None:
    """pm2 asks for the removal of a label that no job has; its file goes, its job stays."""
    result = pm2(pm2_root, "unstartup", "launchd", "-u", "root", "--hp", "/var/root")
    assert result.returncode == 0, result
    assert calls(pm2_root) == ["launchctl remove pm2.root"]
    assert not pm2_root.exists(PLIST)
    assert pm2_root.run(["launchctl", "list", LABEL]).returncode == 0
    assert pm2_root.run(["launchctl", "remove", LABEL]).returncode == 0
    assert pm2_root.run(["launchctl", "list", LABEL]).returncode == 113


def test_from_startup_to_unstartup(pm2_root: DarwinRoot) -> None:
    """One after the other: each step finds what the one before left."""
    for step in (startup_brings_the_apps_back, it_ran_once_and_pm2_stays,
                 a_second_startup_finds_it_loaded, unstartup):
        step(pm2_root)
