"""The real nix-daemon job under our launchd: the real property list, the installer's own calls."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import accounts, nix_daemon, nixpkg
from tests.clients.conftest import fetched
from tests.darwin import tree
from tests.darwin.fixture import counted_root
from tests.darwin.root import DarwinRoot

pytestmark = pytest.mark.root

LABEL = "org.nixos.nix-daemon"
SERVICE = f"system/{LABEL}"
PLIST = f"/Library/LaunchDaemons/{LABEL}.plist"
PROFILE = "/nix/var/nix/profiles/default/bin"


@pytest.fixture(scope="module")
def nix_root(nix_packages: list[Path], request: pytest.FixtureRequest) -> Iterator[DarwinRoot]:
    """A root with the installer's accounts, Nix, and its property list; nothing runs yet."""
    plist = fetched(lambda: nixpkg.plist(PROFILE))
    with counted_root(request.node.nodeid) as root:
        accounts.make_build_accounts(root, {f"_nixbld{n}": 350 + n for n in range(1, 5)}, 350)
        nix_daemon.prepare(root, nix_packages)
        root.must("mkdir", "-p", "/Library/LaunchDaemons", PROFILE)
        root.install([tree.text(PLIST, plist.decode())])
        root.must("ln", "-s", root.must("sh", "-c", "command -v nix-daemon").strip(),
                  f"{PROFILE}/nix-daemon")
        yield root


def pid(root: DarwinRoot) -> str:
    """The daemon's pid as launchctl list shows it, once it has one."""
    for _ in range(200):
        rows = [line.split("\t") for line in root.must("launchctl", "list").splitlines()]
        found = {label: number for number, _, label in rows}
        if found.get(LABEL, "-") != "-":
            return found[LABEL]
        time.sleep(0.1)
    raise AssertionError(root.read("/private/var/log/launchd.log"))


def build(root: DarwinRoot) -> str:
    """What one build through the daemon says of itself."""
    result = nix_daemon.build(root, [f"job-{uuid.uuid4().hex[:12]}"])
    for _ in range(100):  # the socket of a daemon that was ended may still lie there
        if "Connection refused" not in result.stderr:
            break
        time.sleep(0.1)
        result = nix_daemon.build(root, [f"job-{uuid.uuid4().hex[:12]}"])
    assert result.returncode == 0, result.stderr
    return root.read(result.stdout.strip())


def test_the_installers_calls_start_a_daemon_that_builds(nix_root: DarwinRoot) -> None:
    for call in (["load", PLIST], ["kickstart", "-k", SERVICE]):
        result = nix_root.run(["launchctl", *call])
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert nix_root.wait_for(nix_daemon.SOCKET)
    assert build(nix_root).startswith("uid=351(_nixbld1) gid=350(nixbld)")
    shown = nix_root.must("launchctl", "print", SERVICE)
    assert "\tstate = running\n" in shown and f"\tpath = {PLIST}\n" in shown
    assert nix_root.exists("/var/log/nix-daemon.log")


def test_a_second_load_is_no_failure(nix_root: DarwinRoot) -> None:
    assert nix_root.run(["launchctl", "load", PLIST]).returncode == 0


def test_a_killed_daemon_is_back(nix_root: DarwinRoot) -> None:
    before = pid(nix_root)
    nix_root.must("sh", "-c", f"kill -9 {before}")  # kill(1) need not be installed
    for _ in range(150):
        if pid(nix_root) != before:
            break
        time.sleep(0.1)
    assert pid(nix_root) != before
    assert nix_root.wait_for(nix_daemon.SOCKET)
    assert build(nix_root).startswith("uid=351(_nixbld1) ")


def test_the_supervisor_dies_and_the_daemon_builds_on(nix_root: DarwinRoot) -> None:
    before = pid(nix_root)
    log = nix_root.read("/private/var/log/launchd.log")
    supervisor = log.rpartition("supervising / as pid ")[2].split()[0]
    nix_root.must("sh", "-c", f"kill -9 {supervisor}")
    assert build(nix_root).startswith("uid=351(_nixbld1) ")
    assert pid(nix_root) == before, "the next supervisor took it over"


def test_bootout_ends_it(nix_root: DarwinRoot) -> None:
    before = pid(nix_root)
    assert nix_root.run(["launchctl", "bootout", SERVICE]).returncode == 0
    assert nix_root.run(["launchctl", "print", SERVICE]).returncode == 113
    assert not nix_root.exists(f"/proc/{before}")
    assert nix_daemon.build(nix_root, ["after-bootout"]).returncode != 0
