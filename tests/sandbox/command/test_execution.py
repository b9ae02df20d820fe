"""How the command is found and started, and what it says when it cannot be (spec 2.1, 2.2)."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.sandbox.command.harness import ANYTHING, Installation, outcome

PROFILE = ("-p", ANYTHING)


def failed(word: str, why: str) -> tuple[int, str, str]:
    return 71, "", f"sandbox-exec: execvp() of '{word}' failed: {why}\n"


def program(path: Path, text: str = "#!/bin/sh\necho $0\n", mode: int = 0o755) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(("word", "why"), [
    ("/nonexistent", "No such file or directory"),
    ("nonexistent", "No such file or directory"),
    ("", "No such file or directory"),
    ("./nonexistent", "No such file or directory"),
    ("/dev/null/x", "Not a directory"),
    ("/etc", "Permission denied"),
    ("/dev/null", "Permission denied"),
    ("-", "No such file or directory"),
])
def test_cannot_be_executed(anyhow: Installation, word: str, why: str) -> None:
    assert outcome(anyhow.run(*PROFILE, "--", word, "x")) == failed(word, why)


def test_the_callers_path_is_searched(anyhow: Installation, tmp_path: Path) -> None:
    """A file that may not be executed is remembered, and the search goes on (execvp(3))."""
    program(tmp_path / "first/tool", mode=0o644)
    second = program(tmp_path / "second/tool")
    environment = {"PATH": f"/nonexistent:{tmp_path}/first:{tmp_path}/second:/usr/bin:/bin"}
    assert outcome(anyhow.run(*PROFILE, "tool", env=environment)) == (0, f"{second}\n", "")
    environment = {"PATH": f"{tmp_path}/first:/nonexistent"}
    assert outcome(anyhow.run(*PROFILE, "tool", env=environment)) == failed(
        "tool", "Permission denied")


def test_an_empty_part_of_path_is_the_working_directory(
    anyhow: Installation, tmp_path: Path
) -> None:
    program(tmp_path / "tool")
    for path in ("", "/nonexistent:", ":/nonexistent"):
        result = anyhow.run(*PROFILE, "tool", env={"PATH": path}, cwd=tmp_path)
        assert outcome(result)[0] == 0, path


def test_only_programs_and_no_shell_words(anyhow: Installation) -> None:
    for word in ("cd", "exec", "if", "sx_fail"):
        assert outcome(anyhow.run(*PROFILE, word)) == failed(word, "No such file or directory")


def test_a_word_that_begins_with_a_dash(anyhow: Installation, tmp_path: Path) -> None:
    program(tmp_path / "-tool", "#!/bin/sh\necho ran $*\n")
    assert outcome(anyhow.run(*PROFILE, "--", "-tool", "a", env={"PATH": str(tmp_path)})) == (
        0, "ran a\n", "")


def test_a_text_without_interpreter_line_is_the_shells(
    anyhow: Installation, tmp_path: Path
) -> None:
    file = program(tmp_path / "plain", 'echo "$0|$#|$1|$2"; exit 9\n')
    assert outcome(anyhow.run(*PROFILE, str(file), "", "b c")) == (9, f"{file}|2||b c\n", "")
    assert outcome(anyhow.run(*PROFILE, "plain", "", "b c", env={"PATH": str(tmp_path)})) == (
        9, f"{file}|2||b c\n", "")


def test_missing_interpreter(anyhow: Installation, tmp_path: Path) -> None:
    """A shell says so in its own words first; status and last line are those of macOS."""
    file = program(tmp_path / "orphan", "#!/nonexistent/interpreter\n")
    status, out, err = outcome(anyhow.run(*PROFILE, str(file)))
    assert (status, out) == (71, "")
    expected = f"sandbox-exec: execvp() of '{file}' failed: No such file or directory\n"
    assert err.splitlines(keepends=True)[-1] == expected
    assert len(err.splitlines()) <= 2


@pytest.mark.root
def test_no_permission_for_a_directory_of_the_path(
    anyhow: Installation, tmp_path: Path, somebody: dict[str, object]
) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    path = f"{tmp_path}/closed/tool"
    assert outcome(anyhow.run(*PROFILE, path, **somebody)) == failed(path, "Permission denied")
    environment = {"PATH": f"{tmp_path}/closed:/nonexistent"}
    assert outcome(anyhow.run(*PROFILE, "tool", env=environment, **somebody)) == failed(
        "tool", "Permission denied")


@pytest.mark.parametrize("word", ["/bin/sh", "sh"])
def test_argv0_is_the_word_as_given(anyhow: Installation, word: str) -> None:
    assert outcome(anyhow.run(*PROFILE, word, "-c", "tr '\\0' ' ' </proc/$$/cmdline"))[1] == (
        f"{word} -c tr '\\0' ' ' </proc/$$/cmdline ")


def test_it_is_the_same_process(anyhow: Installation) -> None:
    command = [anyhow.command, *PROFILE, "/bin/sh", "-c", "echo $$ $PPID"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = process.communicate(timeout=60)[0]
    assert said.split() == [str(process.pid), str(os.getpid())]


@pytest.mark.parametrize("code", [0, 1, 7, 64, 127, 255])
def test_status_is_the_commands(anyhow: Installation, code: int) -> None:
    assert outcome(anyhow.run(*PROFILE, "sh", "-c", f"exit {code}")) == (code, "", "")


@pytest.mark.parametrize("name", ["TERM", "KILL", "PIPE", "INT"])
def test_signals_are_the_commands(anyhow: Installation, name: str) -> None:
    assert anyhow.run(*PROFILE, "sh", "-c", f"kill -{name} $$").returncode == -signal.Signals[
        f"SIG{name}"]
