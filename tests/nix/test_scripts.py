"""The shell scripts that the modules run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox_stub import settings
from tests.darwin.layout import CHECKOUT
from tests.darwin.requirements import namespace_obstacle

SANDBOX_CONF = CHECKOUT / "nix/sandbox-conf.sh"
SERVE = CHECKOUT / "nix/serve.sh"
PLACE = "private/etc/sandbox-exec.conf"


# -- sandbox-conf.sh ----------------------------------------------------------------------------

@pytest.fixture
def scratch() -> Iterator[Path]:
    """A directory that every user can reach, as those of pytest are not."""
    with tempfile.TemporaryDirectory(prefix="sandbox-conf-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def prefix(scratch: Path) -> Path:
    """A prefix that is not running."""
    for path in (made := scratch / "prefix", made / "private", made / "private/etc"):
        path.mkdir(mode=0o755)
    return made


def configure(prefix: Path, mode: str, strict: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", str(SANDBOX_CONF), str(prefix), mode, strict],
                          capture_output=True, text=True, check=False)


def test_settings_are_those_that_sandbox_exec_reads(prefix: Path) -> None:
    for mode, strict in (("check", "yes"), ("enforce", "no"), ("enforce", "no")):
        result = configure(prefix, mode, strict)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        assert [file.name for file in (prefix / "private/etc").iterdir()] == ["sandbox-exec.conf"]
        read = settings.load(str(prefix))
        assert (read.mode, read.strict) == (mode, strict == "yes")


def test_a_planted_link_is_replaced(prefix: Path, scratch: Path) -> None:
    (scratch / "mine").write_text("mine")
    (prefix / PLACE).symlink_to(scratch / "mine")
    assert configure(prefix, "enforce", "no").returncode == 0
    assert (scratch / "mine").read_text() == "mine"
    assert settings.load(str(prefix)).mode == "enforce"


@pytest.mark.root
def test_root_writes_as_the_owner(prefix: Path, scratch: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to work for somebody else")
    for path in (prefix, prefix / "private", prefix / "private/etc"):
        os.chown(path, 1234, 4321)
    assert configure(prefix, "enforce", "no").stderr == ""
    status = (prefix / PLACE).stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (1234, 4321, 0o644)
    # What only root may write stays as it is, wherever a planted link leads.
    (scratch / "etc").mkdir()
    shutil.rmtree(prefix / "private/etc")
    (prefix / "private/etc").symlink_to(scratch / "etc")
    assert "Permission denied" in configure(prefix, "enforce", "no").stderr
    assert list((scratch / "etc").iterdir()) == []


@pytest.fixture
def container(prefix: Path, scratch: Path) -> Iterator[Path]:
    """What the programs of the prefix see in its place: a process has it mounted there."""
    if obstacle := namespace_obstacle():
        pytest.skip(obstacle)
    inside = scratch / "inside"
    shutil.copytree(prefix, inside)
    script = 'mount --bind "$0" "$1" && echo ready && exec sleep 100'
    command = ["unshare", "--mount", "sh", "-c", script, str(inside), str(prefix)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        for tree in (prefix, inside):
            (tree / ".init.pid").write_text(str(process.pid))
        yield inside
        process.kill()


@pytest.mark.root
def test_a_running_container_sees_them(prefix: Path, request: pytest.FixtureRequest) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to enter a container")
    inside = request.getfixturevalue("container")
    assert configure(prefix, "enforce", "no").stderr == ""
    assert settings.load(str(inside)).mode == "enforce"
    assert not (prefix / PLACE).exists()


@pytest.mark.parametrize("pid", ["", "no number", "999999999"])
def test_a_stale_container_is_none(prefix: Path, pid: str) -> None:
    (prefix / ".init.pid").write_text(pid)
    assert configure(prefix, "enforce", "no").stderr == ""
    assert settings.load(str(prefix)).mode == "enforce"


# -- serve.sh -----------------------------------------------------------------------------------

DARLING = """\
#!/bin/sh
[ ! -S /dev/stdin ] || exit 9
printf '%s|' "$DPREFIX" "$@" >>"$0.calls"
echo >>"$0.calls"
[ "$2" = /usr/bin/true ] || cat
exit "$(cat "$0.status")"
"""


@pytest.fixture
def darling(tmp_path: Path) -> Path:
    """A Darling that notes how it is called, and gives back what it reads."""
    program = tmp_path / "darling"
    program.write_text(DARLING)
    program.chmod(0o755)
    (tmp_path / "darling.status").write_text("0")
    return program


def serve(darling: Path, asked: str | None) -> subprocess.CompletedProcess[str]:
    """What a client gets that asks for this, through a socket as sshd has it."""
    environment = {"PATH": os.defpath} | ({} if asked is None else {"SSH_ORIGINAL_COMMAND": asked})
    client, server = socket.socketpair()
    with client, server:
        client.sendall(b"hello\n")
        client.shutdown(socket.SHUT_WR)
        return subprocess.run(["bash", str(SERVE), str(darling), "/home/b/my prefix"],
                              stdin=server, env=environment, capture_output=True, text=True,
                              check=False, timeout=30)


@pytest.mark.parametrize(("asked", "words"), [
    ("nix-daemon --stdio", "nix-daemon|--stdio"),
    ("'nix-daemon' '--stdio'", "nix-daemon|--stdio"),
    ("nix-store --serve --write", "nix-store|--serve|--write"),
])
def test_nix_is_served(darling: Path, asked: str, words: str) -> None:
    result = serve(darling, asked)
    assert (result.returncode, result.stdout, result.stderr) == (0, "hello\n", "")
    assert darling.with_name("darling.calls").read_text() == (
        "/home/b/my prefix|shell|/usr/bin/true|\n"
        "/home/b/my prefix|shell|/usr/bin/env|NIX_CONFIG=build-users-group =|"
        f"/nix/var/nix/profiles/default/bin/{words}|\n")


@pytest.mark.parametrize("asked", [None, "", "sh", "nix-daemon", "nix-daemon --stdio; sh",
                                   "nix-store --serve --write --option x y"])
def test_nothing_else_is_served(darling: Path, asked: str | None) -> None:
    result = serve(darling, asked)
    assert (result.returncode, result.stdout) == (126, "")
    assert result.stderr == "this key is for Nix builds: ssh-ng:// or ssh://, nothing else\n"
    assert not darling.with_name("darling.calls").exists()


def test_a_prefix_that_does_not_start_is_a_failure(darling: Path) -> None:
    darling.with_name("darling.status").write_text("1")
    assert serve(darling, "nix-daemon --stdio").returncode == 1
