"""serve.sh, which sshd runs for a builder's key."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from tests.darwin.layout import CHECKOUT

SERVE = CHECKOUT / "nix/serve.sh"


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
