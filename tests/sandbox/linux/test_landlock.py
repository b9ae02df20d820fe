"""Landlock by itself: every right alone, what an ABI knows, ports and scopes."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox_stub.linux import landlock as right
from sandbox_stub.linux.calls import Refused
from sandbox_stub.linux.landlock import Ruleset, handled
from sandbox_stub.linux.namespaces import no_new_privileges
from tests.sandbox.linux.confined import HERE, in_child, needs_landlock, outcome

pytestmark = needs_landlock
_READ_ONLY, _WRITE_ONLY = os.O_RDONLY, os.O_WRONLY


def restricted(work: Callable[[], object], files: int = 0, network: int = 0, scopes: int = 0,
               grants: tuple[tuple[str, int], ...] = (), ports: tuple[tuple[int, int], ...] = ()
               ) -> object:
    """What ``work`` returns in a child that has put one ruleset in force."""
    def child() -> object:
        no_new_privileges()
        ruleset = Ruleset(HERE.abi, files, network, scopes)
        for path, rights in grants:
            ruleset.allow(path, rights)
        for granted, port in ports:
            ruleset.allow_port(granted, port)
        ruleset.restrict()
        return work()
    return in_child(child)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("text")
        (tmp_path / name / "empty").mkdir()
        os.mkfifo(tmp_path / name / "fifo")
    return tmp_path


@pytest.mark.parametrize(
    ("rights", "deed"),
    [
        (right.READ_FILE, lambda at: os.open(f"{at}/file", _READ_ONLY)),
        (right.READ_DIR, lambda at: os.listdir(at)),
        (right.WRITE_FILE, lambda at: os.open(f"{at}/file", _WRITE_ONLY)),
        (right.REMOVE_FILE, lambda at: os.unlink(f"{at}/file")),
        (right.REMOVE_DIR, lambda at: os.rmdir(f"{at}/empty")),
        (right.MAKE_DIR, lambda at: os.mkdir(f"{at}/new")),
        (right.MAKE_REG, lambda at: os.mknod(f"{at}/new", 0o100600)),
        (right.MAKE_FIFO, lambda at: os.mkfifo(f"{at}/new")),
        (right.MAKE_SYM, lambda at: os.symlink("x", f"{at}/new")),
        (right.MAKE_SOCK, lambda at: socket.socket(socket.AF_UNIX).bind(f"{at}/new")),
        pytest.param(right.TRUNCATE, lambda at: os.truncate(f"{at}/file", 0), marks=pytest.mark
                     .skipif(HERE.abi < 3, reason="ABI 3 came with truncate")),
        pytest.param(right.REFER, lambda at: os.rename(f"{at}/file", f"{at}/empty/file"),
                     marks=pytest.mark.skipif(HERE.abi < 2, reason="ABI 2 came with refer")),
    ],
    ids=["read", "list", "write", "unlink", "rmdir", "mkdir", "create", "mkfifo", "symlink",
         "bind", "truncate", "refer"],
)
def test_a_right_holds_below_its_rule_only(
    rights: int, deed: Callable[[Path], object], tree: Path
) -> None:
    def both() -> tuple[str, str]:
        return outcome(deed, tree / "out"), outcome(deed, tree / "in")

    refused = "EXDEV" if rights == right.REFER else "EACCES"
    assert restricted(both, rights, grants=((str(tree / "in"), rights),)) == (refused, "ok")


def test_a_rule_on_a_file_holds_for_it_alone(tree: Path) -> None:
    names = (tree / "in/file", tree / "out/file")
    read = right.READ_FILE | right.READ_DIR
    found = restricted(lambda: [outcome(os.open, one, _READ_ONLY) for one in names], read,
                       grants=((str(names[0]), read),))
    assert found == ["ok", "EACCES"]


def test_a_rule_does_not_follow_a_symbolic_link(tree: Path) -> None:
    (tree / "link").symlink_to("out")
    found = restricted(lambda: outcome(os.listdir, tree / "link"), right.READ_DIR,
                       grants=((str(tree / "link"), right.READ_DIR),))
    assert found == "EACCES"


def test_a_rule_on_what_is_missing_grants_nothing(tree: Path) -> None:
    found = restricted(lambda: outcome(os.listdir, tree / "in"), right.READ_DIR,
                       grants=((str(tree / "missing"), right.READ_DIR),
                               (str(tree / "in/file/below"), right.READ_DIR)))
    assert found == "EACCES"


def test_a_path_that_cannot_be_opened_is_refused(tree: Path) -> None:
    (tree / "loop").symlink_to("loop")
    with pytest.raises(Refused, match="symbolic links"):
        restricted(lambda: None, right.READ_DIR, grants=((f"{tree}/loop/x", right.READ_DIR),))


@pytest.mark.skipif(HERE.abi < 4, reason="ABI 4 came with TCP ports")
def test_only_granted_ports_can_be_connected_to_and_bound() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(
            ("127.0.0.1", 0)) as other:
        allowed, denied = one.getsockname()[1], other.getsockname()[1]

        def connect(port: int) -> None:
            socket.socket().connect(("127.0.0.1", port))

        def work() -> list[str]:
            return [outcome(connect, allowed), outcome(connect, denied),
                    outcome(socket.socket().bind, ("127.0.0.1", 0))]

        found = restricted(work, network=right.CONNECT_TCP | right.BIND_TCP,
                           ports=((right.CONNECT_TCP, allowed),))
    assert found == ["ok", "EACCES", "EACCES"]


@pytest.mark.skipif(HERE.abi < 6, reason="ABI 6 came with scopes")
def test_scopes_end_at_the_process_and_its_children() -> None:
    name = f"\0scope-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        parent = os.getpid()

        def work() -> list[str]:
            return [outcome(os.kill, parent, 0), outcome(os.kill, os.getpid(), 0),
                    outcome(socket.socket(socket.AF_UNIX).connect, name)]

        assert restricted(work, scopes=right.SCOPE_SIGNAL | right.SCOPE_ABSTRACT_UNIX) == [
            "EPERM", "ok", "EPERM"]
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.parametrize(
    ("abi", "files", "network", "scopes"),
    [(0, 0, 0, 0), (1, 0x1FFF, 0, 0), (2, 0x3FFF, 0, 0), (3, 0x7FFF, 0, 0), (4, 0x7FFF, 3, 0),
     (5, 0xFFFF, 3, 0), (6, 0xFFFF, 3, 3), (7, 0xFFFF, 3, 3), (8, 0xFFFF, 3, 3),
     (9, 0x1FFFF, 3, 3), (10, 0x1FFFF, 15, 3)],
)
def test_what_each_abi_can_withhold(abi: int, files: int, network: int, scopes: int) -> None:
    """linux/landlock.h, and the table of spec/sandbox.md 5.1."""
    assert handled(abi) == (files, network, scopes)


@pytest.mark.parametrize("abi", range(1, HERE.abi + 1))
def test_every_older_abi_can_be_asked_for(abi: int) -> None:
    def work() -> str:
        Ruleset(abi, *handled(abi))
        return "made"
    assert in_child(work) == "made"
