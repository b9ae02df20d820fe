"""What somebody without rights can read and change: what macOS lets him, and nothing."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.darwin.requirements import PYTHON, python_obstacle
from tests.faults import whole
from tests.support import CHECKOUT, is_root, run

OBSTACLE = "needs root to become somebody else" if not is_root() else python_obstacle()
pytestmark = [pytest.mark.root,
              pytest.mark.skipif(OBSTACLE is not None, reason=str(OBSTACLE))]

NOBODY = 65534
PASSWORD = "correct-horse-battery"
#: What everybody may read below the root; all else that we write is root's alone.
PUBLIC = {"private/etc/passwd", "private/etc/group", "private/var/db/dirserv.snapshot"}
CRYPT = "$6$salt$hash.of.it"

LOOKS = [
    (["dscl", ".", "-read", "/Users/victim"], 0), (["dscl", ".", "-list", "/Users"], 0),
    (["dscl", ".", "-readall", "/Groups"], 0),
    (["dscl", ".", "-search", "/Users", "UniqueID", "777"], 0),
    (["dseditgroup", "-o", "checkmember", "-m", "victim", "staff"], 0),
    (["dseditgroup", "-o", "read", "staff"], 0), (["dscacheutil", "-q", "user"], 0),
    (["dsmemberutil", "getuuid", "-U", "victim"], 0),
]
CHANGES = [
    ["dscl", ".", "-create", "/Users/x"], ["dscl", ".", "-delete", "/Users/victim"],
    ["dscl", ".", "-append", "/Groups/admin", "GroupMembership", "nobody"],
    ["dscl", ".", "-passwd", "/Users/victim", "new"],
    ["dscl", ".", "-create", "/Users/victim", "UniqueID", "0"],
    ["dscl", "-f", "/private/var/db/dslocal/nodes/Default", "localonly", "-create",
     "/Local/Target/Users/x"],
    ["dseditgroup", "-o", "edit", "-a", "nobody", "-t", "user", "admin"],
    ["dseditgroup", "-o", "create", "x"], ["dseditgroup", "-o", "delete", "staff"],
    ["sysadminctl", "-addUser", "x"], ["sysadminctl", "-deleteUser", "victim"],
    ["sysadminctl", "-resetPasswordFor", "victim", "-newPassword", "x"],
    ["dsimport", "/private/etc/passwd", "/Local/Default", "O", "--template", "StandardUser"],
    ["createhomedir", "-c", "-u", "victim"], ["dsenableroot"],
    ["pwpolicy", "-u", "victim", "-disableuser"],
    ["launchctl", "bootout", "system/none"], ["launchctl", "disable", "system/none"],
]


@pytest.fixture
def secret(little: Path, tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A root with passwords in every place for them, and a copy of the checkout; both can be
    reached by everybody."""
    for argv in (
        ["dscl", ".", "-create", "/Users/victim", "UniqueID", "777"],
        ["dscl", ".", "-create", "/Users/victim", "PrimaryGroupID", "20"],
        ["dscl", ".", "-passwd", "/Users/victim", PASSWORD],
        ["dscl", ".", "-create", "/Users/victim", "dsAttrTypeNative:master_passwd",
         f"{CRYPT}::0:0"],
        ["sysadminctl", "-addUser", "added", "-password", PASSWORD, "-home", "/var/empty"],
        ["dseditgroup", "-o", "edit", "-u", "root", "-P", PASSWORD, "staff"],
    ):
        run(little, *argv)
    open_up = [path for path in (tmp_path, *tmp_path.parents) if os.stat(path).st_uid == 0
               and not os.stat(path).st_mode & 0o005]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in open_up}
    for path in open_up:
        path.chmod(modes[path] | 0o055)
    code = tmp_path / "code"
    for name in ("bin", "dirserv", "launchd_shim", "sandbox_stub"):
        shutil.copytree(CHECKOUT / name, code / name, symlinks=True,
                        ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["chmod", "-R", "go+rX", str(code)], check=True)
    try:
        yield little, code
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def as_nobody(code: Path, root: Path, argv: list[str],
              **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the copy as uid 65534; our own interpreter may lie where he cannot go."""
    return subprocess.run(
        [PYTHON, "-I", "-S", str(code / "bin" / argv[0]), *argv[1:]],
        env={"PATH": "/usr/bin:/bin", "DIRSERV_ROOT": str(root), **env}, text=True,
        stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60,
        user=NOBODY, group=NOBODY, extra_groups=[], start_new_session=True)


def everything(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Path -> owner, mode and content of all that is below a root."""
    return {str(path.relative_to(root)): (
        path.lstat().st_uid, path.lstat().st_mode,
        path.read_bytes() if path.is_file() and not path.is_symlink() else b"")
        for path in sorted(root.rglob("*"))}


def hashes(root: Path) -> list[bytes]:
    """Pieces of every password hash."""
    found = [values[0] for attributes in whole.stored(root).values()
             for name, values in attributes.items() if name.endswith("ShadowHashData")]
    assert len(found) == 2
    return [bytes(each)[at:at + 32] for each in found for at in range(100, len(each) - 100, 32)]


def test_he_reads_what_macos_lets_him(secret: tuple[Path, Path]) -> None:
    root, code = secret
    for argv, status in LOOKS:
        done = as_nobody(code, root, argv)
        assert (done.returncode, done.stderr) == (status, ""), argv
        assert done.stdout
        for hidden in (PASSWORD, CRYPT, *(part.hex() for part in hashes(root))):
            assert hidden not in done.stdout.replace(" ", ""), (argv, hidden)


@pytest.mark.parametrize("euid", ["0", pytest.param("", marks=pytest.mark.slow)])
def test_he_changes_nothing(secret: tuple[Path, Path], euid: str) -> None:
    """Whatever a launcher, or he himself, says about his id."""
    root, code = secret
    before = everything(root)
    for argv in CHANGES:
        done = as_nobody(code, root, argv, **({"DIRSERV_EUID": euid} if euid else {}))
        said = done.stdout + done.stderr
        assert said and "Traceback" not in said and "internal error" not in said, (argv, said)
    assert everything(root) == before
    whole.check(root)


def test_no_file_tells_him_a_secret(secret: tuple[Path, Path]) -> None:
    """He tries every file below the root; what he can open holds no secret."""
    root, code = secret
    script = ("import os, sys\n"
              "for at, _, names in os.walk(sys.argv[1], followlinks=True):\n"
              "    for path in (at, *(os.path.join(at, name) for name in names)):\n"
              "        if os.access(path, os.W_OK): print('W', path)\n"
              "        try: open(path, 'rb').close(); print('R', path)\n"
              "        except OSError: pass\n")
    done = subprocess.run(
        [PYTHON, "-I", "-S", "-c", script, str(root)],
        user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, text=True, check=True)
    found = [line.split(" ", 1) for line in done.stdout.splitlines()]
    assert [path for kind, path in found if kind == "W"] == [], "writable by everybody"
    readable = {str(Path(path).relative_to(root)) for kind, path in found if kind == "R"}
    assert readable == PUBLIC
    for path in readable:
        data = (root / path).read_bytes()
        for hidden in (PASSWORD.encode(), CRYPT.encode(), *hashes(root)):
            assert hidden not in data, (path, hidden)


def test_no_password_of_a_command_line_is_kept(secret: tuple[Path, Path]) -> None:
    """Not even where only root could read it."""
    root, _ = secret
    for path, (_, mode, data) in everything(root).items():
        assert PASSWORD.encode() not in data, path
        if stat.S_ISREG(mode) and path not in PUBLIC:
            assert not mode & 0o077, path
