"""Builds started exactly as Nix 2.24.9 started them, in a Darwin-like root (spec/sandbox.md 1)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox_stub.launcher import installed
from sandbox_stub.linux.probe import probe
from tests.clients.conftest import fetched
from tests.darwin import tree
from tests.darwin.layout import LIBRARY, USER_ID
from tests.darwin.requirements import PYTHON
from tests.darwin.root import DarwinRoot
from tests.sandbox.clients import nixprofile
from tests.support import CHECKOUT

pytestmark = pytest.mark.root

HERE = Path(__file__).parent
OUT, INPUT = "/nix/store/out-hello", "/nix/store/in-source"
TOP = "/tmp/nix-build-hello.drv-0"
#: What a machine's programs need that is no store path: Nix's sandbox-paths.
IMPURE = ["/bin", "/usr/bin", "/usr/lib", "/lib", "/lib64"]
#: (uid, gid) of a build user of root's daemon, and of somebody who builds as himself.
BUILDERS = {"build user": (351, 350), "ordinary user": (USER_ID, USER_ID)}
LISTENER = """\
import socket
server = socket.create_server(("127.0.0.1", 0))
open("/tmp/port.new", "w").write(str(server.getsockname()[1]))
import os
os.rename("/tmp/port.new", "/tmp/port")
while True:
    server.accept()[0].close()
"""
ALWAYS = {"write its temporary directory", "read its input", "list the store"}
REACH = {"read /root", "list /root", "write elsewhere", "reach the network"}
#: Where an output that is not there yet may be made, others can be too (spec 5.9): the log says so.
#: What is in the store is protected by its modes, in all modes of ours.
STORE = {"make another store path"}
SETID = {"set the setuid bit", "set the setgid bit", "create with the setuid bit"}


@pytest.fixture
def nix_root(darwin_root: DarwinRoot) -> DarwinRoot:
    """A root with our sandbox-exec, a store, and things that a build must not touch."""
    text = installed((CHECKOUT / "bin/sandbox-exec").read_text(), root="", host="", mldr="",
                     library=LIBRARY, python=PYTHON)
    darwin_root.install([
        tree.program("/usr/bin/sandbox-exec", text),
        tree.directory("/private/var/log"), tree.directory("/root"),
        tree.text("/root/readable", "secret"), tree.directory("/Users/Shared", 0o1777),
        tree.directory("/nix/store", 0o1777), tree.directory("/nix/store/other", 0o555),
        tree.text(f"{INPUT}/source.txt", "source"),
        tree.text(f"{INPUT}/builder.py", (HERE / "nix_builder.py").read_text()),
        tree.text("/tmp/nix_start.py", (HERE / "nix_start.py").read_text()),
    ])
    darwin_root.start([PYTHON, "-c", LISTENER], log="/tmp/listener.log")
    assert darwin_root.wait_for("/tmp/port")
    return darwin_root


def build(root: DarwinRoot, kind: str, mode: str, builder: str) -> dict[str, Any]:
    """Run one build and return its report; it must succeed and say nothing."""
    uid, gid = BUILDERS[builder]
    profile = fetched(lambda: nixprofile.profile(kind, [OUT], [INPUT, *IMPURE, TOP]))
    settings = [] if mode == "passthrough" else [
        tree.text("/private/etc/sandbox-exec.conf", f"mode = {mode}\n")]
    root.install([*settings, tree.directory(TOP, 0o700, owner=uid),
                  tree.text(f"{TOP}/.sandbox.sb", profile)])
    environment = {
        "PATH": "/path-not-set", "HOME": "/homeless-shelter", "NIX_STORE": "/nix/store",
        "NIX_BUILD_CORES": "2", "NIX_BUILD_TOP": TOP, "TMPDIR": TOP, "PWD": TOP, "out": OUT,
        "TERM": "xterm-256color", "PYTHONPATH": INPUT, "mode": "passthrough", "name": "hello",
    }
    port = root.read("/tmp/port")
    # The order of spec 1.1; local networking has one more parameter.
    defines = ["-D", "_GLOBAL_TMP_DIR=/tmp"]
    for name, value in nixprofile.KINDS[kind][1].items():
        defines += ["-D", f"{name}={value}"]
    argv = ["sandbox-exec", "-f", f"{TOP}/.sandbox.sb", *defines, PYTHON, "-I", "-S",
            f"{INPUT}/builder.py", port]
    by_root = builder == "build user"
    asked = {"argv": argv, "environment": environment, "directory": TOP,
             "ids": [uid, gid] if by_root else None}
    result = root.run([PYTHON, "/tmp/nix_start.py", json.dumps(asked)],
                      uid=None if by_root else uid)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    report = json.loads(root.read(f"{OUT}/report"))
    assert report["argv0"] == PYTHON
    assert report["uid"] == uid
    assert report["cwd"] == TOP
    assert report["environment"].items() >= environment.items()
    return report


def done(report: dict[str, Any]) -> set[str]:
    return {name for name, successful in report["done"].items() if successful}


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("kind", ["sandboxed", "minimal"])
def test_passthrough_stops_nothing(nix_root: DarwinRoot, kind: str, builder: str) -> None:
    """So what the other tests see denied is denied by the sandbox."""
    assert done(build(nix_root, kind, "passthrough", builder)) == ALWAYS | STORE | REACH | SETID


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize(("kind", "possible"), [
    ("sandboxed", ALWAYS | STORE),
    ("fixed-output", ALWAYS | STORE | {"reach the network"}),
    ("minimal", ALWAYS | STORE | REACH),
])
def test_enforced(
    nix_root: DarwinRoot, kind: str, possible: set[str], builder: str
) -> None:
    if not probe().abi:
        pytest.skip("this kernel has no Landlock")
    assert done(build(nix_root, kind, "enforce", builder)) == possible


def test_what_is_not_exact_is_in_the_log(nix_root: DarwinRoot) -> None:
    if not probe().abi:
        pytest.skip("this kernel has no Landlock")
    nix_root.must("install", "-d", "-m", "1733", "/private/var/log/sandbox-exec")
    build(nix_root, "sandboxed", "enforce", "build user")
    (line,) = nix_root.read("/private/var/log/sandbox-exec/351.log").splitlines()
    entry = json.loads(line)
    assert (entry["mode"], entry["uid"], entry["command"]) == ("enforce", 351, PYTHON)
    assert entry["profile"] == f"{TOP}/.sandbox.sb"
    assert entry["parameters"] == ["_GLOBAL_TMP_DIR"]
    assert entry["grades"]["exact"] > 0
    reasons = {(finding["grade"], finding["reason"]) for finding in entry["findings"]}
    assert reasons >= {("not enforced", "mach-userspace"), ("widened", "path-missing")}
    assert nix_root.must("stat", "-c", "%a %u", "/private/var/log/sandbox-exec/351.log") == (
        "600 351\n")
