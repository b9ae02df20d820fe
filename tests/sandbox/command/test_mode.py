"""darling-dirserv sandbox mode: what it shows, and the file that it leaves (issue 4 section 1)."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from dirserv.admin import main as admin
from sandbox_stub.settings import MODES, load
from tests.prefix.container import Container
from tests.prefix.support import darling, for_others, process
from tests.sandbox.command.harness import Installation, outcome

CONF = "private/etc/sandbox-exec.conf"


@pytest.fixture
def conf(installation: Installation) -> Path:
    """Where the settings lie; there are none yet."""
    return installation.root / CONF


@pytest.fixture
def mode(conf: Path, capsys: pytest.CaptureFixture[str]) -> object:
    """Runs the command on the installation's root."""

    def run(*words: str) -> tuple[int, str, str]:
        try:
            status = admin.main(["sandbox", "mode", *words, "--root", str(conf.parents[2])])
        except SystemExit as wrong:
            status = wrong.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def shown(mode: str, strict: str) -> tuple[int, str, str]:
    """What is said of these settings."""
    return 0, f"mode    {mode}\nstrict  {strict}\n", ""


def test_without_a_file(mode, conf: Path) -> None:
    assert mode() == shown("passthrough", "no")
    assert not conf.exists()


@pytest.mark.parametrize("name", MODES)
def test_every_mode(mode, conf: Path, name: str) -> None:
    assert mode(name) == mode() == shown(name, "no")
    assert [file.name for file in conf.parent.iterdir()] == [conf.name]
    assert stat.S_IMODE(conf.stat().st_mode) == 0o644
    assert (conf.stat().st_uid, conf.stat().st_gid) == (os.geteuid(), os.getegid())
    assert load(str(conf.parents[2])).mode == name


def test_what_is_not_named_stays(mode, conf: Path) -> None:
    conf.write_text("mode = check\nstrict = yes\n")
    assert mode("enforce") == shown("enforce", "yes")
    assert mode("--no-strict") == shown("enforce", "no")
    assert mode("check", "--strict") == shown("check", "yes")
    assert conf.read_text() == "mode = check\nstrict = yes\n"


def test_json(mode) -> None:
    for words in (("enforce-strict", "--json"), ("--json",)):
        status, out, err = mode(*words)
        assert (status, json.loads(out), err) == (
            0, {"mode": "enforce-strict", "strict": False}, "")


def test_sandbox_exec_obeys(mode, installation: Installation) -> None:
    words = ("-p", "not a profile", "echo", "ran")
    assert mode("check", "--strict")[0] == 0
    assert outcome(installation.run(*words))[0] == 65
    assert mode("passthrough")[0] == 0
    assert outcome(installation.run(*words)) == (0, "ran\n", "")


def test_an_unknown_mode(mode, conf: Path) -> None:
    status, out, err = mode("enforced")
    assert (status, out) == (2, "")
    assert err.splitlines()[-1].startswith(
        "darling-dirserv sandbox mode: error: argument MODE: invalid choice: 'enforced'")
    assert not conf.exists()


def test_a_faulty_file_is_said_and_replaced(mode, conf: Path) -> None:
    conf.write_text("mode = enfroce\n")
    said = (2, "", "darling-dirserv: /private/etc/sandbox-exec.conf: line 1: 'mode = enfroce' is "
                   "none of mode = passthrough|check|enforce|enforce-strict, strict = yes|no\n")
    assert mode() == mode("--strict") == said
    assert mode("enforce") == mode() == shown("enforce", "no")


def test_settings_that_would_not_count_are_no_success(mode, conf: Path) -> None:
    conf.parent.chmod(0o777)
    assert mode("enforce") == (
        2, "", "darling-dirserv: /private/etc: others than its root's owner may write it, so it "
               "does not count; set it right with chown and chmod go-w\n")


def test_a_planted_link_is_replaced(mode, conf: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    conf.symlink_to(tmp_path / "mine")
    assert mode("enforce") == shown("enforce", "no")
    assert (tmp_path / "mine").read_text() == "mine"
    assert not conf.is_symlink()


def test_a_directory_that_leads_outside_is_followed_inside(
    mode, conf: Path, tmp_path: Path
) -> None:
    shutil.rmtree(conf.parent)
    (outside := tmp_path / "outside").mkdir()
    conf.parent.symlink_to(outside)
    assert mode("enforce") == (
        2, "", f"darling-dirserv: {conf.parents[2]} has no /private/etc; `darling-dirserv init` "
               "makes it\n")
    assert list(outside.iterdir()) == []


def test_etc_may_be_the_real_directory(mode, conf: Path) -> None:
    conf.parent.rename(conf.parents[2] / "etc")
    conf.parent.symlink_to("../etc")
    assert mode("check") == mode() == shown("check", "no")


@pytest.mark.root
@for_others
def test_root_writes_as_the_owner(mode, conf: Path) -> None:
    for path in (conf.parents[2], conf.parents[1], conf.parent):
        os.chown(path, 1234, 4321)
    assert mode("enforce") == shown("enforce", "no")
    assert (conf.stat().st_uid, conf.stat().st_gid) == (1234, 4321)


def test_others_may_not(mode, conf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert mode("enforce")[0] == 0
    monkeypatch.setenv("DIRSERV_EUID", "501")
    for words, said in (((), shown("enforce", "no")), (("passthrough",), (
            2, "", f"darling-dirserv: only root, or the owner of {conf.parents[2]}, may set the "
                   "sandbox mode\n"))):
        result = process("sandbox", "mode", *words, "--root", str(conf.parents[2]))
        assert (result.returncode, result.stdout, result.stderr) == said
    assert mode() == shown("enforce", "no")


@pytest.mark.root
@for_others
def test_a_running_container_sees_it(everybodys: Path) -> None:
    """It is entered: what the host writes below an overlay is never seen inside."""
    upper, lower = darling(everybodys)
    with Container(upper, lower) as running:
        result = process("sandbox", "mode", "enforce", "--prefix", str(upper))
        assert (result.returncode, result.stdout, result.stderr) == shown("enforce", "no")
        assert "mode = enforce\n" in running.inside(f"cat {CONF}").stdout
