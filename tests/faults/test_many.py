"""Many processes at once: nobody's change is lost and every reader sees a whole state."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dirserv.names import GROUPS, MEMBERS, MEMBERSHIP, USERS
from tests.support import CHECKOUT, directory, group_entries, passwd_entries, run

PROCESSES = 50


def start(root: Path, *argv: str) -> subprocess.Popen[str]:
    """One of our commands, in the background."""
    command = [sys.executable, "-I", "-S", str(CHECKOUT / "bin" / argv[0]), *argv[1:]]
    return subprocess.Popen(
        command, env={"PATH": "/usr/bin:/bin", "DIRSERV_ROOT": str(root)}, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )


def finish(processes: list[subprocess.Popen[str]]) -> None:
    """All end well and silently."""
    ends = [(*process.communicate(timeout=120), process.returncode) for process in processes]
    assert ends == [("", "", 0)] * len(processes)


def test_fifty_start_at_once_in_a_new_root(tmp_path: Path) -> None:
    finish([start(tmp_path, "dscl", ".", "-create", f"/Users/u{number}", "UniqueID",
                  str(1000 + number)) for number in range(PROCESSES)])
    found = directory(tmp_path).records(USERS)
    assert len(found) == 132 + PROCESSES
    assert len({record.id for record in found}) == len(found)


def test_fifty_users_join_one_group_at_once(root: Path) -> None:
    assert run(root, "dseditgroup", "-o", "create", "-i", "350", "nixbld").returncode == 0
    finish([
        start(root, "dscl", ".", "-create", f"/Users/u{number}", "UniqueID", str(1000 + number))
        for number in range(PROCESSES)
    ])
    finish([
        process for number in range(PROCESSES) for process in (
            start(root, "dscl", ".", "-create", f"/Users/u{number}", "PrimaryGroupID", "350"),
            start(root, "dseditgroup", "-o", "edit", "-t", "user", "-a", f"u{number}", "nixbld"),
        )
    ])
    names = {f"u{number}" for number in range(PROCESSES)}
    found = directory(root)
    group = found.find(GROUPS, "nixbld")
    assert group is not None
    assert sorted(group.values(MEMBERSHIP)) == sorted(names)
    assert len(set(group.values(MEMBERS))) == PROCESSES
    assert {user.name for user in found.records(USERS)} >= names
    assert set(passwd_entries(root)) >= names
    assert set(group_entries(root)["nixbld"][3].split(",")) == names
    plists = root / "private/var/db/dslocal/nodes/Default/users"
    assert {path.stem for path in plists.glob("u*.plist")} == names


def test_readers_during_writes_see_whole_states(root: Path) -> None:
    """Name and shell of one user are always changed together."""
    run(root, "dscl", ".", "-create", "/Users/pair", "RealName", "n0")
    writer = subprocess.Popen([sys.executable, "-c", _PAIRS, str(CHECKOUT), str(root)])
    seen = set()
    while writer.poll() is None:
        for euid in ("0", "501"):
            result = run(root, "dscl", ".", "-read", "/Users/pair", "RealName", "UserShell",
                         env={"DIRSERV_EUID": euid})
            assert result.returncode == 0, result.stderr
            lines = [line.split(": ")[1] for line in result.stdout.splitlines()]
            assert len(lines) == 1 or lines[0][1:] == lines[1][1:], lines
            seen.add(lines[-1])
    assert writer.returncode == 0
    assert len(seen) > 1, "the reads fell between the writes"


_PAIRS = """
import sys
sys.path.insert(0, sys.argv[1])
from dirserv.directory import Directory
from dirserv.names import REAL_NAME, SHELL, USERS
from dirserv.paths import Root
for number in range(150):
    with Directory(Root(sys.argv[2])).change() as change:
        user = change.find(USERS, "pair")
        change.set(user, REAL_NAME, [f"n{number}"])
        change.set(user, SHELL, [f"s{number}"])
"""


def test_a_writer_waits_for_vipw(root: Path) -> None:
    lock = root / "private/etc/ptmp"
    lock.touch()
    writer = start(root, "dscl", ".", "-create", "/Users/late", "UniqueID", "900")
    try:
        writer.wait(timeout=1)
    except subprocess.TimeoutExpired:
        lock.unlink()
    finish([writer])
    assert directory(root).find(USERS, "late") is not None


@pytest.mark.slow
def test_a_forgotten_ptmp_is_named(root: Path) -> None:
    (root / "private/etc/ptmp").touch()
    result = run(root, "dscl", ".", "-create", "/Users/late")
    assert result.returncode == 147
    assert result.stderr == (
        "/private/etc/ptmp exists: somebody is editing the password file (vipw); end that, or "
        "remove the file if it was left behind, and try again\n"
        "<main> attribute status: eDSOperationFailed\n"
        "<dscl_cmd> DS Error: -14483 (eDSOperationFailed)\n"
    )
    assert directory(root).find(USERS, "late") is None

