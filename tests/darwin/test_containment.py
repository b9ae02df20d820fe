"""Nothing of a Darwin-like root reaches the machine, and nothing stays when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.darwin import layout, tree
from tests.darwin.root import DarwinRoot

pytestmark = pytest.mark.root

HOST_FILES = ("/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/usr/bin/uname")


def eventually(condition: Callable[[], bool], limit: float = 10.0) -> bool:
    """Whether the condition comes true within `limit` seconds."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def mount_namespaces() -> set[str]:
    """The mount namespaces that any process of the machine is in."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/ns/mnt"):
        try:
            found.add(os.readlink(link))
        except OSError:
            continue  # that process ended meanwhile, or has no namespaces any more
    return found


def test_install_does_not_follow_links_to_the_machine(
    darwin_root: DarwinRoot, tmp_path: Path
) -> None:
    """A link that is absolute in the root means the root's file, also for what we install."""
    darwin_root.must("ln", "-s", str(tmp_path), "/elsewhere")
    darwin_root.must("mkdir", "-p", str(tmp_path))
    darwin_root.install([tree.text("/elsewhere/file", "inside")])
    assert list(tmp_path.iterdir()) == []
    assert darwin_root.read(f"{tmp_path}/file") == "inside"


def test_no_network(darwin_root: DarwinRoot) -> None:
    interfaces = darwin_root.read("/proc/net/dev").splitlines()[2:]
    assert [line.split(":")[0].strip() for line in interfaces] == ["lo"]
    probe = "import socket; s = socket.create_server(('127.0.0.1', 0)); "
    probe += "socket.create_connection(s.getsockname()); print('loop')"
    assert darwin_root.must("/usr/bin/python3", "-c", probe) == "loop\n"


def test_only_its_own_processes(darwin_root: DarwinRoot) -> None:
    numbers = [int(n) for n in darwin_root.must("ls", "/proc").split() if n.isdigit()]
    assert numbers[0] == 1
    assert len(numbers) == 2  # its process 1 and the ls


def test_nothing_reaches_the_machine(darwin_root: DarwinRoot) -> None:
    before = [Path(name).read_bytes() for name in HOST_FILES]
    mounts = Path("/proc/self/mountinfo").read_text()
    for name in HOST_FILES:
        darwin_root.must("sh", "-c", f"echo changed >{name}")
    marks = [f"/{place}/darwin-root-mark" for place in ("etc", "tmp", "run", "dev/shm", "var/tmp")]
    darwin_root.must("touch", *marks)
    assert [Path(name).read_bytes() for name in HOST_FILES] == before
    assert Path("/proc/self/mountinfo").read_text() == mounts
    assert [mark for mark in marks if Path(mark).exists()] == []


def test_ended_children_are_collected(darwin_root: DarwinRoot) -> None:
    darwin_root.start(["true"], log="/tmp/log")

    def none_left() -> bool:
        # ps(1) need not be installed; a process may end while its file is read.
        stats = darwin_root.must("sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null || true")
        return ") Z " not in stats

    assert eventually(none_left)


@pytest.mark.usefixtures("root_possible")
def test_close_ends_daemons_and_mounts() -> None:
    with DarwinRoot() as root:
        root.start(["sleep", "1000"], log="/tmp/log")
        namespace = os.readlink(f"/proc/{root.pid}/ns/mnt")
        assert namespace in mount_namespaces()
    assert eventually(lambda: namespace not in mount_namespaces())


@pytest.mark.usefixtures("root_possible")
@pytest.mark.parametrize("victim", ["test process", "unshare"])
def test_a_kill_leaves_nothing_behind(victim: str) -> None:
    """SIGKILL of the process that made the root, or of its unshare, ends the root's daemons."""
    script = (
        "import sys, time; from tests.darwin.root import DarwinRoot\n"
        "with DarwinRoot() as root:\n"
        "    root.start(['sleep', '1000'], log='/tmp/log')\n"
        "    print(root.pid, root._holder.pid, flush=True)\n"
        "    time.sleep(1000)\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=layout.CHECKOUT) as maker:
        assert maker.stdout
        inner, unshare = map(int, maker.stdout.readline().split())
        namespace = os.readlink(f"/proc/{inner}/ns/mnt")
        os.kill(maker.pid if victim == "test process" else unshare, signal.SIGKILL)
        assert eventually(lambda: namespace not in mount_namespaces())
        maker.kill()
