"""Debian's real nix-daemon in a Darwin-like root, and builds through it as an ordinary user."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.clients import nixpkg
from tests.darwin import tree
from tests.darwin.layout import USER_ID
from tests.darwin.root import DarwinRoot, Result

SOCKET = "/nix/var/nix/daemon-socket/socket"
LOG = "/var/log/nix-daemon.log"
JOBS = 2
# Offline, and with the whole root as the build environment: build users are what is tested.
CONFIGURATION = f"""\
build-users-group = nixbld
sandbox = false
substitute = false
substituters =
max-jobs = {JOBS}
"""
# Each builder says who it is and goes on only when every other one has started too, so that a
# build of several succeeds only when they run at the same time.
EXPRESSION = """\
let
  build = name: derivation {
    inherit name;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-c" ''
      PATH=/usr/bin:/bin
      { id; echo "$(id -un) $(id -gn)"; } >$out
      touch /tmp/meeting/${name}
      for attempt in $(seq 200); do
        [ "$(ls /tmp/meeting | wc -l)" -ge @count@ ] && exit 0
        sleep 0.1
      done
      echo "the other builds never started" >&2
      exit 1
    '' ];
  };
in map build [ @names@ ]
"""


def prepare(root: DarwinRoot, debs: list[Path]) -> None:
    """Lay Nix into the root and make its directories as the installer does.

    The group nixbld has to exist: install(1) asks the C library for it.
    """
    nixpkg.unpack(root, debs)
    root.install([tree.text("/etc/nix/nix.conf", CONFIGURATION)])
    # A machine that uses Nix itself has a /nix; its store is not to be seen here.
    root.must("mkdir", "-p", "/nix")
    root.must("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/nix")
    root.must("install", "-d", "-m", "0755", "/nix/var", "/nix/var/nix")
    root.must("install", "-d", "-g", "nixbld", "-m", "1775", "/nix/store")


def start(root: DarwinRoot) -> None:
    """Start the daemon and wait until it listens."""
    root.start(["nix-daemon", "--daemon"], log=LOG)
    assert root.wait_for(SOCKET), f"the daemon does not listen: {root.read(LOG)}"


def build(root: DarwinRoot, names: Iterable[str]) -> Result:
    """Build one derivation of each name, all at once, as the user `me` through the socket.

    The result's standard output names the outputs, one a line, in the order of `names`.
    """
    names = list(names)
    quoted = " ".join(f'"{name}"' for name in names)
    expression = EXPRESSION.replace("@names@", quoted).replace("@count@", str(len(names)))
    root.must("rm", "-rf", "/tmp/meeting")
    root.must("install", "-d", "-m", "1777", "/tmp/meeting")
    root.install([tree.text("/tmp/builds.nix", expression)])
    client = ["nix-build", "--no-out-link", "--max-jobs", str(JOBS), "/tmp/builds.nix"]
    return root.run(client, uid=USER_ID, env={"NIX_REMOTE": "daemon", "HOME": "/Users/me"})
