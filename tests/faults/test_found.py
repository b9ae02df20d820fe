"""Faults that the suites of this directory and of tests/fuzz have found, each by itself."""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import whole
from tests.faults.conftest import Stepper
from tests.faults.scenarios import Prepared
from tests.support import CHECKOUT, run

USERS_DIR = "private/var/db/dslocal/nodes/Default/users"


@pytest.fixture
def victim(little: Path) -> Path:
    for key, value in (("UniqueID", "777"), ("PrimaryGroupID", "20"), ("RealName", "V: one")):
        assert run(little, "dscl", ".", "-create", "/Users/victim", key, value).returncode == 0
    return little


@pytest.mark.usefixtures("tracing")
@pytest.mark.parametrize("name", ["dsimport", "rename"])
def test_a_line_that_a_dead_writer_projected_is_no_edit(
    tiny: Path, stepper: Stepper, tmp_path: Path, name: str
) -> None:
    """Its defaults (/var/empty, /usr/bin/false) became attributes, and a renamed user two."""
    scenario = Prepared(name, tiny, stepper, tmp_path)
    for step in range(len(scenario.calls) - 6, len(scenario.calls) + 1, 2):
        scenario.strike("kill", step)


@pytest.mark.usefixtures("tracing")
@pytest.mark.parametrize("argv", [
    ["darling-dirserv", "init"], ["dscl", ".", "-create", "/Users/x"]], ids=lambda argv: argv[0])
def test_a_failing_disk_at_the_first_use(
    stepper: Stepper, tmp_path: Path, argv: list[str]
) -> None:
    """Laying out the schema is SQLite's work, in one call of ours."""
    (tmp_path / "whole").mkdir()
    calls = stepper.run(tmp_path / "whole", argv)["made"]
    writes = [step for step, name in enumerate(calls, 1) if name == "pwrite64"]
    for step in (writes[0], writes[len(writes) // 3], writes[len(writes) // 2]):
        root = tmp_path / str(step)
        root.mkdir()
        done = stepper.run(root, argv, "EIO", step)
        assert done["status"] and done["out"] == ""
        assert "the user database: disk I/O error\n" in done["err"]
        assert "Traceback" not in done["err"] and "internal error" not in done["err"]
        assert stepper.run(root, argv)["status"] == 0
        whole.check(root)


@pytest.mark.parametrize("value", ["x\nevil::0:0::0:0:E:/:/bin/sh", "x", "a:b:c", "a\0::0:0"])
def test_a_master_passwd_value_is_never_another_line(
    victim: Path, stepper: Stepper, value: str
) -> None:
    [done] = stepper.each(victim, [["dscl", ".", "-create", "/Users/victim",
                                    "dsAttrTypeNative:master_passwd", value]])
    assert (done["status"], done["err"]) == (0, "")
    assert "evil" not in (victim / "private/etc/master.passwd").read_text()
    assert "victim:*:777:20::0:0:V  one:" in (victim / "private/etc/master.passwd").read_text()
    whole.check(victim)


@pytest.mark.parametrize("line", ['"', "cd '", 'create Users/victim Comment "', "'a' \""])
def test_a_quote_that_nothing_ends(victim: Path, line: str) -> None:
    done = run(victim, "dscl", "-q", ".", stdin=f"{line}\nread Users/victim UniqueID\n")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "UniqueID: 777")
    assert "internal error" not in done.stderr


def test_bytes_that_are_no_text_do_not_end_a_session(victim: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(CHECKOUT / "bin/dscl"), "-q", "."],
        input=b"create Users/victim Comment \xff\xfe\nread Users/victim UniqueID\n",
        env={"DIRSERV_ROOT": str(victim), "PATH": "/bin"}, capture_output=True, check=False,
        timeout=60)
    assert done.stdout.splitlines()[-1] == b"UniqueID: 777"
    assert done.stderr.splitlines() == [
        b"a name or a value is not UTF-8 text",
        b"<main> attribute status: eParameterError",
        b"<dscl_cmd> DS Error: -14915 (eParameterError)"]


def test_a_property_list_in_an_unknown_encoding(victim: Path) -> None:
    """It made every command fail."""
    path = victim / USERS_DIR / "victim.plist"
    path.write_bytes(b'<?xml version="1.0" encoding="U_F-8"?><plist><dict/></plist>')
    os.utime(path, (1, 1))
    assert run(victim, "dscl", ".", "-read", "/Users/victim", "UniqueID").stdout == (
        "UniqueID: 777\n")
    whole.check(victim)


def test_a_fault_of_the_disk_is_not_called_an_invalid_path(victim: Path) -> None:
    (victim / "private/etc/passwd").unlink()
    (victim / "private/etc/passwd/full").mkdir(parents=True)
    done = run(victim, "dscl", ".", "-append", "/Users/victim", "Comment", "x")
    assert "Is a directory" in done.stderr and "Invalid Path" not in done.stdout


def test_lines_and_files_with_names_that_no_record_can_have(root: Path) -> None:
    """Half a block of NULs after a power failure, or a line of somebody's generator, is passed
    over; it must not keep every command from working."""
    etc = root / "private/etc"
    for name in ("a\0b", "n" * 245, "/" * 90):
        with (etc / "passwd").open("a") as passwd, (etc / "group").open("a") as group:
            passwd.write(f"{name}:*:700:20::/:/bin/sh\n")
            group.write(f"{name}:*:700:\n")
        planted = plistlib.dumps({"name": [name]}, fmt=plistlib.FMT_BINARY)
        (root / "private/var/db/dslocal/nodes/Default/users/planted.plist").write_bytes(planted)
        for kind in ("/Users", "/Groups"):
            result = run(root, "dscl", ".", "-list", kind)
            assert (result.returncode, result.stderr) == (0, ""), name
            assert name not in result.stdout.splitlines()
    assert run(root, "dscl", ".", "-create", "/Users/after", "UniqueID", "701").returncode == 0
    assert "\0" not in (etc / "passwd").read_text()
