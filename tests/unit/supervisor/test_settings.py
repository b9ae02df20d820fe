"""config, limit and setenv: what jobs are given that say nothing themselves."""

from __future__ import annotations

import plistlib
import resource
from pathlib import Path

import pytest

from launchd_shim.job import STANDARD_PATH
from launchd_shim.supervisor.settings import DIRECTORY, LIMITS, Settings
from tests.support import run
from tests.unit.supervisor.harness import Launchd, until

SHOW = 'echo "$PATH"; umask; ulimit -Sn; ulimit -Hn'


def configure(root: Path, **content: object) -> None:
    """Write config's file of the system domain."""
    file = root / DIRECTORY / "system.plist"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(plistlib.dumps(content))


@pytest.mark.parametrize(("content", "path", "umask"), [
    ({}, STANDARD_PATH, None),
    ({"Umask": 0o27, "PathEnvironmentVariable": "/a:/b"}, "/a:/b", 0o27),
    ({"Umask": 0o1000, "PathEnvironmentVariable": 7}, STANDARD_PATH, None),
    ({"Umask": True, "PathEnvironmentVariable": "/a\tb"}, "/a\tb", None),
    ({"Umask": "22"}, STANDARD_PATH, None),
])
def test_what_config_says(tmp_path: Path, content: dict, path: str, umask: int | None) -> None:
    configure(tmp_path, **content)
    settings = Settings(str(tmp_path), {})
    assert (settings.path("system"), settings.umask("system")) == (path, umask)
    assert (settings.path("gui/501"), settings.umask("gui/501")) == (STANDARD_PATH, None)


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"<plist><array/></plist>", b"bplist00"])
def test_damaged_configuration_counts_for_nothing(tmp_path: Path, damage: bytes) -> None:
    configure(tmp_path)
    (tmp_path / DIRECTORY / "system.plist").write_bytes(damage)
    assert Settings(str(tmp_path), {}).path("system") == STANDARD_PATH


def test_limits_are_the_hosts_until_they_are_set() -> None:
    settings = Settings("/nowhere", {})
    assert settings.shown() == {
        name: list(resource.getrlimit(number)) for name, (_, number) in LIMITS.items()}
    settings.limit("maxfiles", 64, 128)
    assert settings.shown()["maxfiles"] == [64, 128]
    assert settings.inherited(hard=False) == {"numberoffiles": 64}
    assert settings.inherited(hard=True) == {"numberoffiles": 128}


@pytest.mark.parametrize(("soft", "hard"), [(2, 1), (-1, 1), (-2, 1), (1, 1 << 63)])
def test_limits_that_make_no_sense(soft: int, hard: int) -> None:
    with pytest.raises(ValueError):
        Settings("/nowhere", {}).limit("maxfiles", soft, hard)


def test_config_and_limit_as_whole_commands(launchd: Launchd) -> None:
    """They are there for the next supervisor, and print shows the PATH."""
    configure(launchd.root, Umask=0o77, PathEnvironmentVariable="/opt/bin:/bin:/usr/bin")
    for words, err, status in (
        (("maxfiles", "64", "128"), "", 0),
        (("maxfiles", "3", "2"), "Could not set resource limits: 22: Invalid argument\n", 22),
        (("maxproc", "unlimited", "9"), "Could not set resource limits: 22: Invalid argument\n",
         22),
    ):
        done = run(launchd.root, "launchctl", "limit", *words)
        assert (done.stdout, done.stderr, done.returncode) == ("", err, status)
    launchd.die()
    launchd.start()
    shown = run(launchd.root, "launchctl", "limit", "maxfiles")
    assert shown.stdout == "\tmaxfiles    64             128            \n"
    assert launchd.load("given", SHOW, RunAtLoad=True, StandardOutPath="/private/out") == 0
    out = launchd.root / "private/out"
    until(lambda: out.exists() and len(out.read_text().split()) == 4)
    assert out.read_text().split() == ["/opt/bin:/bin:/usr/bin", "0077", "64", "128"]
    assert "\t\tPATH => /opt/bin:/bin:/usr/bin\n" in run(
        launchd.root, "launchctl", "print", "system/given").stdout


def test_a_jobs_own_values_win(launchd: Launchd) -> None:
    configure(launchd.root, Umask=0o77, PathEnvironmentVariable="/opt/bin")
    launchd.die()
    launchd.start()
    assert launchd.ask("setlimit", name="maxfiles", soft=64, hard=128) == {"error": 0}
    assert launchd.load("own", SHOW, RunAtLoad=True, StandardOutPath="/private/out", Umask=0o27,
                        EnvironmentVariables={"PATH": "/bin"},
                        SoftResourceLimits={"NumberOfFiles": 100},
                        HardResourceLimits={"NumberOfFiles": 100}) == 0
    out = launchd.root / "private/out"
    until(lambda: out.exists() and len(out.read_text().split()) == 4)
    assert out.read_text().split() == ["/bin", "0027", "100", "100"]


@pytest.mark.parametrize("request_", [
    {"name": "nonsense", "soft": 1, "hard": 1}, {"name": "cpu", "soft": "x", "hard": 1},
    {"name": "cpu"}, {"name": "maxfiles", "soft": 10**30, "hard": 10**30},
])
def test_bad_limits_are_refused(launchd: Launchd, request_: dict) -> None:
    assert launchd.ask("setlimit", **request_) == {"error": 22}
    assert launchd.load("x", "exit 0") == 0
    assert launchd.ask("kill", label="x", signal=10**30)["error"] in (3, 22)


def test_bringup_time_is_measured(launchd: Launchd) -> None:
    shown = run(launchd.root, "launchctl", "print", "system").stdout
    line = next(line for line in shown.splitlines() if "bringup time" in line)
    assert 0 <= int(line.split()[3]) < 20_000
    assert launchd.ask("domain")["domain"]["bringup_ms"] == int(line.split()[3])
