"""The guard: what goes wrong below a running container, and that nothing does with the guard."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dirserv.prefix import container
from tests.prefix.container import Container
from tests.prefix.support import darling, everything, process

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"),
                       reason="needs root, unshare and nsenter: run as root with util-linux"),
]

_STUCK = 'cp private/etc/passwd n && mv n private/etc/passwd'


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Container]:
    upper, lower = darling(tmp_path)
    with Container(upper, lower) as started:
        yield started


def locked(path: str) -> bool:
    """Whether somebody holds the lock on a file."""
    with open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_without_a_guard_the_container_never_sees_the_hosts_change(running: Container) -> None:
    assert "me:" in running.inside("cat private/etc/passwd").stdout
    etc = running.prefix / "private/etc"
    (etc / "new").write_text("root:*:0:0:changed:/:/bin/sh\n")
    (etc / "new").rename(etc / "passwd")
    assert "changed" not in running.inside("cat private/etc/passwd").stdout
    result = running.inside(_STUCK)
    assert result.returncode != 0 and "Stale file handle" in result.stderr


def test_without_a_guard_locks_exclude_nobody(running: Container) -> None:
    lock = running.prefix / "private/etc/group"
    holder = subprocess.Popen(
        ["nsenter", "--target", str(running.pid), "--mount", "flock", str(lock), "cat"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdin is not None and holder.stdout is not None
    holder.stdin.write(b"held\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == b"held\n"
    assert not locked(str(lock)), "the host's view of the file knows nothing of the lock"
    assert locked(f"/proc/{running.pid}/root{lock}")
    holder.communicate()


def test_an_installation_enters_the_container(running: Container) -> None:
    assert "_www" not in running.inside("cat private/etc/passwd").stdout
    result = process("install", "--prefix", running.prefix)
    assert (result.returncode, result.stderr) == (0, "")
    shown = running.inside("cat private/etc/passwd bin/launchctl")
    assert "_www:*:70:70:" in shown.stdout and "darling-dirserv" in shown.stdout
    assert running.inside(_STUCK).returncode == 0
    assert "_www" in running.inside("cat private/etc/passwd").stdout
    result = process("uninstall", "--prefix", running.prefix)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    shown = running.inside("cat private/etc/passwd bin/launchctl").stdout
    assert "_www" not in shown and "842 launchctl" in shown


def test_what_was_installed_stopped_can_be_taken_back_running(tmp_path: Path) -> None:
    upper, lower = darling(tmp_path)
    before = everything(upper)
    assert process("install", "--prefix", upper, "--libexec", lower).returncode == 0
    assert everything(upper) != before
    with Container(upper, lower) as running:
        assert process("uninstall", "--prefix", upper).returncode == 0
        merged = running.inside("cat bin/launchctl usr/bin/sudo")
        assert merged.stdout == "842 launchctl\n#!/bin/sh\necho fake 'sudo' implementation\n"
    assert (upper / "private/etc/passwd").read_text().count("\n") == 2


def test_who_cannot_enter_is_refused(everybodys: Path) -> None:
    upper, lower = darling(everybodys)
    with Container(upper, lower):
        pid = os.fork()
        if pid == 0:
            os.setgid(12345)
            os.setuid(12345)
            try:
                container.settle(str(upper))
            except container.ContainerRuns as refused:
                os._exit(0 if "is running and cannot be entered" in str(refused) else 1)
            finally:
                os._exit(2)
        assert os.waitpid(pid, 0)[1] == 0


@pytest.mark.parametrize("named", ["", "nonsense", "999999999", "{pid}"])
def test_a_stale_pid_is_no_container(tmp_path: Path, named: str) -> None:
    upper, lower = darling(tmp_path)
    (upper / ".init.pid").write_text(named.format(pid=os.getpid()))
    assert container.settle(str(upper)) is None
    result = process("install", "--prefix", upper, "--libexec", lower)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_container_whose_pid_file_is_gone_is_found(running: Container) -> None:
    (running.prefix / ".init.pid").unlink()
    found = container.running(str(running.prefix))
    assert found is not None
    assert os.stat(f"/proc/{found}/ns/mnt").st_ino == os.stat(
        f"/proc/{running.pid}/ns/mnt").st_ino
    assert container.running(str(running.prefix.parent)) is None


def test_who_is_inside_already_stays(running: Container) -> None:
    lower = container.lower_layer(str(running.pid), str(running.prefix))
    assert lower == str(running.prefix.parent / "libexec")
    code = ("import sys; from dirserv.prefix import container; "
            "print(container.settle(sys.argv[1]))")
    result = subprocess.run(
        ["nsenter", "--target", str(running.pid), "--mount", "--wd=" + os.getcwd(),
         os.path.realpath("/proc/self/exe"), "-c", f"import sys; sys.path[:0] = {os.sys.path!r}; "
         + code, str(running.prefix)], capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == (f"{lower}\n", "")
