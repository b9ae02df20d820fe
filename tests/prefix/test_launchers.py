"""How an installed command starts: from outside, in a chroot, with an awkward Python."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dirserv.prefix import launchers
from tests.prefix.support import call, plain
from tests.support import CHECKOUT

QUOTED = "'$x'"
_CHROOT = """
mount -t tmpfs tmpfs "$2" && cp -a "$1" "$2/upper" && mkdir "$2/work" "$2/merged" || exit 77
mount -t overlay overlay -o "lowerdir=/,upperdir=$2/upper,workdir=$2/work" "$2/merged" || exit 77
chroot "$2/merged" /usr/bin/dscl . -read /Users/me UniqueID
chroot "$2/merged" /bin/sh -c 'cd /etc; dscl . -read /Users/me PrimaryGroupID'
chroot "$2/merged" /usr/bin/sandbox-exec -p '(version 1)(allow default)' /bin/echo sandboxed
"""


def dscl(program: Path) -> tuple[int, str, str]:
    result = subprocess.run([program, ".", "-read", "/Users/me", "UniqueID"], check=False,
                            capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"})
    return result.returncode, result.stdout, result.stderr


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to chroot")
def test_the_same_files_serve_in_a_chroot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, mount = plain(tmp_path / "root"), tmp_path / "mount"
    mount.mkdir()
    shutil.rmtree(root / "bin")
    (root / "bin").symlink_to("usr/bin")  # as the machine itself may have it
    assert call(capsys, "install", "--prefix", root, "--python", "/usr/bin/python3")[0] == 0
    result = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", _CHROOT, "sh", root, mount],
        capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
    if result.returncode == 77:
        pytest.skip(f"no overlay of / can be mounted here: {result.stderr.strip()}")
    assert (result.stdout, result.stderr) == (
        "UniqueID: 501\nPrimaryGroupID: 501\nsandboxed\n", "")


def test_a_tree_may_be_moved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = plain(tmp_path / "root")
    call(capsys, "install", "--prefix", root)
    root.rename(tmp_path / "moved")
    assert dscl(tmp_path / "moved/usr/bin/dscl") == (0, "UniqueID: 501\n", "")
    (tmp_path / "link").symlink_to("moved/usr/bin/dscl")
    assert dscl(tmp_path / "link") == (0, "UniqueID: 501\n", "")


def test_a_merged_usr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = plain(tmp_path)
    shutil.rmtree(root / "bin")
    (root / "bin").symlink_to("usr/bin")
    call(capsys, "install", "--prefix", root)
    assert not (root / "usr/bin/launchctl").is_symlink()
    result = subprocess.run([root / "bin/launchctl", "version"], capture_output=True, text=True,
                            check=False)
    assert (result.returncode, result.stderr) == (0, "") and (root / "bin").is_symlink()


@pytest.mark.parametrize("name", ["my python", "it's", "p" * 130])
def test_a_python_that_no_first_line_can_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    root, python = plain(tmp_path / "root"), tmp_path / name
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    status, _, err = call(capsys, "install", "--prefix", root, "--python", python)
    assert (status, err) == (0, "")
    assert dscl(root / "usr/bin/dscl") == (0, "UniqueID: 501\n", "")


def test_the_environment_does_not_choose_the_root(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plain(tmp_path / "root")
    call(capsys, "install", "--prefix", root)
    result = subprocess.run(
        [root / "usr/bin/dscl", ".", "-read", "/Users/me", "UniqueID"], text=True, check=False,
        capture_output=True, cwd=tmp_path,
        env={"DIRSERV_ROOT": "/nonexistent", "PYTHONPATH": "/nonexistent", "PYTHONHOME": "/x"})
    assert (result.returncode, result.stdout) == (0, "UniqueID: 501\n")


def test_a_darling_launcher_quotes_what_it_holds(tmp_path: Path) -> None:
    root = tmp_path / "it's a \"prefix\" $HOME"
    library = Path(f"{root}{launchers.LIBRARY}")
    (library / "dirserv").mkdir(parents=True)
    (library / "dirserv/bundle.py").write_text("use = print\n")
    (library / "shown.py").write_text(
        "import os, sys\n"
        "def main(*words):\n print([*words, *sys.argv[1:], os.environ['DIRSERV_EUID']])\n")
    text = launchers.darling(sys.executable, str(root), "shown", "'dscl', root", ("pass on",),
                             "/bin/echo").decode().replace(launchers.HOST, "")
    script = tmp_path / "launcher"
    script.write_text(text)

    def run(*words: str) -> str:
        return subprocess.run(["sh", script, *words], capture_output=True, text=True,
                              check=True).stdout

    assert run("a b", "'$x'") == (
        f"{library}\n{['dscl', str(root), 'a b', QUOTED, str(os.geteuid())]}\n")
    assert run("pass on", "x") == "pass on x\n"


def test_a_path_through_another_process_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = call(capsys, "install", "--prefix", f"/proc/{os.getpid()}/root", "--dry-run")
    assert status == 2 and "leads through another process" in err


def test_progress_is_for_terminals(tmp_path: Path) -> None:
    root = plain(tmp_path)
    leader, follower = pty.openpty()
    command = [sys.executable, CHECKOUT / "bin/darling-dirserv", "install", "--prefix", root]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=follower):
        os.close(follower)
        shown = b""
        while data := _read(leader):
            shown += data
    os.close(leader)
    assert b"usr/bin/dscl" in shown and shown.count(b"\r") > 50


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b""  # EIO: the other side is closed


def test_names_are_utf8_in_any_locale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = subprocess.run(
        ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", tmp_path / "de_DE.ISO-8859-1"],
        capture_output=True, text=True, check=False) if shutil.which("localedef") else None
    if made is None or made.returncode:
        pytest.skip(f"no other locale can be made: {made and made.stderr.strip()}")
    root = plain(tmp_path / "root")
    call(capsys, "install", "--prefix", root)
    result = subprocess.run(
        [root / "usr/bin/dscl", ".", "-create", "/Users/zoë", "UniqueID", "777"], check=False,
        capture_output=True, env={"LC_ALL": "de_DE.ISO-8859-1", "LOCPATH": str(tmp_path)})
    assert (result.returncode, result.stderr) == (0, b"")
    users = root / "private/var/db/dslocal/nodes/Default/users"
    assert "zoë.plist" in os.listdir(users)
