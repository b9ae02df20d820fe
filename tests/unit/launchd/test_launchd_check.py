"""launchd-shim check: whole output, streams and status."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launchd_shim.check import timing
from launchd_shim.check.command import parser
from launchd_shim.check.render import printable
from launchd_shim.check.spelling import hint
from tests.support import CHECKOUT
from tests.unit.launchd.support import LEAST, PLISTS, examples, loaded, write

SHIM = [sys.executable, "-I", "-S", str(CHECKOUT / "bin/launchd-shim")]


def shim(*words: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*SHIM, *words], capture_output=True, text=True, check=False, cwd=cwd,
                          env={"PATH": "/usr/bin:/bin", **env}, timeout=60)


def check(path: Path, values: dict[str, Any], *options: str) -> tuple[int, str, str]:
    """Status, output and errors of checking one file, named by its base name."""
    write(path / "a.plist", values)
    result = shim("check", *options, "a.plist", cwd=path)
    return result.returncode, result.stdout, result.stderr


NIX_DAEMON = """\
org.nixos.nix-daemon.plist: org.nixos.nix-daemon
  program    /bin/sh
  arguments  /bin/sh -c '/bin/wait4path {0} && exec {0}'
  runs       when it is loaded
             whenever it has ended
  restarts   at the earliest 10 s after the last start
  stops      by SIGTERM, after 5 s by SIGKILL
  limits     NumberOfFiles 1048576 (soft)
  output     /dev/null
  errors     /var/log/nix-daemon.log
  partly     SoftResourceLimits: at most what this machine's hard limit allows
""".format("/nix/var/nix/profiles/default/bin/nix-daemon")


def test_the_nix_daemon() -> None:
    result = shim("check", "--any-owner", "org.nixos.nix-daemon.plist", cwd=PLISTS)
    assert (result.returncode, result.stdout, result.stderr) == (0, NIX_DAEMON, "")


EVERYTHING: dict[str, Any] = {
    "Label": "org.example.all", "ProgramArguments": ["tool", "a b"], "EnableGlobbing": True,
    "Disabled": True, "LimitLoadToSessionType": ["Aqua", "Background"],
    "LimitLoadToHardware": {"machine": ["x86_64", "arm64"]},
    "LimitLoadFromHardware": {"model": ["Mac1,1"]},
    "RunAtLoad": True,
    "KeepAlive": {"SuccessfulExit": False, "Crashed": True, "PathState": {"/a": True, "/b": False},
                  "OtherJobEnabled": {"x": True}, "OtherJobActive": {"y": False}},
    "StartInterval": 3661, "WatchPaths": ["/w"], "QueueDirectories": ["/q"],
    "StartCalendarInterval": [{"Hour": 2, "Minute": 5, "Weekday": 7, "Day": 1}, {"Minute": 0},
                              {"Hour": 3, "Month": 12, "Day": 24}, {}],
    "StartOnMount": True, "inetdCompatibility": {"Wait": False},
    "LaunchEvents": {"com.apple.fsevents.matching": {"e": {"Path": "/e"}}},
    "MachServices": {"m": True},
    "Sockets": {"L": [{"SockServiceName": "ssh", "SockFamily": "IPv4", "Bonjour": True},
                      {"SockPathName": "/s", "SockPathMode": 0o600, "SockPathOwner": 0},
                      {"SecureSocketWithKey": "KEY", "SockType": "dgram"},
                      {"SockServiceName": 53, "SockNodeName": "::1", "SockProtocol": "UDP",
                       "SockPassive": False, "MulticastGroup": "ff02::1"}]},
    "ThrottleInterval": 30, "ExitTimeOut": 0, "UserName": "u", "GroupName": "g",
    "RootDirectory": "/r", "WorkingDirectory": "/d", "EnvironmentVariables": {"A": "1\x1b[31m"},
    "Umask": "077", "Nice": -5, "SoftResourceLimits": {"Core": 0},
    "HardResourceLimits": {"CPU": 9}, "ProcessType": "Background", "LowPriorityIO": True,
    "SessionCreate": True, "WaitForDebugger": True, "StandardInPath": "/i",
    "StandardOutPath": "/o", "StandardErrorPath": "/e", "Foo\x1b": 1, "ProgramArgument": [],
    "EnableTransactions": True,
}
EVERYTHING_TOLD = """\
a.plist: org.example.all
  program    tool, looked up in /usr/bin:/bin:/usr/sbin:/sbin
  arguments  tool 'a b'
  globbing   the arguments are expanded first
  runs       when it is loaded
             when it has ended without success
             when it has crashed
             while /a exists
             while /b does not exist
             while x is loaded
             while y does not run
             every 3661 s (1 h 1 min 1 s)
             at 02:05 on day 1 of each month and on every Sunday
             at minute 0 of every hour every day
             every minute from 03:00 to 03:59 on day 24 of the month in December
             every minute every day
             when /w changes
             when /e changes
             while /q is not empty
             when a file system is mounted
             for each connection
  sockets    L: listens on *:ssh (IPv4 stream)
             L: listens on /s (Unix stream), mode 0600, owner 0
             L: listens on a path of its own, told in $KEY (dgram)
             L: connects to ::1:53 (UDP stream), multicast group ff02::1
  inetd      it gets the connection, one process for each
  restarts   at the earliest 30 s after the last start
  stops      by SIGTERM
  sessions   Aqua
             Background
  hardware   only where hw.machine is x86_64 or arm64
             not where hw.model is Mac1,1
  disabled   until it is enabled
  user       u
  group      g
  root       /r
  directory  /d
  variables  A=1\\x1b[31m
  umask      077
  nice       -5
  limits     Core 0 (soft)
             CPU 9 (hard)
  type       Background
  also       a session of its own
             low I/O priority
             what it has started goes on when it has ended
             waits for a debugger
  input      /i
  output     /o
  errors     /e
"""


def test_every_row(tmp_path: Path) -> None:
    write(tmp_path / "a.plist", EVERYTHING, binary=True)
    result = shim("check", "a.plist", cwd=tmp_path)
    told, notes = result.stdout[:len(EVERYTHING_TOLD)], result.stdout[len(EVERYTHING_TOLD):]
    assert told == EVERYTHING_TOLD
    assert (result.returncode, result.stderr) == (0, "")
    assert [line for line in notes.splitlines() if not line.startswith("  partly")] == [
        "  no effect  EnableTransactions has no effect: every job gets SIGTERM first",
        "  ignored    Unknown key for integer: Foo\\x1b",
        "  ignored    Unknown key for array: ProgramArgument; did you mean ProgramArguments?",
        "  no effect  Bonjour has no effect: nothing is advertised (in Sockets.L[0])",
    ]


def test_refused_ones(tmp_path: Path) -> None:
    write(tmp_path / "good.plist", LEAST)
    write(tmp_path / "mode.plist", LEAST, 0o666)
    (tmp_path / "bad.plist").write_text("{}")
    (tmp_path / "bad.plist").chmod(0o644)
    result = shim("check", "good.plist", "mode.plist", "bad.plist", "none", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout == """\
good.plist: org.example.job
  program    /bin/true
  arguments  /bin/true
  runs       only when it is asked for
  restarts   at the earliest 10 s after the last start
  stops      by SIGTERM, after 5 s by SIGKILL

mode.plist: refused: 122: Path had bad ownership/permissions
  why        its group or others may write it (mode 0666)

bad.plist: refused: 109: Invalid property list
  why        it is JSON or an old-style property list; only XML and binary ones are read

none: refused: 2: No such file or directory
  why        No such file or directory
"""


def test_a_directory_is_all_its_property_lists(tmp_path: Path) -> None:
    for name in ("b.plist", "a.plist", "c.txt"):
        write(tmp_path / name, {**LEAST, "Label": name})
    (tmp_path / "empty").mkdir()
    result = shim("check", ".", "empty", cwd=tmp_path)
    assert [line for line in result.stdout.splitlines() if line.startswith("./")] == [
        "./a.plist: a.plist", "./b.plist: b.plist"]
    assert (result.returncode, result.stderr) == (0, "")


def test_paths_mean_the_root(tmp_path: Path) -> None:
    daemons = tmp_path / "Library/LaunchDaemons"
    daemons.mkdir(parents=True)
    write(daemons / "a.plist", LEAST)
    result = shim("check", "/Library/LaunchDaemons", DIRSERV_ROOT=str(tmp_path))
    assert result.stdout.startswith("/Library/LaunchDaemons/a.plist: org.example.job\n")
    assert result.returncode == 0


def test_json(tmp_path: Path) -> None:
    write(tmp_path / "a.plist", {**LEAST, "KeepAlive": {"Crashed": True}, "Foo": 1,
                                 "Sockets": {"L": {"SockPathName": "/s"}}})
    result = shim("check", "--json", "a.plist", "none", cwd=tmp_path)
    found, missing = json.loads(result.stdout)
    assert (result.returncode, result.stderr) == (1, "")
    assert missing == {"path": "none", "job": None, "notes": [],
                       "refused": {"code": 2, "text": "No such file or directory",
                                   "detail": "No such file or directory"}}
    assert (found["path"], found["refused"], found["job"]["label"]) == (
        "a.plist", None, "org.example.job")
    assert found["job"]["when"]["keep_alive"]["crashed"] is True
    assert found["job"]["when"]["sockets"]["L"][0]["path"] == "/s"
    assert found["notes"] == [{"kind": "ignored", "key": "Foo",
                               "text": "Unknown key for integer: Foo"}]


def on_terminal(*words: str, cwd: Path, **env: str) -> str:
    """What the command writes to a terminal."""
    leader, follower = pty.openpty()
    process = subprocess.Popen([*SHIM, *words], stdout=follower, cwd=cwd,
                               env={"PATH": "/usr/bin:/bin", "TERM": "xterm", **env})
    os.close(follower)
    data = b""
    try:
        while part := os.read(leader, 4096):
            data += part
    except OSError:
        pass  # the end of a terminal whose last writer has gone
    os.close(leader)
    assert process.wait(60) == 1
    return data.decode().replace("\r\n", "\n")


def test_colours(tmp_path: Path) -> None:
    plain = "none: refused: 2: No such file or directory\n  why        No such file or directory\n"
    painted = ("\033[1mnone\033[0m: \033[1;31mrefused: 2: No such file or directory\033[0m\n"
               "  \033[2mwhy        \033[0mNo such file or directory\n")
    assert on_terminal("check", "none", cwd=tmp_path) == painted
    assert on_terminal("check", "none", cwd=tmp_path, NO_COLOR="1") == plain
    assert on_terminal("check", "none", cwd=tmp_path, TERM="dumb") == plain
    assert on_terminal("check", "--color", "never", "none", cwd=tmp_path) == plain
    assert shim("check", "none", cwd=tmp_path).stdout == plain
    assert shim("check", "--color=always", "none", cwd=tmp_path).stdout == painted


@pytest.mark.parametrize(("words", "status"), [
    ([], 64), (["frobnicate"], 64), (["check"], 64), (["check", "--nonsense", "x"], 64),
    (["check", "--color", "red", "x"], 64), (["--help"], 0), (["help"], 0), (["-h"], 0),
    (["check", "--help"], 0), (["--version"], 0),
])
def test_usage(words: list[str], status: int) -> None:
    result = shim(*words)
    assert result.returncode == status
    said, silent = (result.stderr, result.stdout) if status else (result.stdout, result.stderr)
    assert "launchd-shim" in said and silent == ""


def test_help_names_every_option() -> None:
    text = shim("check", "--help").stdout
    for action in parser()._actions:
        assert all(option in text for option in action.option_strings)


@pytest.mark.parametrize("word", [b"\xff\xfe", b"", b"-", b"a" * 5000, b"\x1b[31m"])
def test_odd_names_of_files(tmp_path: Path, word: bytes) -> None:
    result = subprocess.run([*SHIM, "check", "--", word], capture_output=True, check=False,
                            cwd=tmp_path, env={"LC_ALL": "C"}, timeout=60)
    assert (result.returncode, result.stderr) == (1, b"")
    assert b"refused: " in result.stdout and b"\x1b" not in result.stdout


@examples()
@given(st.binary(max_size=80), st.sampled_from([b"", b"bplist00", b"<plist>"]))
def test_any_file_is_told(tmp_path_factory: pytest.TempPathFactory, data: bytes,
                          head: bytes) -> None:
    from launchd_shim.check.command import run

    path = tmp_path_factory.mktemp("any") / "a.plist"
    path.write_bytes(head + data)
    outcome = run([str(path), "--any-owner"])
    assert outcome.status in (0, 1)
    assert outcome.out.startswith(f"{path}: ") and outcome.err == ""


def test_a_closed_stream_and_a_lost_reader_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path / "a.plist", LEAST)
    result = subprocess.run([*SHIM, "check", "a.plist"], cwd=tmp_path, check=False,
                            stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1))
    assert (result.returncode, result.stderr) == (0, b"")
    read, write_end = os.pipe()
    os.close(read)
    result = subprocess.run([*SHIM, "check", "a.plist"], cwd=tmp_path, check=False,
                            stdout=write_end, stderr=subprocess.PIPE)
    os.close(write_end)
    assert (result.returncode, result.stderr) == (-13, b"")


@pytest.mark.parametrize(("values", "phrases"), [
    ({}, ["only when it is asked for"]),
    ({"KeepAlive": True, "LaunchOnlyOnce": True}, ["when it is loaded"]),
    ({"KeepAlive": {"AfterInitialDemand": True}}, ["whenever it ends, once it has been asked for"]),
    ({"KeepAlive": {"AfterInitialDemand": True, "Crashed": False}},
     ["when it has not crashed, once it has been asked for"]),
    ({"StartInterval": 86400}, ["every 86400 s (1 d)"]),
    ({"Sockets": {"L": {"SockServiceName": "x"}}}, ["when somebody connects"]),
], ids=repr)
def test_phrases(values: dict[str, Any], phrases: list[str]) -> None:
    job = loaded(**values).job
    assert timing.starts(job.when, job.starts_at_load) == phrases


@pytest.mark.parametrize(("key", "said"), [
    ("EnvironmentalVariables", "; did you mean EnvironmentVariables?"),
    ("WorkingDir", ""), ("StandardErrPath", "; did you mean StandardErrorPath?"),
    ("NumberOfFile", "; did you mean NumberOfFiles?"), ("x" * 100_000, ""), ("", ""),
])
def test_hints(key: str, said: str) -> None:
    assert hint(key) == said


@pytest.mark.parametrize(("word", "shown"), [
    ("plain é 日本", "plain é 日本"), ("a\nb\x1b[0m\x7f", "a\\nb\\x1b[0m\\x7f"),
    ("\u202e\u200b", "\\u202e\\u200b"), ("\udcff", "\\xff"),
])
def test_what_a_terminal_would_act_on_is_written_out(word: str, shown: str) -> None:
    assert printable(word) == shown
