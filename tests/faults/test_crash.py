"""Whatever call a writer dies in, or is refused, the directory is whole afterwards."""

from __future__ import annotations

import os
import plistlib
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dirserv.names import GROUPS, USERS
from tests.support import CHECKOUT, directory, group_entries, passwd_entries, run

USERS_DIR = "private/var/db/dslocal/nodes/Default/users"


def faulty_writer(root: Path, step: int, how: str) -> subprocess.CompletedProcess[str]:
    """Run kill.py against a root."""
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "tests/faults/kill.py"), str(root), str(step), how],
        capture_output=True, text=True, check=False, env={"PYTHONPATH": str(CHECKOUT)},
    )


def clone(pristine: Path, root: Path) -> None:
    """A copy of an initialised root. We replace files and never write into them, so all but the
    database may be links, which saves most of this test's time."""

    def link_or_copy(source: str, target: str) -> None:
        if "/dirserv/" in source:
            shutil.copy2(source, target)
        else:
            os.link(source, target)

    shutil.copytree(pristine, root, copy_function=link_or_copy)
    with directory(root).change():
        pass  # the copy's database and directories are new to the snapshot


def steps(pristine: Path, tmp_path: Path) -> int:
    """How many calls a writer makes that is left in peace."""
    clone(pristine, tmp_path / "count")
    done = faulty_writer(tmp_path / "count", 0, "kill")
    assert done.stdout.startswith("done "), done.stderr
    return int(done.stdout.split()[1])


def whole(root: Path) -> bool:
    """Check that all views of the directory agree; returns whether victim is there."""
    present = directory(root).find(USERS, "victim") is not None
    staff = directory(root).find(GROUPS, "staff")
    assert staff is not None
    assert ("victim" in staff.values("dsAttrTypeStandard:GroupMembership")) is present
    assert ("victim" in passwd_entries(root)) is present
    assert ("victim" in group_entries(root)["staff"][3].split(",")) is present
    assert (root / USERS_DIR / "victim.plist").exists() is present
    database = sqlite3.connect(root / "private/var/db/dirserv/directory.sqlite")
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    rows = database.execute("SELECT count(*) FROM value WHERE value = 'victim'").fetchone()[0]
    database.close()
    assert (rows > 0) is present
    assert len(passwd_entries(root)) == 132 + present
    for plist in (root / USERS_DIR).iterdir():
        assert plist.name.endswith(".plist"), "nothing half written is left"
        plistlib.loads(plist.read_bytes())
    return present


def read_unprivileged(root: Path) -> subprocess.CompletedProcess[str]:
    """A reader that may not repair anything: it must see a whole state at any time."""
    return run(root, "dscl", ".", "-read", "/Users/victim", "UniqueID",
               env={"DIRSERV_EUID": "501"})


@pytest.mark.parametrize("how", ["kill", "ENOSPC", "EIO", "EROFS"])
def test_at_every_step(pristine: Path, tmp_path: Path, how: str) -> None:
    total, seen = steps(pristine, tmp_path), set()
    for step in range(1, total + 1):
        root = tmp_path / f"step{step}"
        clone(pristine, root)
        result = faulty_writer(root, step, how)
        assert "Traceback" not in result.stderr
        assert not result.stdout.startswith("done"), f"step {step} was not reached"
        seen_by_reader = read_unprivileged(root)
        assert (seen_by_reader.returncode, seen_by_reader.stdout) in (
            (56, ""), (0, "UniqueID: 777\n")
        )
        present = whole(root)
        seen.add(present)
        if how != "kill" and not present:
            assert "nothing was changed" in result.stdout or "Errno" in result.stdout
        again = run(root, "dscl", ".", "-create", "/Users/other", "UniqueID", "778")
        assert (again.returncode, again.stderr) == (0, "")
        assert whole(root) is present, "what was done stays done"
        shutil.rmtree(root)
    assert seen == {True, False}, "both sides of the commit were reached"


def test_a_kill_while_a_root_is_initialised(tmp_path: Path) -> None:
    total, root = 0, tmp_path / "count"
    root.mkdir()
    total = int(faulty_writer(root, 0, "kill").stdout.split()[1])
    for step in [*range(1, 40, 4), *range(40, total, 197), total]:
        root = tmp_path / f"step{step}"
        (root / "private/etc").mkdir(parents=True)
        (root / "private/etc/passwd").write_text("root:*:0:0:Mine:/root:/bin/bash\n")
        faulty_writer(root, step, "kill")
        found = directory(root).find(USERS, "root")
        assert found is not None
        assert found.first("dsAttrTypeStandard:UserShell") == "/bin/bash"
        assert found.first("dsAttrTypeStandard:RealName") == "Mine"
        whole(root)
        shutil.rmtree(root)


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
