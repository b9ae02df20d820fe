"""Namespaces and mounts by themselves."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox_stub.linux import mounts, namespaces
from sandbox_stub.linux.probe import probe
from tests.sandbox.linux.confined import HERE, USERS, in_child, needs_mounts, needs_network, outcome

each_user = pytest.mark.parametrize("uid", USERS)


def entered(work: Callable[[], object], flags: int, uid: int | None) -> object:
    """What ``work`` returns in a child with namespaces of its own."""
    def child() -> object:
        namespaces.enter(flags | (namespaces.NEWUSER if probe().users else 0))
        return work()
    return in_child(child, uid)


@pytest.fixture
def tree(place: Path) -> Path:
    for name in ("seen", "hidden/inner"):
        (place / name).mkdir(parents=True)
        (place / name).chmod(0o777)
        (place / name / "file").write_text("text")
    (place / "alone").write_text("text")
    return place


@needs_mounts
@each_user
def test_a_process_keeps_its_identity(uid: int | None) -> None:
    def work() -> tuple[int, int, int]:
        return os.getuid(), os.getgid(), os.getppid()
    expected = (os.getuid(), os.getgid()) if uid is None else (uid, uid)
    assert entered(work, namespaces.NEWNS, uid) == (*expected, os.getpid())


@needs_network
@each_user
def test_a_private_network_has_at_most_a_loopback(uid: int | None) -> None:
    def serve() -> str:
        with socket.create_server(("127.0.0.1", 0)) as server:
            return outcome(socket.socket().connect, server.getsockname())

    def without() -> tuple[str, str]:
        return (outcome(socket.socket().connect, ("192.0.2.1", 9)),
                outcome(socket.socket().connect, ("127.0.0.1", 9)))

    def with_loopback() -> tuple[str, str]:
        namespaces.loopback_up()
        return serve(), outcome(socket.socket().connect, ("192.0.2.1", 9))

    assert entered(without, namespaces.NEWNET, uid) == ("ENETUNREACH", "ENETUNREACH")
    assert entered(with_loopback, namespaces.NEWNET, uid) == ("ok", "ENETUNREACH")


@needs_mounts
@each_user
def test_a_laid_tree_is_protected(uid: int | None, tree: Path) -> None:
    seen = tree / "seen"

    def work() -> list[str]:
        copy = mounts.clone(str(seen))
        mounts.change(copy, mounts.RDONLY)
        mounts.attach(copy, str(seen))
        return [outcome(os.open, seen / "file", os.O_RDONLY), outcome(os.mkdir, seen / "new"),
                outcome(os.utime, seen / "file"), outcome(os.rename, seen, tree / "moved")]

    assert entered(work, namespaces.NEWNS, uid) == ["ok", "EROFS", "EROFS", "EBUSY"]
    assert sorted(os.listdir(tree)) == ["alone", "hidden", "seen"]


@needs_mounts
@each_user
def test_what_is_hidden_can_show_a_part(uid: int | None, tree: Path) -> None:
    hidden = tree / "hidden"

    def work() -> list[object]:
        inner = mounts.clone(str(hidden / "inner"))
        mounts.hide_directory(str(hidden))
        mounts.place_for(str(hidden / "inner"), True)
        mounts.attach(inner, str(hidden / "inner"))
        mounts.close(str(hidden))
        return [outcome(os.open, hidden / "file", os.O_RDONLY), outcome(os.mkdir, hidden / "new"),
                outcome(os.open, hidden / "inner/file", os.O_RDONLY),
                outcome(os.mkdir, hidden / "inner/new"), outcome(os.chmod, hidden, 0o777)]

    made = entered(work, namespaces.NEWNS, uid)
    assert made == ["ENOENT", "EROFS", "ok", "ok", "EROFS"]
    assert sorted(os.listdir(hidden / "inner")) == ["file", "new"]


@needs_mounts
@each_user
def test_a_hidden_file_can_be_opened_by_nobody(uid: int | None, tree: Path) -> None:
    alone = tree / "alone"

    def work() -> list[str]:
        mounts.hide_file(str(alone))
        return [outcome(os.open, alone, mode) for mode in (os.O_RDONLY, os.O_WRONLY)] + [
            outcome(os.unlink, alone)]

    assert entered(work, namespaces.NEWNS, uid) == ["EACCES", "EACCES", "EBUSY"]
    assert alone.read_text() == "text"


@needs_mounts
@each_user
def test_attributes_reach_what_is_mounted_below(uid: int | None, tree: Path) -> None:
    def work() -> list[str]:
        mounts.set_attributes("/", mounts.RDONLY)
        return [outcome(os.mkdir, tree / "new"), outcome(os.mkdir, "/dev/shm/sandbox-test"),
                outcome(os.open, "/dev/null", os.O_WRONLY)]

    assert entered(work, namespaces.NEWNS, uid) == ["EROFS", "EROFS", "ok"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has capabilities to drop")
def test_root_keeps_what_paths_cannot_be_reached_around_with() -> None:
    def work() -> tuple[int, int]:
        namespaces.no_new_privileges()
        namespaces.drop_capabilities()
        with open("/proc/self/status") as status:
            bounding = next(line for line in status if line.startswith("CapBnd"))
        return namespaces.effective_capabilities(), int(bounding.split()[1], 16)

    kept, bounding = in_child(work)
    assert kept & ~namespaces.KEPT_CAPABILITIES == 0
    assert bounding & ~namespaces.KEPT_CAPABILITIES == 0
    assert kept & 1 << 1  # CAP_DAC_OVERRIDE: root is still root


def test_the_probe_leaves_the_process_as_it_was() -> None:
    before = [os.readlink(f"/proc/self/ns/{name}") for name in ("mnt", "net", "user")]
    kernel = probe()
    assert [os.readlink(f"/proc/self/ns/{name}") for name in ("mnt", "net", "user")] == before
    assert kernel.users == (os.geteuid() != 0) or not kernel.mounts


@each_user
def test_everybody_is_told_what_he_can_have(uid: int | None) -> None:
    def work() -> tuple[bool, bool, bool]:
        kernel = probe()
        return kernel.mounts, kernel.network, kernel.users

    mountable, _, users = in_child(work, uid)
    if mountable:
        assert users == (os.geteuid() != 0 or uid is not None)


@needs_mounts
@each_user
def test_who_is_about_to_be_confined_enters_what_he_is_asked_about(uid: int | None) -> None:
    """Only who is privileged does: another one might be left half way."""
    def work() -> tuple[bool, bool, int]:
        before = os.readlink("/proc/self/ns/mnt")
        kernel = probe(commit=True)
        untouched = os.readlink("/proc/self/ns/mnt") == before
        return untouched, kernel.mounts, kernel.entered

    privileged = uid is None and not HERE.users
    assert in_child(work, uid) == (True, True, namespaces.NEWNS if privileged else 0)
