"""What every command does as a process: streams, signals, bad input, the import budget."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dirserv.command import MODULES
from tests.support import CHECKOUT, directory, passwd_entries, put, run

COMMANDS = sorted(name for name, module in MODULES.items() if module.startswith("dirserv."))


def raw(root: Path, argv: list[str | bytes], **options: object) -> subprocess.CompletedProcess:
    """Run a command with undecoded arguments and streams."""
    command = [sys.executable, "-I", "-S", str(CHECKOUT / "bin" / os.fsdecode(argv[0])), *argv[1:]]
    environment = {"PATH": "/usr/bin:/bin", "DIRSERV_ROOT": str(root), **options.pop("env", {})}
    return subprocess.run(command, capture_output=True, check=False, timeout=60,
                          env=environment, stdin=subprocess.DEVNULL, **options)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_on_standard_output(root: Path, name: str) -> None:
    result = run(root, name, "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "usage" in result.stdout.lower() and name in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_without_a_root_one_sentence_says_what_to_do(name: str) -> None:
    result = subprocess.run(
        [sys.executable, "-I", "-S", str(CHECKOUT / "bin" / name), "--help"],
        capture_output=True, text=True, check=False, env={"DIRSERV_ROOT": "/nonexistent"},
        stdin=subprocess.DEVNULL,
    )
    assert (result.returncode, result.stdout) == (70, "")
    assert result.stderr == (
        f"{name}: DIRSERV_ROOT=/nonexistent is not a directory; create it first\n")


BAD = [b"\xff\xfe", b"", b"-", b"--", b"-\xc3", b"/" * 500, b"a" * 100_000, b"%zz%ff%", b"\\",
       "ﬁ\u202e\u0301".encode(), b"\x1b[31m", b"-1", b"4294967296", b"'; DROP TABLE record; --"]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("words", [[bad] for bad in BAD] + [
    [b".", b"-read", bad] for bad in BAD] + [[b".", b"-create", b"/Users/x", bad, bad]
                                            for bad in BAD], ids=repr)
def test_bad_arguments_never_show_a_traceback(
    root: Path, name: str, words: list[bytes]
) -> None:
    result = raw(root, [name, *words])
    assert result.returncode >= 0
    for stream in (result.stdout, result.stderr):
        assert b"Traceback" not in stream and b"internal error" not in stream


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_streams_do_no_harm(root: Path, closed: tuple[int, ...]) -> None:
    for number, words in enumerate((["-create", "/Users/x", "uid"], ["-create", "/Users/y"])):
        result = raw(root, ["dscl", ".", *words, *(["555"] if number == 0 else [])],
                     preexec_fn=lambda: [os.close(fd) for fd in closed])
        assert result.returncode == 0
    assert directory(root).find("dsRecTypeStandard:Users", "y") is not None
    assert b"SQLite format 3" in (root / "private/var/db/dirserv/directory.sqlite").read_bytes()


def test_a_reader_that_goes_away_ends_us_quietly(root: Path) -> None:
    put(root, "Users/big", {"Comment": ["x" * 1_000_000]})
    command = [sys.executable, "-I", "-S", str(CHECKOUT / "bin/dscl"), ".", "-read", "/Users/big"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env={"DIRSERV_ROOT": str(root)})
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == -signal.SIGPIPE


def test_a_full_device_does_not_change_the_status(root: Path) -> None:
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-I", "-S", str(CHECKOUT / "bin/dscl"), ".", "-list", "/Users"]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False,
                                env={"DIRSERV_ROOT": str(root)})
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.parametrize("mask", [0o000, 0o777])
def test_a_hostile_umask(root: Path, mask: int) -> None:
    assert raw(root, ["dscl", ".", "-create", "/Users/x", "uid", "555"], umask=mask).returncode == 0
    assert raw(root, ["dscl", ".", "-create", "/Users/x", "gid", "20"], umask=mask).returncode == 0
    modes = {name: (root / name).stat().st_mode & 0o777 for name in (
        "private/etc/passwd", "private/etc/master.passwd", "private/var/db/dirserv.snapshot",
        "private/var/db/dslocal/nodes/Default/users/x.plist")}
    assert list(modes.values()) == [0o644, 0o600, 0o644, 0o600]


def test_a_hostile_environment(root: Path, tmp_path: Path) -> None:
    (tmp_path / "sqlite3.py").write_text("raise SystemExit('hijacked')")
    (tmp_path / "dirserv.py").write_text("raise SystemExit('hijacked')")
    result = raw(root, ["dscl", ".", "-create", "/Users/x", "uid", "555"], cwd=tmp_path,
                 env={"PYTHONPATH": str(tmp_path), "PYTHONHOME": "/nonexistent",
                      "PYTHONSTARTUP": str(tmp_path / "dirserv.py"), "TMPDIR": "/nonexistent",
                      "LANG": "xx_XX.none", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", "de_DE.ISO-8859-1"])
def test_names_are_utf8_in_any_locale(root: Path, locale: str) -> None:
    environment = {"LC_ALL": locale}
    assert raw(root, ["dscl", ".", "-create", "/Users/käse", "RealName", "Käse"],
               env=environment).returncode == 0
    result = raw(root, ["dscl", ".", "-read", "/Users/käse", "RealName"], env=environment)
    assert result.stdout.decode() == "RealName: Käse\n"


def test_planted_links_are_not_followed(root: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious\n")
    node = root / "private/var/db/dslocal/nodes/Default/users"
    for place in (root / "private/etc/.passwd.new", root / "private/etc/.group.new",
                  root / "private/var/db/.dirserv.snapshot.new", node / ".x.plist.new",
                  node / "x.plist"):
        place.symlink_to(victim)
    os.link(victim, root / "private/etc/.master.passwd.new")
    assert run(root, "dscl", ".", "-create", "/Users/x", "uid", "555").returncode == 0
    assert run(root, "dscl", ".", "-create", "/Users/x", "gid", "20").returncode == 0
    assert victim.read_text() == "precious\n" and not victim.is_symlink()
    assert passwd_entries(root)["x"][2] == "555"
    assert not (root / "private/etc/passwd").is_symlink()


def test_a_linked_lock_or_database_is_refused(root: Path, tmp_path: Path) -> None:
    lock = root / "private/var/db/dirserv/lock"
    lock.unlink()
    lock.symlink_to(tmp_path / "elsewhere")
    result = run(root, "dscl", ".", "-create", "/Users/x", "uid", "555")
    assert result.returncode != 0 and "Traceback" not in result.stderr
    assert not (tmp_path / "elsewhere").exists()


#: Modules that a hot command must not import: each costs more than reading the whole snapshot.
DEAR = {"sqlite3", "_sqlite3", "re", "enum", "typing", "dataclasses", "pathlib", "argparse",
        "logging", "json", "subprocess", "uuid", "hashlib", "plistlib", "datetime", "urllib",
        "urllib.parse", "collections", "functools", "contextlib", "tempfile", "signal", "site",
        "sqlite_utils", "filelock", "importlib.util", "os"}


def imported(root: Path, *argv: str) -> set[str]:
    """The modules that a command has loaded when it is done."""
    code = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); sys.argv[0] = {argv[0]!r}\n"
        "import posix, dirserv.command as command\n"
        "posix._exit = lambda status: (print(*sorted(sys.modules), file=sys.stderr), "
        "sys.stderr.flush())\n"
        f"command.main({argv[0]!r})"
    )
    result = subprocess.run([sys.executable, "-I", "-S", "-c", code, *argv[1:]],
                            capture_output=True, text=True, check=True,
                            env={"DIRSERV_ROOT": str(root)})
    loaded = set(result.stderr.split())
    assert "dirserv.command" in loaded
    return loaded


@pytest.mark.parametrize(
    ("argv", "allowed"),
    [
        (("dscl", ".", "-read", "/Users/daemon"), set()),
        (("dscl", ".", "-read", "/Users/daemon", "UniqueID"), set()),
        (("dscl", ".", "-list", "/Users", "UniqueID"), set()),
        (("dscl", ".", "-search", "/Users", "UniqueID", "0"), set()),
        (("dseditgroup", "-o", "checkmember", "-m", "root", "wheel"), set()),
        (("dscl", ".", "-create", "/Users/daemon", "IsHidden", "1"),
         {"_sqlite3"}),
        (("dseditgroup", "-o", "edit", "-a", "daemon", "-t", "user", "wheel"),
         {"_sqlite3"}),
        (("dscacheutil", "-q", "user", "-a", "name", "root"), set()),
        (("dsmemberutil", "checkmembership", "-U", "root", "-G", "wheel"), set()),
    ],
)
def test_the_import_budget(root: Path, argv: tuple[str, ...], allowed: set[str]) -> None:
    with directory(root).change():
        pass  # the copy is taken in first: repairing may import what it needs
    assert (imported(root, *argv) & DEAR) - allowed == set()
