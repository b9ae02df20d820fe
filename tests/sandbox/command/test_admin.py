"""darling-dirserv sandbox: whole output and status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dirserv.admin import main as admin
from sandbox_stub.linux.probe import probe
from sandbox_stub.targets import target_for

PROFILE = """\
(version 1)
(deny default)
(allow file-read* (subpath (param "HOME")))
(allow file-write* (subpath "/w"))
(deny file-write-data (literal "/w/x"))
(allow network-outbound (remote tcp "localhost:80"))
"""


@pytest.fixture
def profile(tmp_path: Path) -> str:
    file = tmp_path / "own.sb"
    file.write_text(PROFILE)
    return str(file)


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = admin.main(["sandbox", *words])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


HOME = ("-D", "HOME=/h")


def test_check(profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    # The last rule is the one that nobody has to write: a process may signal itself.
    assert called(capsys, "check", profile, *HOME) == (0, f"{profile}: 6 rules\n", "")
    status, out, _ = called(capsys, "check", "--json", profile, *HOME)
    assert (status, json.loads(out)) == (
        0, {"file": profile, "compiles": True, "rules": 6, "warnings": []})


def test_check_of_a_faulty_profile(profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = called(capsys, "check", profile)
    assert (status, err) == (1, "")
    assert out.splitlines()[0] == "invalid data type of path filter; expected pattern, got boolean"
    status, out, _ = called(capsys, "--json", "check", profile)
    assert (status, json.loads(out)["compiles"]) == (1, False)
    Path(profile).write_text("(version 1)(allow nonsense)")
    status, out, err = called(capsys, "check", profile)
    assert (status, err, out.splitlines()[-1]) == (1, "", f"{profile}: 1 rule")
    assert "nonsense" in out.splitlines()[0]


@pytest.mark.parametrize(("words", "status", "why"), [
    (("file-read-data", "/h/a"), 0,
     '{file}:3:2: (allow file-read* (subpath "/h")) decides: of file-read* its newest rule that '
     "matches"),
    (("file-read-data", "/other"), 1,
     "{file}:2:2: (deny default) decides: of default no rule matches, and its fallback"),
    (("file-write-data", "/w/x"), 1,
     '{file}:5:2: (deny file-write-data (literal "/w/x")) decides: of file-write-data its newest '
     "rule that matches"),
    (("file-write-unlink", "/w/x"), 0,
     '{file}:4:2: (allow file-write* (subpath "/w")) decides: of file-write* its newest rule that '
     "matches"),
    (("network-outbound", "tcp:127.0.0.1:80"), 0,
     '{file}:6:2: (allow network-outbound (remote tcp "localhost:80")) decides: of '
     "network-outbound its newest rule that matches"),
    (("file-map-executable", "/x"), 0,
     "no rule decides; file-map-executable is allow by nature"),
    (("signal", "self"), 0,
     "<implicit rule>: (allow signal (target self)) decides: of signal its newest rule that "
     "matches"),
])
def test_explain(
    profile: str, capsys: pytest.CaptureFixture[str], words: tuple[str, str], status: int, why: str
) -> None:
    decision = "deny" if status else "allow"
    assert called(capsys, "explain", profile, *HOME, *words) == (
        status, f"{decision}  {' '.join(words)}\n  {why.format(file=profile)}\n", "")


def test_explain_in_json(profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = called(capsys, "explain", "--json", *HOME, profile, "file-write-data", "/w/x")
    assert (status, json.loads(out)) == (1, {
        "decision": "deny", "operation": "file-write-data", "target": "/w/x",
        "via": "file-write-data", "rule": '(deny file-write-data (literal "/w/x"))',
        "position": [profile, 5, 2]})


@pytest.mark.parametrize(("words", "said"), [
    (("nonsense", "/x"), "nonsense: no such operation"),
    (("network*", "localhost"), "localhost: expected tcp:HOST:PORT, udp:HOST:PORT or unix:PATH"),
    (("file-read*", "x"), "x: expected an absolute path"),
    (("file-read*", "/x", "-D", "HOME"), "-D HOME: expected KEY=VALUE"),
])
def test_what_cannot_be_explained(
    profile: str, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert called(capsys, "explain", *HOME, profile, *words) == (
        2, "", f"darling-dirserv: {said}\n")


def test_a_profile_that_stops_it(profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = called(capsys, "plan", profile)
    assert (status, out) == (2, "")
    assert err.startswith("darling-dirserv: invalid data type of path filter; expected pattern")
    status, out, err = called(capsys, "plan", profile + ".not")
    assert (status, out) == (2, "")
    assert "No such file or directory" in err


def test_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not probe().abi:
        pytest.skip("this kernel has no Landlock")
    file = tmp_path / "own.sb"
    file.write_text("(version 1)(allow default)(deny mach-lookup)")
    status, out, err = called(capsys, "plan", str(file))
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("mechanisms  no_new_privs")
    assert lines[1] == (
        "denials     read upheld, write upheld, network upheld, signal upheld")
    at = lines.index(f"{file}:1:28: (deny mach-lookup)")
    assert lines[at + 1].startswith("  not enforced (mach-userspace): ")
    assert lines[-1] == "enforce-strict would accept it"
    file.write_text('(version 1)(allow default)(deny file-write-times (subpath "/usr/share"))')
    status, out, _ = called(capsys, "plan", "--json", str(file))
    result = json.loads(out)
    assert (status, result["strict"]) == (int(not result["strict"]), not status)
    assert result["findings"][0]["position"] == [str(file), 1, 28]


def test_targets(tmp_path: Path) -> None:
    """Type and mode of a path are those of what lies there."""
    (tmp_path / "file").touch(mode=0o640)
    found = target_for("file-read*", f"{tmp_path}/file")
    assert (found.vnode_type, found.mode) == ("REGULAR-FILE", 0o640)
    assert target_for("file-read*", str(tmp_path)).vnode_type == "DIRECTORY"
    assert target_for("file-read*", "/dev/null").vnode_type == "CHARACTER-DEVICE"
    assert target_for("process-exec", f"{tmp_path}/none").vnode_type is None
    assert target_for("network-outbound", "udp6:::1:53").network == ("udp6", "::1", 53)
    assert target_for("network-bind", "unix:/s").socket_path == "/s"
    assert target_for("mach-lookup", "com.x").name == "com.x"
    assert target_for("signal", "children").signal_target == "children"
