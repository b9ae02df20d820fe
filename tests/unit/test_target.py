"""dscl -f: a dslocal node directory opened by its path."""

from __future__ import annotations

import plistlib
import shutil
from pathlib import Path

import pytest

from tests.support import passwd_entries, run

NODE = "private/var/db/dslocal/nodes/Default"


@pytest.fixture
def volume(root: Path) -> Path:
    """A root with another system's node on a volume."""
    shutil.copytree(root / NODE, root / "Volumes/Other/node")
    return root


def dscl(root: Path, *words: str) -> tuple[int, str, str]:
    result = run(root, "dscl", "-f", "/Volumes/Other/node", "localhost", *words)
    return result.returncode, result.stdout, result.stderr


def test_the_node_is_named_local_target(volume: Path) -> None:
    assert dscl(volume, "-list", "/Local") == (0, "Target\n", "")
    assert dscl(volume, "-read", "/Local/Target/Users/root", "UniqueID",
                "AppleMetaNodeLocation") == (
        0, "AppleMetaNodeLocation: /Local/Target\nUniqueID: 0\n", "")
    assert dscl(volume, "-read", "/Local/Default/Users/root")[0] == 185


def test_changes_go_to_its_files_and_nowhere_else(volume: Path) -> None:
    users = volume / "Volumes/Other/node/users"
    assert dscl(volume, "-create", "/Local/Target/Users/zoe", "UniqueID", "700") == (0, "", "")
    assert dscl(volume, "-create", "/Local/Target/Users/zoe", "PrimaryGroupID", "20")[0] == 0
    content = plistlib.loads((users / "zoe.plist").read_bytes())
    assert (content["uid"], content["gid"]) == (["700"], ["20"])
    assert (users / "zoe.plist").stat().st_mode & 0o777 == 0o600
    assert "zoe" not in passwd_entries(volume)
    assert run(volume, "dscl", ".", "-read", "/Users/zoe").returncode == 56


def test_renaming_and_deleting_move_the_file(volume: Path) -> None:
    users = volume / "Volumes/Other/node/users"
    assert dscl(volume, "-change", "/Local/Target/Users/_www", "RecordName", "_www", "web")[0] == 0
    assert (users / "web.plist").exists() and not (users / "_www.plist").exists()
    assert dscl(volume, "-delete", "/Local/Target/Users/web") == (0, "", "")
    assert not (users / "web.plist").exists()


def test_the_rules_hold_there_too(volume: Path) -> None:
    assert dscl(volume, "-create", "/Local/Target/Users/zoe", "UniqueID", "0") == (
        55, "", "<main> attribute status: eDSRecordAlreadyExists\n"
        "<dscl_cmd> DS Error: -14135 (eDSRecordAlreadyExists)\n")
    assert dscl(volume, "-delete", "/Local/Target/Users/none")[0] == 185


def test_this_roots_own_node_is_the_directory(root: Path) -> None:
    result = run(root, "dscl", "-f", "/" + NODE, "localhost", "-create",
                 "/Local/Target/Users/x", "uid", "700")
    assert (result.returncode, result.stderr) == (0, "")
    assert run(root, "dscl", ".", "-read", "/Users/x", "UniqueID").stdout == "UniqueID: 700\n"


def test_a_path_without_a_node(root: Path) -> None:
    result = run(root, "dscl", "-f", "/nowhere", "localhost", "-list", "/")
    assert (result.returncode, result.stdout, result.stderr) == (
        69, "Data source (localhost) is not valid.\n", "")
