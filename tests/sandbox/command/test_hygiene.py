"""What reaches the command unchanged from a hostile or odd surrounding (spec/sandbox.md 7.5)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.command.harness import ANYTHING, Installation, outcome

PROFILE = ("-p", ANYTHING)
#: What a shell sets for itself, and hands on if it was given it.
SHELLS_OWN = {b"PWD", b"OLDPWD", b"SHLVL", b"_"}
DUMP = "import os, sys; sys.stdout.buffer.write(open('/proc/self/environ', 'rb').read())"


def environment_after(installation: Installation, given: dict[str, str]) -> dict[bytes, bytes]:
    result = installation.run(*PROFILE, sys.executable, "-I", "-S", "-c", DUMP, env=given)
    assert result.returncode == 0, result.stderr
    pairs = (entry.split(b"=", 1) for entry in result.stdout.split(b"\0") if entry)
    return {name: value for name, value in pairs if name not in SHELLS_OWN}


HOSTILE = {
    "PATH": "/path-not-set", "HOME": "/homeless-shelter", "PYTHONPATH": "/shadow",
    "PYTHONHOME": "/nowhere", "PYTHONSTARTUP": "/nowhere", "PYTHONUNBUFFERED": "1",
    "PYTHONMALLOC": "nonsense", "LD_LIBRARY_PATH": "/nowhere", "ENV": "/nowhere",
    "BASH_ENV": "/nowhere", "LC_ALL": "xx_YY.nonsense", "root": "r", "mode": "m", "value": "v",
    "name": "n", "key": "k", "sx_mode": "enforce", "out": "/nix/store/x", "args": "a b\nc\td ",
    "CDPATH": "/", "DIRSERV_ROOT": "/nonexistent", "bytes": os.fsdecode(b"\xff\xfe"),
}


def test_environment_is_passed_on(anyhow: Installation) -> None:
    expected = {os.fsencode(name): os.fsencode(value) for name, value in HOSTILE.items()}
    assert environment_after(anyhow, HOSTILE) == expected


def test_nothing_is_added_to_an_empty_environment(anyhow: Installation) -> None:
    """Python adds LC_CTYPE to its own when there is no locale."""
    assert environment_after(anyhow, {}) == {}


@pytest.mark.parametrize("name", ["exec", "printf", "[", "command", "read", "trap"])
def test_functions_of_the_environment_are_not_called(anyhow: Installation, name: str) -> None:
    planted = {"PATH": "/usr/bin:/bin", f"BASH_FUNC_{name}%%": "() { echo planted; }",
               f"BASH_FUNC_{name}()": "() { echo planted; }", "SHELLOPTS": "noexec",
               "BASHOPTS": "extdebug"}
    assert outcome(anyhow.run(*PROFILE, "/bin/echo", "ran", env=planted)) == (0, "ran\n", "")


def test_python_modules_of_the_surroundings_are_not_loaded(
    anyhow: Installation, tmp_path: Path
) -> None:
    for name in ("os", "re", "site", "sandbox_stub", "_signal", "encodings", "stat"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('planted')")
    planted = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path)}
    result = anyhow.run(*PROFILE, "/bin/echo", "ran", env=planted, cwd=tmp_path)
    assert outcome(result) == (0, "ran\n", "")


@pytest.mark.parametrize("words", [
    ("",), ("", "", ""), ("a\nb\n", "\t", " "),
    ("*", "$HOME", "`id`", "'", '"', "\\"), ("-p", "--"),
    ("x" * 100_000,), (os.fsdecode(b"\xff\x80"),),
], ids=["empty", "three empty", "blanks", "shell's", "options", "long", "bytes"])
def test_arguments_are_passed_on(anyhow: Installation, words: tuple[str, ...]) -> None:
    result = anyhow.run(*PROFILE, "printf", "%s\\0", *words)
    assert result.stdout.split(b"\0")[:-1] == [os.fsencode(word) for word in words]
    assert (result.returncode, result.stderr) == (0, b"")


def test_the_longest_argument_that_linux_passes(anyhow: Installation) -> None:
    """131071 bytes and a NUL; more is refused by the kernel before we are started."""
    longest = (ANYTHING + ";" + "x" * 131_072)[:131_071]
    assert outcome(anyhow.run("-p", longest, "echo", "ran")) == (0, "ran\n", "")
    assert outcome(anyhow.run("-p" + longest[:-2], "echo", "ran")) == (0, "ran\n", "")
    with pytest.raises(OSError, match="Argument list too long"):
        anyhow.run("-p", longest + "x", "echo", "ran")


def opened(*numbers: int) -> Callable[[], None]:
    """For a child: let these descriptors be what standard output is."""
    def open_them() -> None:
        for number in numbers:
            os.dup2(1, number)
    return open_them


def test_descriptors_are_inherited_and_none_is_added(anyhow: Installation) -> None:
    """Shells and Python use numbers from 3, 10 and 255 on for themselves."""
    numbers = "cd /proc/self/fd; echo *"
    options = {"preexec_fn": opened(3, 9, 10, 11, 255), "close_fds": False}
    plain = subprocess.run(["sh", "-c", numbers], stdin=subprocess.DEVNULL, capture_output=True,
                           check=True, cwd="/", **options)
    assert outcome(anyhow.run(*PROFILE, "sh", "-c", numbers, **options)) == (
        0, plain.stdout.decode(), "")


@pytest.mark.parametrize("closed", [0, 1])
def test_closed_standard_streams_stay_closed(anyhow: Installation, closed: int) -> None:
    check_closed(anyhow, closed)


def test_a_closed_standard_error_stays_closed(installation: Installation) -> None:
    """bash leaves the script that it reads in its place."""
    check_closed(installation, 2)


def check_closed(installation: Installation, closed: int) -> None:
    state = "for n in 0 1 2; do [ -e /proc/$$/fd/$n ] || echo $n >&9; done"

    def close() -> None:
        opened(9)()
        os.close(closed)

    result = installation.run(*PROFILE, "sh", "-c", state, preexec_fn=close, close_fds=False)
    assert (result.returncode, result.stdout.decode()) == (0, f"{closed}\n")


def test_working_directory_and_umask(anyhow: Installation, tmp_path: Path) -> None:
    result = anyhow.run(*PROFILE, "sh", "-c", "pwd -P; umask", cwd=tmp_path, umask=0o027)
    assert outcome(result) == (0, f"{tmp_path.resolve()}\n0027\n", "")


def test_a_working_directory_that_is_gone(anyhow: Installation, tmp_path: Path) -> None:
    """The shell may complain of it; the command runs all the same."""
    gone = tmp_path / "gone"
    gone.mkdir()
    script = 'rmdir "$1"; shift; exec "$@"'
    result = subprocess.run(["/bin/sh", "-c", script, "sh", gone, anyhow.command, *PROFILE,
                             "/bin/echo", "ran"], cwd=gone, capture_output=True, check=False)
    assert (result.returncode, result.stdout) == (0, b"ran\n")
    assert all(b"getcwd" in line for line in result.stderr.splitlines())


@pytest.mark.parametrize("ignored", [
    set(), {signal.SIGPIPE}, {signal.SIGXFSZ}, {signal.SIGINT, signal.SIGHUP},
    {signal.SIGPIPE, signal.SIGXFSZ, signal.SIGQUIT}], ids=str)
def test_signal_dispositions(anyhow: Installation, ignored: set[signal.Signals]) -> None:
    def ignore() -> None:
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)

    result = anyhow.run(*PROFILE, "sed", "-n", "s/^SigIgn:.//p", "/proc/self/status",
                        preexec_fn=ignore, restore_signals=True)  # noqa: PLW1509 - no threads
    mask = sum(1 << (number - 1) for number in ignored)
    # GNU make leaves the two signals that glibc has for itself ignored in its children.
    assert int(result.stdout, 16) & ~(0b11 << 31) == mask


def test_standard_input_is_the_commands(anyhow: Installation, tmp_path: Path) -> None:
    file = tmp_path / "input"
    file.write_text("one\ntwo\n")
    with file.open("rb") as stream:
        assert outcome(anyhow.run(*PROFILE, "cat", stdin=stream)) == (0, "one\ntwo\n", "")
