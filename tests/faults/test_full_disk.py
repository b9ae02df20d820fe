"""A file system that is really full: the kernel's own answers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import CHECKOUT


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small tmpfs")
def test_a_really_full_disk(pristine: Path, tmp_path: Path) -> None:
    script = """
        mount -t tmpfs -o size=8m tmpfs "$1" && cp -a "$2" "$1/root" || exit 9
        export DIRSERV_ROOT="$1/root"
        python=$3 checkout=$4
        dscl() { "$python" -I -S "$checkout/bin/dscl" "$@"; }
        dscl . -create /Users/first UniqueID 900 || exit 8
        dd if=/dev/zero of="$1/fill" bs=1k 2>/dev/null
        dscl . -create /Users/second UniqueID 901 2>"$5/stderr"; echo "full $?"
        dscl . -read /Users/first UniqueID
        rm "$1/fill"
        dscl . -read /Users/second UniqueID 2>/dev/null; echo "after $?"
        dscl . -create /Users/third UniqueID 902; echo "third $?"
    """
    mount = tmp_path / "mount"
    mount.mkdir()
    result = subprocess.run(
        ["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", str(mount),
         str(pristine), sys.executable, str(CHECKOUT), str(tmp_path)],
        capture_output=True, text=True, check=False,
    )
    if result.returncode == 1 and "unshare" in result.stderr:
        pytest.skip(f"needs mount namespaces: {result.stderr.strip()}")
    assert result.stdout.splitlines() == [
        "full 147", "UniqueID: 900", "after 56", "third 0"
    ], result.stderr
    assert (tmp_path / "stderr").read_text().splitlines()[-2:] == [
        "<main> attribute status: eDSOperationFailed",
        "<dscl_cmd> DS Error: -14483 (eDSOperationFailed)",
    ]
