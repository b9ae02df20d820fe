"""error, help, version, manager…, the environment, limits, config, and what has no meaning."""

from __future__ import annotations

import plistlib
import re
from pathlib import Path

import pytest

from launchd_shim.launchctl.main import _function
from launchd_shim.launchctl.subcommands import GONE, SUBCOMMANDS
from tests.support import is_root
from tests.unit.launchctl.conftest import Launchctl
from tests.unit.launchctl.fake import FakeLaunchd

NAMES = [name for name, *_ in SUBCOMMANDS]


def test_help(launchctl: Launchctl) -> None:
    out, err, status = launchctl("help")
    assert (err, status) == ("", 0)
    assert out.startswith("Usage: launchctl <subcommand> ... | help [subcommand]\n")
    rows = re.findall(r"^\t([a-z-]+) +[A-Z].*\.$", out, re.MULTILINE)
    assert rows == NAMES
    assert max(map(len, out.splitlines())) <= 100
    assert launchctl("--help") == (out, "", 0)
    assert launchctl() == (out, "", 1)
    assert launchctl("frobnicate", "x") == (out, "Unrecognized subcommand: frobnicate\n", 1)
    assert launchctl("") == (out, "Unrecognized subcommand: \n", 1)


@pytest.mark.parametrize(("name", "line"), [
    ("kickstart", "Usage: launchctl kickstart [-k] [-p] <service-target>"),
    ("list", "Usage: launchctl list [service-name]"),
    ("managerpid", "Usage: launchctl managerpid"),
    ("setenv", "Usage: launchctl setenv <<key> <value>, ...>"),
])
def test_help_of_a_subcommand(launchctl: Launchctl, name: str, line: str) -> None:
    assert launchctl("help", name) == ("", line + "\n", 0)


def test_help_of_an_unknown_subcommand(launchctl: Launchctl) -> None:
    assert launchctl("help", "x") == ("", "Usage: launchctl help <subcommand>\n", 64)


def test_every_subcommand_is_somewhere() -> None:
    assert [name for name, place, *_ in SUBCOMMANDS if place and not callable(_function(place))
            ] == []
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize(("name", "status"), [
    *((name, 116) for name, place, *_ in SUBCOMMANDS if not place),
    *((name, 78) for name in sorted(GONE)),
])
def test_what_has_no_meaning_here(launchctl: Launchctl, name: str, status: int) -> None:
    assert launchctl(name, "x") == ("", "Command is not yet implemented.\n", status)


@pytest.mark.parametrize(("words", "out"), [
    (("113",), "113: Could not find specified service\n"),
    (("0",), "0: Undefined error: 0\n"),
    (("37",), "37: Operation already in progress\n"),
    (("0x25",), "37: Operation already in progress\n"),
    (("045",), "37: Operation already in progress\n"),
    (("posix", "5"), "5: Input/output error\n"),
    (("bootstrap", "1102"), "1102: Unknown service name\n"),
    (("1100",), "1100: Permission denied\n"),
    (("161",), "161: unknown error code\n"),
    (("x",), "0: Undefined error: 0\n"),
    (("mach", "5"), "0x5: (os/kern) failure\nsystem = 0x0\nsubsystem = 0x0\ncode = 0x5\n"),
    (("0x10000003",), "0x10000003: (ipc/send) invalid destination port\n"
                      "system = 0x4\nsubsystem = 0x0\ncode = 0x3\n"),
    (("-1",), "4294967295: unknown error code\n"),
    (("9" * 5000,), None),
])
def test_error(launchctl: Launchctl, words: tuple[str, ...], out: str | None) -> None:
    given = launchctl("error", *words)
    assert given[1:] == ("", 0)
    assert out is None or given[0] == out


@pytest.mark.parametrize("words", [(), ("posix",), ("mach",)])
def test_error_usage(launchctl: Launchctl, words: tuple[str, ...]) -> None:
    assert launchctl("error", *words) == (
        "", "Usage: launchctl error [posix|mach|bootstrap] <code>\n", 64)


def test_the_session(launchctl: Launchctl, monkeypatch: pytest.MonkeyPatch) -> None:
    assert launchctl("managerpid") == ("1\n", "", 0)
    assert launchctl("managername") == ("System\n", "", 0)
    assert launchctl("managername", euid=501) == ("Background\n", "", 0)
    assert launchctl("manageruid", euid=501) == ("501\n", "", 0)
    monkeypatch.setenv("LAUNCHD_SHIM_ASUSER", "502")
    assert launchctl("managername") == ("Background\n", "", 0)
    assert launchctl("manageruid") == ("502\n", "", 0)
    monkeypatch.setenv("LAUNCHD_SHIM_MANAGER", "Aqua")
    assert launchctl("managername") == ("Aqua\n", "", 0)


def test_version(launchctl: Launchctl) -> None:
    out, err, status = launchctl("version")
    assert (err, status) == ("", 0)
    assert re.fullmatch(r"Darwin Bootstrapper Version 7\.0\.0: \w{3} \w{3} [ \d]\d [\d:]{8} \d{4}; "
                        r"root:darling_dirserv-[\w.]+/launchd/RELEASE_\w+\n", out)
    assert launchctl("variant") == ("RELEASE\n", "", 0)


@pytest.mark.parametrize("words", [("reboot",), ("reboot", "halt"), ("bootshell",)])
def test_reboot_is_refused_with_a_sentence(launchctl: Launchctl, words: tuple[str, ...]) -> None:
    assert launchctl(*words) == ("", (
        f"launchctl: {words[0]} is refused: this launchd looks after the jobs of one directory "
        "tree and not after the machine\n"), 1)


def test_what_linux_does_not_have(launchctl: Launchctl) -> None:
    assert launchctl("hostinfo") == ("(no Mach ports)\n", "", 0)
    assert launchctl("print-cache") == ("(no service cache)\n", "", 0)


def test_the_environment(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    assert launchctl("setenv", "A", "-1", "B", "x=y") == ("", "", 0)
    assert launchctl("unsetenv", "A", "B", euid=501) == ("", "", 0)
    unset = {"A": None, "B": None}
    assert launchd.requests == [
        {"verb": "setenv", "domain": "system", "values": {"A": "-1", "B": "x=y"}},
        {"verb": "setenv", "domain": "gui/501", "values": unset},
        {"verb": "setenv", "domain": "user/501", "values": unset}]
    launchd.environment = {"A": "1 2", "EMPTY": ""}
    assert launchctl("getenv", "A") == ("1 2\n", "", 0)
    assert launchctl("getenv", "EMPTY") == ("\n", "", 0)
    assert launchctl("getenv", "NOSUCH") == ("", "", 0)


@pytest.mark.parametrize(("error", "err"), [
    (1, "Not privileged to set domain environment.\n"),
    (5, "Could not set environment: 5: Input/output error\n"),
])
def test_environment_failures(
    launchd: FakeLaunchd, launchctl: Launchctl, error: int, err: str
) -> None:
    launchd.errors = {"setenv": error}
    assert launchctl("setenv", "A", "1") == ("", err, error)


@pytest.mark.parametrize("words", [("setenv", "", "x"), ("setenv", "A=B", "x"), ("unsetenv", "")])
def test_names_that_are_none(launchctl: Launchctl, words: tuple[str, ...]) -> None:
    assert launchctl(*words) == ("", "Could not set environment: 22: Invalid argument\n", 22)


@pytest.mark.parametrize(("words", "tail"), [
    (("setenv",), "setenv <<key> <value>, ...>"), (("setenv", "A"), "setenv <<key> <value>, ...>"),
    (("unsetenv",), "unsetenv <key, ...>"), (("getenv",), "getenv <key>"),
])
def test_environment_usage(launchctl: Launchctl, words: tuple[str, ...], tail: str) -> None:
    assert launchctl(*words) == ("", f"Usage: launchctl {tail}\n", 64)


@pytest.mark.parametrize(("shell", "out"), [
    ("/bin/zsh", 'A="a\\"b\\$c\\`d\\\\"; export A;\n'),
    ("/bin/tcsh", 'setenv A "a\\"b\\$c\\`d\\";\n'),
])
def test_export_for_the_callers_shell(
    launchd: FakeLaunchd, launchctl: Launchctl, monkeypatch: pytest.MonkeyPatch, shell: str,
    out: str,
) -> None:
    monkeypatch.setenv("SHELL", shell)
    launchd.environment = {"A": 'a"b$c`d\\'}
    assert launchctl("export") == (out, "", 0)


def test_limits(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    launchd.limits = {"maxfiles": [256, -1], "cpu": [-1, -1]}
    rows = {name: f"\t{name:<12}{soft:<15}{'unlimited':<15}\n"
            for name, soft in (("cpu", "unlimited"), ("maxfiles", "256"))}
    assert launchctl("limit") == (rows["cpu"] + rows["maxfiles"], "", 0)
    assert launchctl("limit", "maxfiles") == (rows["maxfiles"], "", 0)
    launchd.errors = {"limit": 5}
    assert launchctl("limit") == (
        "", "Could not print resource limits: 5: Input/output error\n", 5)


@pytest.mark.parametrize(("words", "euid", "err", "status"), [
    (("nosuch",), 0, "nosuch is not a valid limit name.\n", 64),
    (("maxfiles", "many"), 0, "many is not a valid limit.\n", 64),
    (("maxfiles", "1", "-2"), 0, "-2 is not a valid limit.\n", 64),
    (("maxfiles", "1", "2", "3"), 0, "", 64),
    (("maxfiles", "1"), 501, "Could not set resource limits: 1: Operation not permitted\n", 1),
])
def test_limit_refusals(
    launchd: FakeLaunchd, launchctl: Launchctl, words: tuple[str, ...], euid: int, err: str,
    status: int,
) -> None:
    usage = ("Usage: launchctl limit [<limit-name> [<both-limits> | <soft-limit> <hard-limit>]\n"
             if status == 64 else "")
    launchd.errors = {"setlimit": 1}
    assert launchctl("limit", *words, euid=euid) == ("", err + usage, status)


@pytest.mark.parametrize(("words", "soft", "hard"), [
    (("1024",), 1024, 1024), (("256", "unlimited"), 256, -1), (("unlimited",), -1, -1),
])
def test_limits_are_set(
    launchd: FakeLaunchd, launchctl: Launchctl, words: tuple[str, ...], soft: int, hard: int
) -> None:
    assert launchctl("limit", "maxfiles", *words) == ("", "", 0)
    assert launchd.requests == [
        {"verb": "setlimit", "name": "maxfiles", "soft": soft, "hard": hard}]


CONFIGURED = "Configuration written; it holds when launchd starts the next time.\n"


def test_config_is_kept_beside_the_overrides(launchctl: Launchctl, tmp_path: Path) -> None:
    assert launchctl("config", "user", "umask", "027") == (CONFIGURED, "", 0)
    assert launchctl("config", "user", "path", "/a:/b") == (CONFIGURED, "", 0)
    file = tmp_path / "private/var/db/com.apple.xpc.launchd/config/user.plist"
    assert plistlib.loads(file.read_bytes()) == {"Umask": 0o27, "PathEnvironmentVariable": "/a:/b"}
    assert file.stat().st_mode & 0o777 == 0o644
    assert file.parent.stat().st_mode & 0o777 == 0o755
    assert list(file.parent.iterdir()) == [file]


def test_a_broken_configuration_is_replaced(launchctl: Launchctl, tmp_path: Path) -> None:
    file = tmp_path / "private/var/db/com.apple.xpc.launchd/config/system.plist"
    file.parent.mkdir(parents=True)
    for content in (b"broken", plistlib.dumps([1])):
        file.write_bytes(content)
        assert launchctl("config", "system", "umask", "22") == (CONFIGURED, "", 0)
        assert plistlib.loads(file.read_bytes()) == {"Umask": 0o22}


@pytest.mark.parametrize("words", [
    (), ("system",), ("system", "umask"), ("moon", "umask", "22"), ("system", "nice", "1"),
    ("system", "umask", "9"), ("system", "umask", "1000"), ("system", "umask", "22", "x"),
])
def test_config_usage(launchctl: Launchctl, words: tuple[str, ...]) -> None:
    out, err, status = launchctl("config", *words)
    assert (out, status) == ("", 64)
    assert err.endswith("Usage: launchctl config\n")


def test_config_is_roots(launchctl: Launchctl, tmp_path: Path) -> None:
    assert launchctl("config", "system", "umask", "22", euid=501) == (
        "", "Could not apply configuration: 1: Operation not permitted\n", 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(is_root(), reason="root may write everywhere")
def test_config_that_cannot_be_written(launchctl: Launchctl, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert launchctl("config", "system", "umask", "22") == (
        "", "Could not apply configuration: 13: Permission denied\n", 13)
