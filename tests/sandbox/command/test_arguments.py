"""The command line: options, texts and statuses (spec/sandbox.md 2.1, 2.2), however it is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox_stub.commandline import USAGE
from tests.sandbox.command.harness import ANYTHING, Installation, outcome

SAY = ("sh", "-c", "echo ran")
RAN = (0, "ran\n", "")
PROFILE = ("-p", ANYTHING)


@pytest.mark.parametrize("words", [
    (*PROFILE, *SAY),
    (*PROFILE, "--", *SAY),
    ("-p" + ANYTHING, *SAY),
    (*PROFILE, "-D", "A=b", *SAY),
    ("-DA=b=c", "-D", "A=", *PROFILE, "-D", "=", *SAY),
    ("-f", "/dev/null", *SAY),
    ("-f/dev/null", "--", *SAY),
    ("-p", "not even a profile", *SAY),
    (*PROFILE, "/bin/sh", "-c", "echo ran"),
], ids=" ".join)
def test_accepted(anyhow: Installation, words: tuple[str, ...]) -> None:
    assert outcome(anyhow.run(*words)) == RAN


@pytest.mark.parametrize(("words", "said"), [
    ((), ""),
    (("-h",), "illegal option -- h"),
    (("--help",), "illegal option -- -"),
    (("-:",), "illegal option -- :"),
    (("-c", *PROFILE, *SAY), "illegal option -- c"),
    ((*PROFILE, "-dx", *SAY), "illegal option -- d"),
    (("-p",), "option requires an argument -- p"),
    ((*PROFILE, "-D"), "option requires an argument -- D"),
    (("-hp", ANYTHING), "illegal option -- h"),
    (SAY, ""),
    (PROFILE, ""),
    ((*PROFILE, "--"), ""),
    ((*PROFILE, *PROFILE, *SAY), ""),
    ((*PROFILE, "-f", "/dev/null", *SAY), ""),
    (("-n", "no-write", *PROFILE, *SAY), ""),
    ((*PROFILE, "-D", "A", *SAY), ""),
], ids=str)
def test_usage(anyhow: Installation, words: tuple[str, ...], said: str) -> None:
    complaint = f"{anyhow.command}: {said}\n" if said else ""
    assert outcome(anyhow.run(*words)) == (64, "", complaint + USAGE)


def test_options_end_at_the_command(anyhow: Installation) -> None:
    assert outcome(anyhow.run(*PROFILE, "echo", "-p", "-h", "--")) == (0, "-p -h --\n", "")


def test_nothing_is_traced(anyhow: Installation, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    assert outcome(anyhow.run("-t", str(trace), *PROFILE, *SAY)) == (
        0, "ran\n",
        "sandbox-exec: warning: nothing is traced here, the option -t has no effect\n")
    assert not trace.exists()
    assert outcome(anyhow.run("-t", "x", "-n", "no-write", *SAY)) == (
        64, "", "sandbox-exec: tracing isn't implemented for named profiles; "
                "use -f or -p to specify a profile\n")


@pytest.mark.parametrize("name", [
    "no-internet", "no-network", "no-write", "no-write-except-temporary", "pure-computation"])
def test_named_profile(anyhow: Installation, name: str) -> None:
    assert outcome(anyhow.run("-n", name, *SAY)) == (
        0, "ran\n", f"sandbox-exec: The {name} profile is deprecated and may not be secure\n")


@pytest.mark.parametrize("place", ["usr/share/sandbox", "System/Library/Sandbox/Profiles"])
def test_named_profile_of_the_root(anyhow: Installation, place: str) -> None:
    own = anyhow.root / place / "own.sb"
    own.parent.mkdir(parents=True)
    own.write_text(ANYTHING)
    assert outcome(anyhow.run("-n", "own", *SAY)) == (
        0, "ran\n", "sandbox-exec: The own profile is deprecated and may not be secure\n")


@pytest.mark.parametrize("name", ["nonsense", "", "/dev/null", "../../../../dev/null"])
def test_unknown_name(anyhow: Installation, name: str) -> None:
    assert outcome(anyhow.run("-n", name, *SAY)) == (
        65, "", f"sandbox-exec: {name}: profile not found\n")


@pytest.mark.parametrize(("path", "why"), [
    ("/nonexistent.sb", "No such file or directory"),
    ("nonexistent.sb", "No such file or directory"),
    ("", "No such file or directory"),
    ("/dev/null/x.sb", "Not a directory"),
    ("/etc", "Is a directory"),
])
def test_profile_that_cannot_be_read(anyhow: Installation, path: str, why: str) -> None:
    assert outcome(anyhow.run("-f", path, *SAY)) == (65, "", f"sandbox-exec: {path}: {why}\n")


@pytest.mark.root
@pytest.mark.parametrize("path", ["closed.sb", "closed/x.sb"])
def test_profile_without_permission(
    anyhow: Installation, tmp_path: Path, path: str, somebody: dict[str, object]
) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "closed.sb").touch(mode=0)
    file = f"{tmp_path}/{path}"
    assert outcome(anyhow.run("-f", file, *SAY, **somebody)) == (
        65, "", f"sandbox-exec: {file}: Permission denied\n")


def test_relative_profile_starts_from_the_working_directory(
    anyhow: Installation, tmp_path: Path
) -> None:
    (tmp_path / "own.sb").write_text(ANYTHING)
    assert outcome(anyhow.run("-f", "own.sb", *SAY, cwd=tmp_path)) == RAN
