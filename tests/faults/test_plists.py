"""Property lists that are bombs: one clear refusal, in little time and memory."""

from __future__ import annotations

import os
import plistlib
import resource
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import whole
from tests.support import CHECKOUT, run
from tests.unit.supervisor.harness import Launchd

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
USERS_DIR = "private/var/db/dslocal/nodes/Default/users"


def huge(path: Path) -> None:
    """100 MB, of which the disk holds nothing."""
    with open(path, "wb") as file:
        file.write(HEAD + b'<plist version="1.0"><dict><key>Label</key><string>')
        file.truncate(100 << 20)


def huge_binary(path: Path) -> None:
    with open(path, "wb") as file:
        file.write(b"bplist00")
        file.truncate(100 << 20)


def deep(path: Path) -> None:
    path.write_bytes(HEAD + b'<plist version="1.0">' + b"<array>" * 10_000 + b"</array>" * 10_000
                     + b"</plist>")


def deep_in_a_key(path: Path) -> None:
    path.write_bytes(HEAD + b'<plist version="1.0"><dict><key>Label</key><string>bomb</string>'
                     b"<key>EnvironmentVariables</key>" + b"<dict><key>x</key>" * 10_000
                     + b"<true/>" + b"</dict>" * 10_000 + b"</dict></plist>")


def laughing(path: Path) -> None:
    entities = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 12))
    path.write_bytes(HEAD + f'<!DOCTYPE plist [<!ENTITY l0 "lol">{entities}]>'.encode()
                     + b'<plist version="1.0"><dict><key>Label</key><string>&l11;</string>'
                     b"</dict></plist>")


def outside(path: Path) -> None:
    path.write_bytes(HEAD + b'<!DOCTYPE plist [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
                     b'<plist version="1.0"><dict><key>Label</key><string>&x;</string></dict>'
                     b"</plist>")


def binary(objects: list[bytes], top: int = 0) -> bytes:
    """A binary property list of raw objects with one-byte references."""
    data, offsets = b"bplist00", []
    for each in objects:
        offsets.append(len(data))
        data += each
    table = b"".join(struct.pack(">H", offset) for offset in offsets)
    return data + table + struct.pack(">5xBBBQQQ", 0, 2, 1, len(objects), top, len(data))


def looping(path: Path) -> None:
    """An array that holds itself."""
    path.write_bytes(binary([b"\xa1\x00"]))


def looping_dict(path: Path) -> None:
    """A dictionary whose value is itself."""
    path.write_bytes(binary([b"\xd1\x01\x00", b"\x55Label"]))


def wide(path: Path) -> None:
    """Arrays of arrays of the same: 14 ** 30 elements in some hundred bytes."""
    levels = [b"\xae" + bytes([at + 1]) * 14 for at in range(30)]
    path.write_bytes(binary([*levels, b"\x51x"]))


def claimed(path: Path) -> None:
    """A string that says it has 2 ** 62 bytes."""
    path.write_bytes(binary([b"\x5f\x13" + struct.pack(">Q", 1 << 62)]))


def many_objects(path: Path) -> None:
    """A trailer that promises 2 ** 61 objects."""
    path.write_bytes(b"bplist00\x08" + struct.pack(">5xBBBQQQ", 0, 8, 8, 1 << 61, 0, 8))


def random_bytes(path: Path) -> None:
    path.write_bytes(b"bplist00" + os.urandom(4000))


BOMBS = [huge, huge_binary, deep, deep_in_a_key, laughing, outside, looping, looping_dict, wide,
         claimed, many_objects, random_bytes]
#: With these the default run is content.
QUICK = (deep, laughing, looping)
named = pytest.mark.parametrize("bomb", [
    pytest.param(bomb, id=bomb.__name__, marks=() if bomb in QUICK else pytest.mark.slow)
    for bomb in BOMBS])


def limited(*argv: str, root: Path) -> subprocess.CompletedProcess[str]:
    """A command that may use 20 seconds and 1 GiB."""

    def lower() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    return subprocess.run(
        [sys.executable, "-I", "-S", str(CHECKOUT / "bin" / argv[0]), *argv[1:]],
        env={"PATH": "/usr/bin:/bin", "DIRSERV_ROOT": str(root)}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=60, preexec_fn=lower)


def clear(done: subprocess.CompletedProcess[str]) -> None:
    """It ended by itself and says nothing of our insides."""
    said = done.stdout + done.stderr
    assert done.returncode >= 0, said[-500:]
    assert "Traceback" not in said and "internal error" not in said, said[-500:]
    assert len(said) < 20_000


@named
def test_as_a_record_of_the_node(little: Path, bomb: Callable[[Path], None]) -> None:
    assert run(little, "dscl", ".", "-create", "/Users/victim", "UniqueID", "777").returncode == 0
    for name in ("victim", "planted"):
        path = little / USERS_DIR / f"{name}.plist"
        bomb(path)
        os.utime(path, (1, 1))
    done = limited("dscl", ".", "-read", "/Users/victim", "UniqueID", root=little)
    clear(done)
    assert (done.returncode, done.stdout) == (0, "UniqueID: 777\n"), "it was projected anew"
    assert plistlib.loads((little / USERS_DIR / "victim.plist").read_bytes())["uid"] == ["777"]
    (little / USERS_DIR / "planted.plist").unlink()
    assert run(little, "dscl", ".", "-list", "/Users").returncode == 0
    whole.check(little)


@named
def test_as_a_target_node_an_attribute_and_an_import(
    little: Path, bomb: Callable[[Path], None]
) -> None:
    node = little / "other/users"
    node.mkdir(parents=True)
    bomb(node / "bomb.plist")
    bomb(little / "bomb")
    for argv in (["dscl", "-f", "/other", "localonly", "-list", "/Local/Target/Users"],
                 ["dsimport", "/bomb", "/Local/Default", "I"],
                 ["plutil", "-p", "/bomb"], ["plutil", "-lint", "/bomb"]):
        if (CHECKOUT / "bin" / argv[0]).exists():
            clear(limited(*argv, root=little))
    whole.check(little)


@named
def test_in_the_supervisor(tmp_path: Path, bomb: Callable[[Path], None]) -> None:
    """A bomb among the daemons of the boot, and one that is loaded: others go on."""
    root = tmp_path / "root"
    daemons = root / "Library/LaunchDaemons"
    daemons.mkdir(parents=True)
    bomb(daemons / "bomb.plist")
    (daemons / "bomb.plist").chmod(0o644)
    launchd = Launchd(root)
    try:
        assert launchd.load("kept", "exec sleep 100", RunAtLoad=True) == 0
        for verb in (["bootstrap", "system", str(daemons / "bomb.plist")],
                     ["load", str(daemons / "bomb.plist")]):
            done = limited("launchctl", *verb, root=root)
            clear(done)
            assert done.stderr, "it is refused"
        assert launchd.labels() == ["kept"] and launchd.pid("kept")
        assert "Traceback" not in launchd.log()
    finally:
        launchd.stop()
