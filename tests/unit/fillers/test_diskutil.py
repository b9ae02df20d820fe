"""diskutil: whole outputs, and what the installers cut out of them."""

from __future__ import annotations

import plistlib
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from dirserv.fillers import volume
from dirserv.paths import Root
from tests.unit.fillers.support import CODE, filler

HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" \
"http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
"""
ABSENT = HEAD + """\
<dict>
\t<key>Error</key>
\t<true/>
\t<key>ErrorMessage</key>
\t<string>Could not find disk: Nix Store</string>
</dict>
</plist>
"""
NO_CONTAINERS = HEAD + "<dict>\n\t<key>Containers</key>\n\t<array/>\n</dict>\n</plist>\n"

MISSING = "/nowhere"


def info(tree: Path, *words: str) -> dict[str, object]:
    out, err, status = filler(tree, "diskutil", "info", "-plist", *words)
    assert (err, status) == ("", 0)
    return plistlib.loads(out.encode())


@pytest.mark.parametrize("disk", ["/", "disk0s1", "/dev/disk0s1", "disk0", "Macintosh HD"])
def test_the_one_volume_has_what_the_rust_installers_read(tree: Path, disk: str) -> None:
    found = info(tree, disk)
    # The plist crate needs the first two and their types (spec/installers.md 3.1).
    assert isinstance(found["ParentWholeDisk"], str)
    assert found["GlobalPermissionsEnabled"] is True
    assert found["MountPoint"] == "/"
    assert "VolumeUUID" not in found and found["FileVault"] is False
    assert isinstance(found["TotalSize"], int) and found["TotalSize"] >= found["FreeSpace"] >= 0


def test_nix_is_asked_about_as_if_it_were_a_volume(tree: Path) -> None:
    assert filler(tree, "diskutil", "info", "/nix") == ("", "Could not find disk: /nix\n", 1)
    (tree / "nix").mkdir()
    assert info(tree, "/nix")["GlobalPermissionsEnabled"] is True
    assert filler(tree, "diskutil", "info", "/nix")[1:] == ("", 0)
    # Another directory is no disk.
    assert filler(tree, "diskutil", "info", "/etc") == ("", "Could not find disk: /etc\n", 1)


def test_an_absent_volume_is_an_error_in_the_plist(tree: Path) -> None:
    assert filler(tree, "diskutil", "info", "-plist", "Nix Store") == (ABSENT, "", 1)


def test_info_for_people(tree: Path) -> None:
    out, err, status = filler(tree, "diskutil", "info", "/")
    numbers = {key: value for key, value in info(tree, "/").items() if isinstance(value, int)}
    assert (err, status) == ("", 0)
    lines = out.splitlines()
    assert lines[:13] == [
        "   Device Identifier:         disk0s1",
        "   Device Node:               /dev/disk0s1",
        "   Whole:                     No",
        "   Part of Whole:             disk0",
        "",
        "   Volume Name:               Macintosh HD",
        "   Mounted:                   Yes",
        "   Mount Point:               /",
        "",
        "   File System Personality:   Linux",
        "   Type (Bundle):             linux",
        "   Name (User Visible):       Linux",
        "   Owners:                    Enabled",
    ]
    total = numbers["TotalSize"]
    assert (f"   Disk Size:                 {volume.size(total)} ({total} Bytes) "
            f"(exactly {total // 512} 512-Byte-Units)") in lines
    assert lines[-3:] == ["   Device Location:           Internal",
                          "   Removable Media:           Fixed", ""]


@pytest.mark.parametrize(("count", "shown"), [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (524288000, "524.3 MB"),
    (1000240963584, "1.0 TB"), (856271474688, "856.3 GB"), (5 * 10**18, "5000.0 PB")])
def test_sizes_as_diskutil_shortens_them(count: int, shown: str) -> None:
    assert volume.size(count) == shown


def test_list(tree: Path) -> None:
    size = volume.size(info(tree, "/")["TotalSize"])
    table = ("/dev/disk0 (internal):\n"
             "   #:                       TYPE NAME                    SIZE       IDENTIFIER\n"
             f"   0:                      Linux Macintosh HD            {size:<10} disk0s1\n\n")
    assert filler(tree, "diskutil", "list") == (table, "", 0)
    assert filler(tree, "diskutil", "list", "internal", "disk0") == (table, "", 0)
    assert filler(tree, "diskutil", "list", "external") == ("", "", 0)
    out, err, status = filler(tree, "diskutil", "list", "-plist")
    listed = plistlib.loads(out.encode())
    assert (err, status) == ("", 0)
    assert (listed["AllDisks"], listed["WholeDisks"]) == (["disk0", "disk0s1"], ["disk0"])
    assert listed["AllDisksAndPartitions"][0]["Partitions"][0]["MountPoint"] == "/"
    out = filler(tree, "diskutil", "list", "-plist", "external")[0]
    assert plistlib.loads(out.encode())["AllDisks"] == []


@pytest.mark.parametrize(("words", "result"), [
    (["apfs", "list", "-plist"], (NO_CONTAINERS, "", 0)),
    (["apfs", "list"], ("No APFS Containers found\n", "", 0)),
    (["apfs", "addVolume", "disk0", "APFS", "Nix Store", "-nomount"],
     ("", "diskutil: there is no APFS on this system: /nix can be a directory of its only "
          "volume\n", 1)),
    (["enableOwnership", "/"], ("File system user/group ownership enabled\n", "", 0)),
    (["enableOwnership", MISSING], ("", f"Unable to find disk for {MISSING}\n", 1)),
    (["mount", "disk0s1"], ("Volume Macintosh HD on disk0s1 mounted\n", "", 0)),
    (["mount", "-mountPoint", "/nix", "0E3B-UUID"],
     ("", "Unable to find disk for 0E3B-UUID\n", 1)),
    (["unmount", "force", "Nix Store"], ("", "Unable to find disk for Nix Store\n", 1)),
    (["unmount", "/"],
     ("", "Unmount failed for disk0s1: it is the system's only volume\n", 1)),
    (["eject", "/Volumes/x"], ("", "Unable to find disk for /Volumes/x\n", 1)),
    (["eject"],
     ("", "Usage:  diskutil eject MountPoint|DiskIdentifier|DeviceNode|VolumeName\n", 1)),
    (["frob"],
     ("", 'diskutil: did not recognize verb "frob"; type "diskutil" for a list\n', 1)),
    (["info"], ("", "Usage:  diskutil info [-plist] "
                    "DiskIdentifier|DeviceNode|MountPoint|VolumeName\n", 1)),
    (["list", MISSING], ("", f"Could not find disk: {MISSING}\n", 1)),
])
def test_answers_of_a_machine_without_apfs(
    tree: Path, words: list[str], result: tuple[str, str, int]
) -> None:
    assert filler(tree, "diskutil", *words) == result
    assert filler(tree, "diskutil", "quiet", *words) == result


def test_without_a_verb_the_verbs_are_listed(tree: Path) -> None:
    out, err, status = filler(tree, "diskutil")
    assert (out, status) == ("", 1)
    assert err.startswith("Disk Utility Tool\nUtility to manage local disks and volumes\n")
    assert "     eject                (Eject a disk)\n" in err


def test_a_mount_point_is_a_disk(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounted = str(tree / "Volumes/x")
    monkeypatch.setattr("os.path.ismount", lambda path: path == mounted)
    assert volume.is_meant(Root(str(tree)), "/Volumes/x")
    assert not volume.is_meant(Root(str(tree)), "/Volumes/y")


#: What the Nix installer's two Darwin scripts ask diskutil by way of xmllint.
def test_the_shell_installers_pipelines(tree: Path) -> None:
    pytest.importorskip("elementpath", reason="xmllint --xpath needs elementpath")
    (tree / "nix").mkdir()
    start = f"{shlex.quote(sys.executable)} -I -c {shlex.quote(CODE)}"
    text = f"""set -o pipefail
d() {{ {start} diskutil "$@"; }}
x() {{ {start} xmllint "$@"; }}
p="(/plist/dict/key[text()='GlobalPermissionsEnabled'])/following-sibling::*[1]"
echo "$(d info -plist /nix | x --xpath "$p" -)"
d info -plist / | x --xpath \
    "/plist/dict/key[text()='ParentWholeDisk']/following-sibling::string[1]/text()" -
d info -plist / | x --xpath "$p[name()='true']" - && echo owners
d info -plist / | x --xpath "name(/plist/dict/key[text()='Writable']/following-sibling::*[1])" -
d info -plist "Nix Store" 2>/dev/null | x --xpath "$p" - 2>/dev/null || echo "none $?"
d info /nix >/dev/null 2>&1 && echo there
"""
    result = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=True,
                            env={"PATH": "/usr/bin:/bin", "DIRSERV_ROOT": str(tree)})
    assert result.stdout.splitlines() == [
        "<true/>", "disk0", "<true/>", "owners", "true", "none 10", "there"]
    assert result.stderr == ""
