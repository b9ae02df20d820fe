"""plist (Mach-O files) and procinfo (/proc)."""

from __future__ import annotations

import os
import plistlib
import struct
import subprocess
import time
from pathlib import Path

import pytest

from launchd_shim.launchctl.macho import NotMachO, section
from tests.unit.launchctl.conftest import Launchctl
from tests.unit.launchctl.fake import FakeLaunchd, service

INFO = plistlib.dumps({"CFBundleIdentifier": "com.x", "N": 1, "L": ["a"]}, sort_keys=False)
SHOWN = '{\n\t"CFBundleIdentifier" = "com.x";\n\t"N" = 1;\n\t"L" = (\n\t\t"a";\n\t);\n};\n'


def macho(content: bytes, order: str = "<", wide: bool = True, name: bytes = b"__info_plist",
          segment: bytes = b"__TEXT") -> bytes:
    """A Mach-O file with a UUID command and one segment of one section."""
    uuid = struct.pack(f"{order}2I16s", 0x1B, 24, b"u" * 16)
    size = 72 + 80 if wide else 56 + 68
    header = 32 if wide else 28
    offset = header + len(uuid) + size
    if wide:
        command = struct.pack(f"{order}2I16s4Q4I", 0x19, size, segment, 0, 0, 0, 0, 7, 5, 1, 0)
        command += struct.pack(f"{order}16s16s2Q8I", name, segment, 0, len(content), offset,
                               0, 0, 0, 0, 0, 0, 0)
        magic = 0xFEEDFACF
    else:
        command = struct.pack(f"{order}2I16s8I", 0x1, size, segment, 0, 0, 0, 0, 7, 5, 1, 0)
        command += struct.pack(f"{order}16s16s9I", name, segment, 0, len(content), offset,
                               0, 0, 0, 0, 0, 0)
        magic = 0xFEEDFACE
    head = struct.pack(f"{order}7I", magic, 7, 3, 2, 2, len(uuid) + len(command), 0)
    return head + (b"\0" * 4 if wide else b"") + uuid + command + content


def fat(program: bytes, wide: bool = False) -> bytes:
    """A fat file with one program."""
    if wide:
        head = struct.pack(">2I", 0xCAFEBABF, 1) + struct.pack(">2I2Q2I", 7, 3, 64, len(program),
                                                               0, 0)
    else:
        head = struct.pack(">2I", 0xCAFEBABE, 1) + struct.pack(">5I", 7, 3, 64, len(program), 0)
    return head.ljust(64, b"\0") + program


@pytest.mark.parametrize("data", [
    macho(INFO), macho(INFO, ">"), macho(INFO, wide=False), macho(INFO, ">", wide=False),
    fat(macho(INFO)), fat(macho(INFO, wide=False)), fat(macho(INFO), wide=True),
], ids=["64", "64 big", "32", "32 big", "fat", "fat of 32", "fat 64"])
def test_the_section_is_found(launchctl: Launchctl, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "tool").write_bytes(data)
    assert launchctl("plist", "/tool") == (SHOWN, "", 0)
    assert launchctl("plist", "__TEXT,__info_plist", "/tool") == (SHOWN, "", 0)
    assert launchctl("plist", "__TEXT,__other", "/tool") == (
        "", "/tool has no section __TEXT,__other\n", 93)


def test_no_program_cut_short_anywhere_is_more_than_not_mach_o() -> None:
    for data in (macho(INFO), fat(macho(INFO)), macho(INFO, wide=False)):
        for end in range(len(data)):
            try:
                found = section(data[:end], "__TEXT", "__info_plist")
            except NotMachO:
                continue
            assert found is None


@pytest.mark.parametrize("data", [b"", b"#!/bin/sh\n", b"\x7fELF" + b"\0" * 60,
                                  struct.pack(">2I", 0xCAFEBABE, 0),
                                  struct.pack("<7I", 0xFEEDFACF, 7, 3, 2, 9, 0, 0) + b"\0" * 40])
def test_what_is_no_mach_o(launchctl: Launchctl, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "tool").write_bytes(data)
    assert launchctl("plist", "/tool") == (
        "", "File is not a valid Mach-O or fat file.\n", 88)


def test_other_plist_failures(launchctl: Launchctl, tmp_path: Path) -> None:
    (tmp_path / "tool").write_bytes(macho(b"no list"))
    os.mkfifo(tmp_path / "pipe")
    assert launchctl("plist", "/tool") == ("", "/tool: Invalid property list\n", 109)
    assert launchctl("plist", "/none") == ("", "/none: No such file or directory\n", 2)
    assert launchctl("plist", "/") == ("", "/: Is a directory\n", 21)
    assert launchctl("plist", "/pipe") == ("", "File is not a valid Mach-O or fat file.\n", 88)
    usage = "Usage: launchctl plist [segment,section] <path>\n"
    for words in ((), ("__TEXT", "/tool"), ("a,b", "c", "d")):
        assert launchctl("plist", *words) == ("", usage, 64)


def test_procinfo(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    process = subprocess.Popen(["/bin/sleep", "60"], env={"A": "b=c"}, start_new_session=True)
    try:
        # Popen returns in the middle of exec, before the new arguments can be seen.
        while not Path(f"/proc/{process.pid}/environ").read_bytes().startswith(b"A="):
            time.sleep(0.01)
        launchd.services = [service("napper", domain=f"gui/{os.getuid()}", pid=process.pid)]
        out, err, status = launchctl("procinfo", str(process.pid))
        launchd.services = []
        unmanaged = launchctl("procinfo", str(process.pid))[0]
    finally:
        process.kill()
        process.wait()
    assert (err, status) == ("", 0)
    lines = out.splitlines()
    assert lines[0].startswith("program path = /") and lines[1] == "argument count = 2"
    assert out.count("argument vector = {\n\t[0] = /bin/sleep\n\t[1] = 60\n}\n") == 1
    assert "environment vector = {\n\tA => b=c\n}\n" in out
    assert (f"bsd proc info = {{\n\tpid = {process.pid}\n\tppid = {os.getpid()}\n"
            f"\tpgid = {process.pid}\n\tstatus = running\n\tuid = {os.geteuid()}\n") in out
    assert f"\n\ngui/{os.getuid()}/napper = {{\n" in out
    assert unmanaged.endswith(f"}}\n\n(pid {process.pid} is not managed by launchd)\n")


@pytest.mark.parametrize("word", ["0", "x", "-1", "", "1" * 30])
def test_procinfo_usage(launchctl: Launchctl, word: str) -> None:
    out, err, status = launchctl("procinfo", word)
    assert (out, status) == ("", 64)
    assert err.endswith("Usage: launchctl procinfo <pid>\n")


def test_procinfo_of_nobody(launchctl: Launchctl) -> None:
    assert launchctl("procinfo", "4194305") == (
        "", "Could not get proc info PID 4194305: 3: No such process\n", 3)
