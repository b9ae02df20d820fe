"""The settings file: what it may say, and whose it must be (spec/sandbox.md 0.3, 5.5)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sandbox_stub.settings import Settings, Unusable, load, parse
from tests.sandbox.command.harness import ANYTHING, Installation, outcome
from tests.support import is_root

CONF = "/private/etc/sandbox-exec.conf"
SAY = ("-p", "not a profile", "echo", "ran")


@pytest.mark.parametrize(("text", "mode", "strict"), [
    ("", "passthrough", False),
    ("# mode = enforce\n\n", "passthrough", False),
    ("mode = check\n", "check", False),
    ("mode=check\nstrict=yes", "check", True),
    ("  mode\t=  enforce  \n  strict = no", "enforce", False),
    ("mode = enforce-strict", "enforce-strict", False),
    ("mode = enforce\nmode = check\n", "check", False),
])
def test_text(text: str, mode: str, strict: bool) -> None:
    settings = parse(text)
    assert (settings.mode, settings.strict) == (mode, strict)
    assert settings.enforces is mode.startswith("enforce")


@pytest.mark.parametrize("line", [
    "mode", "mode =", "mode = enforced", "Mode = check", "strict = 1", "moed = enforce",
    "mode = check strict = yes", "=", "= check"])
def test_what_is_not_understood_is_refused(line: str) -> None:
    if line.startswith("="):
        assert parse(line).mode == "passthrough"  # no key, no setting
        return
    with pytest.raises(Unusable, match="line 2: ") as caught:
        parse(f"# first\n{line}\n")
    assert "mode = passthrough|check|enforce|enforce-strict" in str(caught.value)


def test_no_file_is_passthrough(tmp_path: Path) -> None:
    assert load(str(tmp_path)).mode == Settings().mode == "passthrough"


def test_the_environment_does_not_count(installation: Installation) -> None:
    """From the checkout DIRSERV_ROOT names the root; an installed copy knows its own."""
    installation.configure("mode = check\nstrict = yes\n")
    elsewhere = {"PATH": "/usr/bin:/bin", "DIRSERV_ROOT": "/nonexistent", "mode": "passthrough",
                 "sx_root": "/nonexistent", "sx_host": "/x", "sx_plain": "yes", "sx_told": "yes",
                 "sx_wrong": "trace"}
    status, _, err = outcome(installation.run(*SAY, env=elsewhere))
    assert (status, err.splitlines()[0]) == (
        65, "sandbox-exec: unbound variable: a at <input string>, line 1, column 5")


@pytest.mark.parametrize("text", [
    "", "\n# nothing\n", "mode = passthrough\n", "mode=passthrough", "strict = yes\n"])
def test_passthrough_starts_no_python(installation: Installation, text: str) -> None:
    installation.configure(text)
    command = installation.command.read_text()
    broken = command.replace("sx_python=", "sx_python=/nonexistent #")
    installation.command.write_text(broken)
    assert outcome(installation.run(*SAY)) == (0, "ran\n", "")


@pytest.mark.parametrize("text", ["mode = check\n", "nonsense\n", "mode = passthrough x\n"])
def test_without_python_nothing_else_is_run(installation: Installation, text: str) -> None:
    installation.configure(text)
    command = installation.command.read_text()
    installation.command.write_text(command.replace("sx_python=", "sx_python=/nonexistent #"))
    status, out, err = outcome(installation.run(*SAY))
    assert (status, out) == (71, "")
    assert err.splitlines()[-1] == (
        "sandbox-exec: execvp() of '/nonexistent' failed: No such file or directory")


@pytest.mark.parametrize(("text", "said"), [
    ("mode = enforced\n", "line 1: 'mode = enforced' is none of"),
    ("mode = passthrough\nnonsense\n", "line 2: 'nonsense' is none of"),
])
def test_a_faulty_file_stops_everything(
    installation: Installation, text: str, said: str
) -> None:
    installation.configure(text)
    status, out, err = outcome(installation.run(*SAY))
    assert (status, out) == (71, "")
    assert err.startswith(f"sandbox-exec: {CONF}: {said}")


def refusal(installation: Installation, path: str) -> tuple[int, str, str]:
    return 71, "", (f"sandbox-exec: {path}: others than its root's owner may write it, so it "
                    "does not count; set it right with chown and chmod go-w\n")


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o646])
def test_a_file_that_others_may_write(installation: Installation, mode: int) -> None:
    installation.configure("mode = check\n", mode)
    assert outcome(installation.run(*SAY)) == refusal(installation, CONF)


@pytest.mark.parametrize("place", ["private/etc", "private", "."])
def test_a_directory_that_others_may_write(installation: Installation, place: str) -> None:
    installation.configure("mode = check\n")
    (installation.root / place).chmod(0o777)
    shown = "/" if place == "." else f"/{place}"
    assert outcome(installation.run(*SAY)) == refusal(installation, shown)


@pytest.mark.root
def test_a_file_of_somebody_else(installation: Installation) -> None:
    if not is_root():
        pytest.skip("needs root, to give a file away")
    os.chown(installation.configure("mode = check\n"), 65533, 65533)
    assert outcome(installation.run(*SAY)) == refusal(installation, CONF)
    os.chown(installation.root, 65533, 65533)
    assert outcome(installation.run("-p", ANYTHING, "echo", "ran")) == (0, "ran\n", "")


@pytest.mark.parametrize("target", ["elsewhere", "nonexistent"])
def test_a_link_is_refused(installation: Installation, tmp_path: Path, target: str) -> None:
    (tmp_path / "elsewhere").write_text("mode = passthrough\n")
    (installation.etc / "sandbox-exec.conf").symlink_to(tmp_path / target)
    status, out, err = outcome(installation.run(*SAY))
    assert (status, out) == (71, "")
    assert err.startswith(f"sandbox-exec: {CONF}: Too many levels of symbolic links; ")


@pytest.mark.parametrize("make", ["directory", "pipe"])
def test_only_a_plain_file(installation: Installation, make: str) -> None:
    path = installation.etc / "sandbox-exec.conf"
    path.mkdir() if make == "directory" else os.mkfifo(path, 0o644)
    with pytest.raises(Unusable, match="not a plain file"):
        load(str(installation.root))
    shutil.rmtree(installation.etc)


@pytest.mark.root
def test_a_file_that_the_caller_may_not_read(
    installation: Installation, somebody: dict[str, object]
) -> None:
    installation.configure("mode = passthrough\n", 0o600)
    assert outcome(installation.run(*SAY, **somebody)) == (
        71, "", f"sandbox-exec: {CONF}: Permission denied; it must be a plain file that "
                "everybody may read\n")
