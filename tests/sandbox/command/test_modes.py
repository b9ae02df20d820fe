"""The modes: what happens to the profile, to the command, and what the log says (spec 5.5, 5.6)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from sandbox_stub.linux.probe import probe
from tests.sandbox.command.harness import ANYTHING, Installation, outcome

SAY = ("/bin/sh", "-c", "echo ran")
RAN = (0, "ran\n", "")
BAD = "(version 1)(allow default)(bogus-op)"
BAD_SAID = ("sandbox-exec: unbound variable: bogus-op at <input string>, line 1, column 28\n\n"
            "Backtrace: \n<input string>:1:28:\n\tbogus-op\n\n")
#: Attributes of a file are beyond any means when only a part of them is denied.
LOOSE = '(version 1)(allow default)(deny file-write-times (subpath "/usr/share"))'


def entries(installation: Installation) -> list[dict[str, Any]]:
    return [json.loads(line) for file in sorted(installation.log.glob("*.log"))
            for line in file.read_text().splitlines()]


@pytest.fixture
def enforcing(installation: Installation) -> Installation:
    if not probe().abi:
        pytest.skip("this kernel has no Landlock")
    installation.configure("mode = enforce\n")
    return installation


def test_passthrough_logs_nothing(installation: Installation) -> None:
    assert outcome(installation.run("-p", BAD, *SAY)) == RAN
    assert not installation.log.exists()


@pytest.mark.parametrize(("settings", "expected"), [
    ("mode = check\n", RAN),
    ("mode = check\nstrict = no\n", RAN),
    ("mode = check\nstrict = yes\n", (65, "", BAD_SAID)),
    ("mode = enforce\n", (65, "", BAD_SAID)),
    ("mode = enforce-strict\nstrict = no\n", (65, "", BAD_SAID)),
])
def test_a_profile_that_does_not_compile(
    installation: Installation, settings: str, expected: tuple[int, str, str]
) -> None:
    installation.configure(settings)
    assert outcome(installation.run("-p", "(version 1)" + BAD[11:], *SAY)) == expected


def test_the_log_says_why_it_does_not_compile(installation: Installation, tmp_path: Path) -> None:
    installation.configure("mode = check\nstrict = yes\n")
    profile = tmp_path / "own.sb"
    profile.write_text("(version 1)\n(deny (nonsense))")
    result = installation.run("-f", str(profile), "-D", "SECRET=x y", *SAY)
    shown = profile.resolve()
    assert result.stderr.decode().startswith(
        f"sandbox-exec: unbound variable: nonsense at {shown}, line 2, column 8\n")
    (entry,) = entries(installation)
    assert entry["profile"] == str(shown)
    assert entry["parameters"] == ["SECRET"]
    assert entry["error"] + "\n" == result.stderr.decode().removeprefix("sandbox-exec: ")
    assert "x y" not in json.dumps(entry)


def test_check_confines_nothing_and_says_what_would_be(
    installation: Installation, tmp_path: Path
) -> None:
    installation.configure("mode = check\n")
    profile = "(version 1)(deny default)"
    assert outcome(installation.run("-p", profile, "sh", "-c", f"echo x >{tmp_path}/x")) == (
        0, "", "")
    (entry,) = entries(installation)
    assert (entry["mode"], entry["command"], entry["profile"]) == (
        "check", "sh", "<input string>")
    assert {finding["reason"] for finding in entry["findings"]} >= {"mach-userspace"}
    assert set(entry["upheld"]) == {"read", "write", "network", "signal"}


def test_the_log_is_for_its_writer_only(installation: Installation) -> None:
    installation.configure("mode = check\n")
    for _ in range(2):
        assert outcome(installation.run("-p", ANYTHING, *SAY)) == RAN
    (file,) = installation.log.iterdir()
    assert (file.stat().st_mode & 0o7777, len(entries(installation))) == (0o600, 2)
    assert installation.log.stat().st_mode & 0o7777 == 0o1733


@pytest.mark.parametrize("obstacle", ["no directory", "a file", "a link"])
def test_a_log_that_cannot_be_written_stops_nobody(
    installation: Installation, tmp_path: Path, obstacle: str
) -> None:
    installation.configure("mode = check\n")
    if obstacle == "no directory":
        installation.log.parent.rmdir()
    elif obstacle == "a file":
        installation.log.touch()
    else:
        installation.log.mkdir()
        (installation.log / f"{os.geteuid()}.log").symlink_to(tmp_path / "victim")
    assert outcome(installation.run("-p", ANYTHING, *SAY)) == RAN
    assert not (tmp_path / "victim").exists()


@pytest.mark.root
def test_everybody_logs_for_himself(
    installation: Installation, somebody: dict[str, object]
) -> None:
    """Nobody may put a file in another's place, either."""
    installation.configure("mode = check\n")
    installation.run("-p", ANYTHING, *SAY)
    installation.run("-p", ANYTHING, *SAY, **somebody)
    assert sorted(file.name for file in installation.log.iterdir()) == ["0.log", "65533.log"]
    (installation.log / "0.log").unlink()
    planted = f"(umask 0; : >'{installation.log}/0.log')"
    assert installation.run("-p", ANYTHING, "sh", "-c", planted, **somebody).returncode == 0
    installation.run("-p", ANYTHING, *SAY)
    assert (installation.log / "0.log").read_text() == ""


def test_enforced(enforcing: Installation, tmp_path: Path) -> None:
    profile = f'(version 1)(allow default)(deny file-write* (subpath "{tmp_path}"))'
    status, out, err = outcome(enforcing.run(
        "-p", profile, "sh", "-c", f"echo x >{tmp_path}/x; echo $?"))
    assert (status, out) == (0, "2\n")
    assert f"cannot create {tmp_path}/x" in err
    assert not (tmp_path / "x").exists()


def test_a_descendant_is_confined_too(enforcing: Installation, tmp_path: Path) -> None:
    profile = f'(version 1)(allow default)(deny file-write* (subpath "{tmp_path}"))'
    script = f"sh -c 'sh -c \"echo x >{tmp_path}/x\"'"
    assert enforcing.run("-p", profile, "sh", "-c", script).returncode != 0
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("word", ["/bin/echo", "echo"])
def test_a_command_that_may_not_be_executed(enforcing: Installation, word: str) -> None:
    assert outcome(enforcing.run("-p", "(version 1)(deny default)", word)) == (
        71, "", f"sandbox-exec: execvp() of '{word}' failed: Operation not permitted\n")
    assert outcome(enforcing.run("-p", "(version 1)(deny default)", "/nonexistent")) == (
        71, "", "sandbox-exec: execvp() of '/nonexistent' failed: No such file or directory\n")


def test_enforced_named_profile(enforcing: Installation, tmp_path: Path) -> None:
    status, out, err = outcome(enforcing.run(
        "-n", "no-write", "sh", "-c", f"echo x >{tmp_path}/x; echo $?"))
    assert (status, out) == (0, "2\n")
    assert err.startswith(
        "sandbox-exec: The no-write profile is deprecated and may not be secure\n")


def test_strict_refuses_what_cannot_be_upheld(enforcing: Installation) -> None:
    assert outcome(enforcing.run("-p", LOOSE, *SAY)) == RAN
    enforcing.configure("mode = enforce-strict\n")
    status, out, err = outcome(enforcing.run("-p", LOOSE, *SAY))
    if status == 0:
        pytest.skip("this kernel upholds it")
    assert (status, out) == (71, "")
    assert err.startswith("sandbox-exec: sandbox_apply: (deny file-write-times ")
    assert err.count("\n") == 1
    assert entries(enforcing)[-1]["refused"] + "\n" == err.removeprefix(
        "sandbox-exec: sandbox_apply: ")
    assert outcome(enforcing.run("-p", ANYTHING, *SAY)) == RAN


@pytest.mark.parametrize("rule", [
    '(deny file-link (subpath "/usr"))', "(deny pseudo-tty)", '(deny file-read* (xattr "x"))',
    '(deny network-outbound (remote ip "localhost:80"))', '(deny process-fork (process-name "x"))',
])
def test_strict_refuses_what_nothing_looks_at(enforcing: Installation, rule: str) -> None:
    profile = "(version 1)(allow default)" + rule
    assert outcome(enforcing.run("-p", profile, *SAY)) == RAN
    enforcing.configure("mode = enforce-strict\n")
    status, out, err = outcome(enforcing.run("-p", profile, *SAY))
    assert (status, out) == (71, "")
    assert err.startswith(f"sandbox-exec: sandbox_apply: {rule} is ")


@pytest.mark.parametrize("path", ["/a" * 2000, "/a\\x00b", "/" + "a" * 5000])
def test_a_path_that_cannot_be(enforcing: Installation, path: str) -> None:
    profile = f'(version 1)(allow default)(deny file-read* (subpath "{path}"))'
    assert outcome(enforcing.run("-p", profile, *SAY)) == RAN


def test_only_privileges_that_can_be_lost(enforcing: Installation) -> None:
    """no_new_privs always (spec 5.3)."""
    status = "grep NoNewPrivs /proc/self/status"
    assert outcome(enforcing.run("-p", ANYTHING, "sh", "-c", status)) == (
        0, "NoNewPrivs:\t1\n", "")
