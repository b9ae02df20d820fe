"""list, and the old-style dictionaries."""

from __future__ import annotations

import plistlib

import pytest

from launchd_shim.launchctl.listing import dictionary, table
from launchd_shim.launchctl.oldstyle import Port, render
from tests.unit.launchctl.conftest import Launchctl
from tests.unit.launchctl.fake import FakeLaunchd, service

HEADER = "PID\tStatus\tLabel\n"


@pytest.mark.parametrize(("job", "row"), [
    ({"label": "a", "pid": None, "status": None}, "-\t0\ta\n"),
    ({"label": "a", "pid": 7, "status": None}, "7\t0\ta\n"),
    ({"label": "a", "pid": 7, "status": -3}, "7\t-3\ta\n"),
    ({"label": "a b", "pid": None, "status": 78}, "-\t78\ta b\n"),
])
def test_rows(job: dict[str, object], row: str) -> None:
    assert table([job]) == HEADER + row
    # Ansible splits every line at TAB and wants three parts.
    assert [len(line.split("\t")) for line in table([job]).splitlines()] == [3, 3]


def test_the_header_stands_alone_without_jobs(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    assert launchctl("list") == (HEADER, "", 0)
    assert launchd.requests == [{"verb": "list", "domain": "system"}]


def test_a_user_sees_both_domains(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    launchd.services = [service("u", domain="user/501", last_exit_status=15),
                        service("g", domain="gui/501", pid=3, last_exit_status=256),
                        service("s", pid=1)]
    assert launchctl("list", euid=501) == (HEADER + "3\t1\tg\n-\t-15\tu\n", "", 0)
    assert launchctl("list") == (HEADER + "1\t0\ts\n", "", 0)


def test_a_domain_that_is_not_there_has_no_jobs(
    launchd: FakeLaunchd, launchctl: Launchctl
) -> None:
    launchd.errors = {"list": 112}
    assert launchctl("list", euid=501) == (HEADER, "", 0)
    launchd.errors = {"list": 22}
    assert launchctl("list") == ("", "", 22)


def test_one_service(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    launchd.services = [service(
        "com.x", domain="gui/501", stdout="/o", stderr="/e", pid=9, last_exit_status=19200,
        on_demand=False, program="/bin/sh", arguments=["/bin/sh", "-c", 'echo "hi"'],
        mach_services=["com.x.port"], session_types=["Aqua", "Background"])]
    assert launchctl("list", "com.x", euid=501) == ((
        '{\n\t"StandardOutPath" = "/o";\n'
        '\t"LimitLoadToSessionType" = (\n\t\t"Aqua";\n\t\t"Background";\n\t);\n'
        '\t"StandardErrorPath" = "/e";\n'
        '\t"MachServices" = {\n\t\t"com.x.port" = mach-port-object;\n\t};\n'
        '\t"Label" = "com.x";\n\t"OnDemand" = false;\n\t"LastExitStatus" = 19200;\n'
        '\t"PID" = 9;\n\t"Program" = "/bin/sh";\n'
        '\t"ProgramArguments" = (\n\t\t"/bin/sh";\n\t\t"-c";\n\t\t"echo "hi"";\n\t);\n};\n'
    ), "", 0)


@pytest.mark.parametrize(("domain", "session"), [("system", "System"), ("gui/501", "Aqua")])
def test_the_session_without_a_limit(domain: str, session: str) -> None:
    shown = dictionary(service("x", domain=domain))
    assert shown["LimitLoadToSessionType"] == session
    assert list(shown) == ["LimitLoadToSessionType", "Label", "OnDemand", "LastExitStatus",
                           "Program", "ProgramArguments"]


def test_an_unknown_label(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    for euid in (0, 501):
        assert launchctl("list", "com.x", euid=euid) == (
            "", 'Could not find service "com.x" in domain for port\n', 113)


def test_x_gives_xml(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    launchd.services = [service("x", pid=3, mach_services=["m"]), service("y")]
    out, err, status = launchctl("list", "-x", "x")
    assert (err, status) == ("", 0)
    shown = plistlib.loads(out.encode())
    assert (shown["Label"], shown["PID"], shown["OnDemand"]) == ("x", 3, True)
    assert shown["MachServices"] == {"m": "mach-port-object"}
    assert plistlib.loads(launchctl("list", "-x")[0].encode()) == [
        {"Label": "x", "LastExitStatus": 0, "PID": 3}, {"Label": "y", "LastExitStatus": 0}]


@pytest.mark.parametrize(("value", "text"), [
    ("a", '"a";\n'), (1, "1;\n"), (True, "true;\n"), (False, "false;\n"), ([], "();\n"),
    ({}, "{\n};\n"), (Port(), "mach-port-object;\n"), (1.5, "1.500000;\n"), (b"\x01", "<01>;\n"),
    ({"k": [1, {"z": []}]}, '{\n\t"k" = (\n\t\t1;\n\t\t{\n\t\t\t"z" = ();\n\t\t};\n\t);\n};\n'),
])
def test_old_style_values(value: object, text: str) -> None:
    assert render(value) == text
