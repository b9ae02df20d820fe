"""Install, use, uninstall: the tree is what it was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from dirserv import __version__
from dirserv.admin.errors import AdminError
from dirserv.prefix import install as module
from dirserv.prefix import target
from dirserv.prefix.tree import Tree
from dirserv.prefix.wanted import COMMANDS
from tests.prefix.support import call, everything, for_others, give_away, plain, receipt
from tests.support import is_root

#: Command at its installed path -> arguments, what it prints, its status.
CALLS = {
    "usr/bin/dscl": ([".", "-read", "/Users/me", "UniqueID"], "UniqueID: 501\n", 0),
    "usr/sbin/dseditgroup": (["-o", "checkmember", "-m", "me", "wheel"],
                             "yes me is a member of wheel\n", 0),
    "usr/bin/dsmemberutil": (["checkmembership", "-U", "me", "-G", "wheel"],
                             "user is a member of the group\n", 0),
    "usr/bin/dscacheutil": (["-q", "group", "-a", "name", "me"],
                            "name: me\npassword: *\ngid: 501\nusers: me \n\n", 0),
    "usr/bin/dserr": (["-14136"], None, 0),
    "usr/bin/dsimport": (["--help"], None, 0),
    "usr/bin/pwpolicy": (["--help"], None, 0),
    "usr/sbin/sysadminctl": (["--help"], None, 0),
    "usr/sbin/dsenableroot": (["--help"], None, 0),
    "usr/sbin/createhomedir": (["--help"], None, 0),
    "usr/local/bin/launchd-shim": (["--version"], f"launchd-shim {__version__}\n", 0),
    "bin/wait4path": (["/private/etc/passwd"], "", 0),
    "bin/launchctl": (["list"], "PID\tStatus\tLabel\n", 0),
    "usr/bin/sandbox-exec": (["-p", "(version 1)(allow default)", "/bin/echo", "out"],
                             "out\n", 0),
    "usr/bin/plutil": (["-help"], None, 0),
    "usr/bin/uuidgen": ([], None, 0),
    "usr/bin/fdesetup": (["isactive"], None, None),
    "usr/sbin/diskutil": (["info", "-plist", "/"], None, 0),
}


def answer(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin"}, stdin=subprocess.DEVNULL, timeout=60)


def test_in_and_out_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = plain(tmp_path)
    before = everything(root)
    status, out, err = call(capsys, "install", "--prefix", str(root))
    assert (status, err) == (0, "")
    assert "replace  /usr/bin/dscl" in out.splitlines()
    for path, (arguments, printed, wanted) in CALLS.items():
        result = answer(root / path, *arguments)
        assert "Traceback" not in result.stderr and "internal error" not in result.stderr, path
        assert wanted in (None, result.returncode), (path, result)
        assert printed in (None, result.stdout), path
    status, out, err = call(capsys, "uninstall", "--prefix", str(root))
    assert (status, err) == (0, "")
    assert everything(root) == before


def test_every_command_has_a_call() -> None:
    assert {path.lstrip("/") for path in COMMANDS.values()} <= set(CALLS)


def test_installing_twice_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plain(tmp_path)
    call(capsys, "install", "--prefix", root)
    first = everything(root)
    assert call(capsys, "install", "--prefix", root) == (0, f"{root}: 0 paths changed\n", "")
    changed = {path for path, state in everything(root).items() if first.get(path) != state}
    assert changed == {".darling-dirserv/receipt.json"}


def test_a_dry_run_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = plain(tmp_path)
    before = everything(root)
    status, out, _ = call(capsys, "install", "--prefix", root, "--dry-run", "--json")
    plan = {step["path"]: step for step in json.loads(out)["steps"]}
    assert (status, everything(root)) == (0, before)
    assert plan["/usr/bin/dscl"] == {
        "do": "replace", "path": "/usr/bin/dscl", "part": "dscl", "why": ""}
    assert plan["/usr/bin/plutil"]["why"] == "there is no /usr/bin/plutil"
    _, done, _ = call(capsys, "install", "--prefix", root, "--json")
    assert json.loads(done)["steps"] == json.loads(out)["steps"]


def test_what_is_refused_is_not_laid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = plain(tmp_path)
    call(capsys, "install", "--prefix", root, "--without", "launchctl", "--without", "dscl")
    assert (root / "bin/launchctl").read_text() == "842 launchctl\n"
    assert (root / "usr/bin/dscl").read_text() == "the dscl of before\n"
    assert receipt(root)["without"] == ["dscl", "launchctl"]
    call(capsys, "upgrade", "--prefix", root)
    assert (root / "bin/launchctl").read_text() == "842 launchctl\n", "an upgrade remembers"
    call(capsys, "install", "--prefix", root)
    assert "import main" in (root / "usr/bin/dscl").read_text(), "an installation chooses anew"
    status, _, err = call(capsys, "install", "--prefix", root, "--without", "nonsense")
    assert status == 2
    assert err.startswith("darling-dirserv: --without nonsense: there is no such part; there are")


def test_parts_can_be_taken_back_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = plain(tmp_path)
    before = everything(root)
    call(capsys, "install", "--prefix", root)
    _, out, _ = call(capsys, "install", "--prefix", root, "--without", "dscl")
    assert out.splitlines()[0] == "restore  /usr/bin/dscl  (no longer wanted)"
    assert everything(root)["usr/bin/dscl"] == before["usr/bin/dscl"]


def test_the_replaced_program_stays_reachable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plain(tmp_path)
    kept = root / "usr/local/libexec/darling-dirserv/original/launchctl"
    for command in ("install", "upgrade", "install"):
        call(capsys, command, "--prefix", root)
        assert kept.read_text() == "842 launchctl\n"


def test_what_an_admin_changed_is_left_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plain(tmp_path)
    before = everything(root)
    call(capsys, "install", "--prefix", root)
    (root / "usr/sbin/dseditgroup").write_text("mine\n")
    (root / "Library/LaunchDaemons/mine.plist").write_text("mine\n")
    (root / "usr/bin/dsimport").unlink()
    status, out, _ = call(capsys, "uninstall", "--prefix", root)
    assert status == 1
    assert "/usr/sbin/dseditgroup: changed since it was laid; left as it is" in out.splitlines()
    assert "/Library/LaunchDaemons: not empty; left as it is" in out.splitlines()
    after = everything(root)
    left = {"usr/sbin", "usr/sbin/dseditgroup", "Library", "Library/LaunchDaemons",
            "Library/LaunchDaemons/mine.plist"}
    assert set(after) - set(before) == left
    assert {path: after[path] for path in before} == before


def test_an_installation_repairs_what_is_damaged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = plain(tmp_path)
    before = everything(root)
    call(capsys, "install", "--prefix", root)
    (root / "usr/sbin/dseditgroup").write_text("damaged\n")
    shutil.rmtree(root / "usr/local/libexec/darling-dirserv/dirserv/dscl")
    call(capsys, "install", "--prefix", root)
    assert answer(root / "usr/bin/dscl", ".", "-list", "/Users", "uid").returncode == 0
    assert call(capsys, "uninstall", "--prefix", root)[0] == 0
    assert everything(root) == before


def test_an_upgrade_keeps_the_database_and_drops_what_is_no_longer_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plain(tmp_path)
    before = everything(root)
    old = {"dsobsolete": "/usr/bin/dsobsolete", **COMMANDS}
    with monkeypatch.context() as patched:
        patched.setattr(module.wanted, "COMMANDS", old)
        patched.setattr(module, "__version__", "0.0.1")
        call(capsys, "install", "--prefix", root)
    assert receipt(root)["version"] == "0.0.1" and (root / "usr/bin/dsobsolete").exists()
    answer(root / "usr/bin/dscl", ".", "-create", "/Users/new", "uid", "777")
    status, out, _ = call(capsys, "upgrade", "--prefix", root)
    assert out.splitlines()[0] == "remove   /usr/bin/dsobsolete  (no longer wanted)"
    assert receipt(root)["version"] == __version__ and not (root / "usr/bin/dsobsolete").exists()
    assert answer(root / "usr/bin/dscl", ".", "-read", "/Users/new", "uid").returncode == 0
    call(capsys, "uninstall", "--prefix", root, "--purge")
    assert everything(root) == before


@pytest.mark.parametrize("command", ["uninstall", "upgrade"])
def test_nothing_installed_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    status, out, err = call(capsys, command, "--prefix", tmp_path)
    assert (status, out) == (2, "")
    assert err.startswith(f"darling-dirserv: nothing is installed in {tmp_path}")
    assert err.count("\n") == 1 and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("obstacle", ["directory", "fifo", "damaged", "newer", "python", "none"])
def test_what_stops_an_installation_is_one_sentence_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], obstacle: str
) -> None:
    root, more, said = tmp_path / "root", [], ""
    if obstacle == "none":
        said = f"{root} is not a directory; create the prefix first"
    else:
        plain(root)
    if obstacle == "directory":
        (root / "usr/bin/dserr").mkdir()
        said = f"{root}/usr/bin/dserr is neither a file nor a link; move it away first"
    elif obstacle == "fifo":
        os.mkfifo(root / "usr/bin/dserr")
        said = f"{root}/usr/bin/dserr is neither a file nor a link; move it away first"
    elif obstacle in ("damaged", "newer"):
        (root / ".darling-dirserv").mkdir()
        text = "{" if obstacle == "damaged" else '{"format": 2, "version": "9.0"}'
        (root / ".darling-dirserv/receipt.json").write_text(text)
        said = f"{root}/.darling-dirserv/receipt.json "
        said += "is damaged" if obstacle == "damaged" else "was written by darling-dirserv 9.0"
    elif obstacle == "python":
        more = ["--python", "/bin/false"]
        said = "/bin/false is not a Python 3.11 or newer"
    before = everything(root)
    status, out, err = call(capsys, "install", "--prefix", root, *more)
    assert (status, out) == (2, "")
    assert err.startswith(f"darling-dirserv: {said}") and err.count("\n") == 1
    assert everything(root) == before


@pytest.fixture
def others(everybodys: Path) -> Path:
    """A tree that belongs to somebody else."""
    root = plain(everybodys / "root")
    give_away(root)
    return root


@for_others
@pytest.mark.parametrize("uid", [0, 12345], ids=["root", "owner"])
def test_an_ordinary_users_own_tree(
    others: Path, capsys: pytest.CaptureFixture[str], uid: int
) -> None:
    before = everything(others)
    os.setegid(uid)
    os.seteuid(uid)
    try:
        results = [call(capsys, command, "--prefix", others, *more) for command, *more in (
            ("install", "--python", "/usr/bin/python3"), ("uninstall",))]
        owners = {state[2] for state in everything(others).values()}
    finally:
        os.seteuid(0)
        os.setegid(0)
    assert [(status, err) for status, _, err in results] == [(0, "")] * 2
    assert owners == {(12345, 12345)}, "what root lays is the owner's too"
    assert everything(others) == before


@for_others
def test_what_root_did_in_it_is_the_owners(
    others: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(others)
    for words in (("install", "--python", "/usr/bin/python3", "--prefix"),
                  ("rehearse", "--users=1", "--root")):
        assert call(capsys, *words, others)[0] == 0
    assert answer(others / "bin/launchctl", "config", "user", "umask", "77").returncode == 0
    assert {state[2] for state in everything(others).values()} == {(12345, 12345)}
    status, out, err = call(capsys, "uninstall", "--purge", "--prefix", others)
    assert (status, err) == (0, "")
    assert everything(others) == before


@pytest.mark.skipif(not is_root(), reason="needs root to act as somebody else")
@pytest.mark.parametrize("uid", [0, 12345], ids=["root", "owner"])
def test_who_may_not_read_the_package_is_told(
    others: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: int
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr(target, "_TABLES", tmp_path)
    said = f"uid 12345, who is to write in {others}, cannot read {tmp_path}; install"
    os.seteuid(uid)
    try:
        with pytest.raises(AdminError, match=said), target.as_owner(Tree(str(others))):
            pytest.fail("it went on")
    finally:
        os.seteuid(0)


@for_others
def test_root_does_not_write_where_the_owner_may_not(
    others: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "roots").mkdir(mode=0o755)
    shutil.rmtree(others / "private/var")
    (others / "private/var").symlink_to(tmp_path / "roots")
    status, _, err = call(capsys, "install", "--prefix", others)
    assert status == 2 and err.count("\n") == 1
    assert list((tmp_path / "roots").iterdir()) == []


def test_byte_code_is_for_one_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another one compiles the sources for itself; what it keeps goes with the rest."""
    root = plain(tmp_path)
    before = everything(root)
    call(capsys, "install", "--prefix", root)
    library = root / "usr/local/libexec/darling-dirserv"
    data = (library / "bytecode").read_bytes()
    compiled = {path.relative_to(library) for path in library.rglob("*.pyc")}
    assert {path.name.partition(".")[0] for path in compiled} == {"__init__", "bundle"}
    program = root / "usr/bin/dscl"
    answer(program, ".", "-list", "/Users")
    assert compiled == {path.relative_to(library) for path in library.rglob("*.pyc")}
    for damaged in (b"\0\0\0\0" + data[4:], None):
        (library / "bytecode").unlink()
        if damaged:
            (library / "bytecode").write_bytes(damaged)
        assert answer(program, ".", "-read", "/Users/me", "UniqueID").stdout == "UniqueID: 501\n"
    assert any(library.rglob("dscl/__pycache__/grammar.*.pyc"))
    (library / "bytecode").write_bytes(data)
    assert call(capsys, "uninstall", "--prefix", root)[0] == 0
    assert everything(root) == before
