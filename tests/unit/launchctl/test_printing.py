"""print, print-disabled, dumpstate: rendering of whole services and domains."""

from __future__ import annotations

from pathlib import Path

import pytest

from launchd_shim.launchctl.domaintext import render_disabled
from launchd_shim.launchctl.servicetext import render
from tests.unit.launchctl.conftest import Launchctl
from tests.unit.launchctl.fake import FakeLaunchd, service

IDLE = """\
system/x = {
	active count = 0
	path = /Library/LaunchDaemons/x.plist
	type = LaunchDaemon
	state = not running

	program = /bin/true
	arguments = {
		/bin/true
	}

	default environment = {
		PATH => /usr/bin:/bin:/usr/sbin:/sbin
	}

	environment = {
		XPC_SERVICE_NAME => x
	}

	domain = system
	minimum runtime = 10
	exit timeout = 5
	runs = 0
	last exit code = (never exited)

	spawn type = daemon (3)

	properties = inferred program
}
"""

EVERYTHING = """\
gui/501/y = {
	active count = 1
	path = (submitted by launchctl[7])
	type = Submitted
	state = running

	program = /bin/sh
	working directory = /work

	stdin path = /in
	stdout path = /out
	stderr path = /err
	inherited environment = {
		SSH_AUTH_SOCK => /s
	}

	default environment = {
		PATH => /usr/bin:/bin:/usr/sbin:/sbin
	}

	environment = {
		A => 1
		XPC_SERVICE_NAME => y
	}

	domain = gui/501 [100501]
	asid = 100501
	username = ada
	group = staff

	umask = 77
	minimum runtime = 3
	exit timeout = 30
	runs = 4
	successive crashes = 2
	pid = 99
	immediate reason = semaphore
	last terminating signal = Abort trap: 6

	semaphores = {
		successful exit => 0
		after crash => 1
		"other" enabled => 1
	}

	event triggers = {
		y.268435457 => {
			keepalive = 0
			service = y
			stream = com.apple.launchd.calendarinterval
			monitor = com.apple.UserEventAgent-Aqua
			descriptor = {
				"Hour" => 2
			}
		}
		com.apple.launchd.WatchPaths => {
			keepalive = 0
			service = y
			stream = com.apple.fsevents.matching
			monitor = com.apple.UserEventAgent-Aqua
			descriptor = {
				"WatchPaths" => [
					"/w"
				]
			}
		}
		com.apple.launchd.QueueDirectories => {
			keepalive = 0
			service = y
			stream = com.apple.fsevents.matching
			monitor = com.apple.UserEventAgent-Aqua
			descriptor = {
				"QueueDirectories" => [
					"/q"
				]
			}
		}
		com.apple.launchd.PathState => {
			keepalive = 0
			service = y
			stream = com.apple.fsevents.matching
			monitor = com.apple.UserEventAgent-Aqua
			descriptor = {
				"PathState" => {
					"/p" => false
				}
			}
		}
	}

	endpoints = {
		"com.y.port"
	}

	sockets = {
		"Listeners" = {
			/var/run/y.socket
		}
	}

	spawn type = interactive (4)
	resource limits = {
		maxfiles (soft) => 1048576
		stack (hard) => 67108864
	}
	run interval = 60 seconds

	properties = runatload | launch only once
}
"""


def everything() -> dict[str, object]:
    """A service with every key set."""
    return service(
        "y", domain="gui/501", submitter="launchctl[7]", type="Submitted", state="running",
        program="/bin/sh", arguments=[], working_directory="/work", stdin="/in", stdout="/out",
        stderr="/err", inherited_environment={"SSH_AUTH_SOCK": "/s"}, environment={"A": "1"},
        username="ada", group="staff", umask=0o77, throttle=3, exit_timeout=30, runs=4,
        successive_crashes=2, pid=99, reason="semaphore", last_exit_status=6,
        keepalive={"SuccessfulExit": False, "crashed": True, "OtherJobEnabled": {"other": True},
                   "PathState": {"/p": False}},
        calendar=[{"Hour": 2}], watch_paths=["/w"], queue_directories=["/q"],
        mach_services=["com.y.port"], sockets={"Listeners": ["/var/run/y.socket"]},
        spawn_type="interactive (4)", soft_limits={"NumberOfFiles": 1048576},
        hard_limits={"stack": 67108864}, start_interval=60,
        properties=["runatload", "launch only once"])


def idle() -> dict[str, object]:
    """A daemon that was never started."""
    return service("x", path="/Library/LaunchDaemons/x.plist", type="LaunchDaemon",
                   properties=["inferred program"])


@pytest.mark.parametrize(("table", "text"), [(idle(), IDLE), (everything(), EVERYTHING)],
                         ids=["idle", "everything"])
def test_a_service(table: dict[str, object], text: str) -> None:
    assert render(table) == text


@pytest.mark.parametrize(("status", "line"), [
    (None, "last exit code = (never exited)"), (0, "last exit code = 0"),
    (256, "last exit code = 1"), (78 << 8, "last exit code = 78: EX_CONFIG"),
    (15, "last terminating signal = Terminated: 15"),
    (9, "last terminating signal = Killed: 9"),
    (10 | 0x80, "last terminating signal = Bus error: 10"),
])
def test_how_it_ended(status: int | None, line: str) -> None:
    lines = render(service("x", last_exit_status=status)).splitlines()
    assert [found for found in lines if found.startswith("\tlast ")] == [f"\t{line}"]


def test_what_clients_search_for() -> None:
    lines = render({**everything()}).splitlines()
    # Determinate's installer takes the first line that begins with "state", Homebrew the first
    # "pid = " anywhere.
    assert next(line for line in lines if line.strip().startswith("state")) == "\tstate = running"
    assert next(line for line in lines if "pid = " in line) == "\tpid = 99"
    idle_lines = render(idle()).splitlines()
    assert [line for line in idle_lines if "pid" in line or "reason" in line] == []


def test_no_properties_leave_no_blank_behind() -> None:
    assert render(service("x")).endswith("\n\tproperties =\n}\n")


def test_keepalive_true_has_no_semaphores() -> None:
    assert "semaphores" not in render(service("x", keepalive=True))
    assert "semaphores" not in render(service("x", keepalive={}))


def test_print_of_a_service_shows_paths_inside_the_root(
    launchd: FakeLaunchd, launchctl: Launchctl
) -> None:
    launchd.services = [idle()]
    assert launchctl("print", "system/x") == (IDLE, "", 0)
    assert launchd.requests == [{"verb": "service", "domain": "system", "label": "x"}]


DOMAIN = """\
gui/501 = {
	type = login
	handle = 100501
	active count = 3
	service count = 2
	active service count = 1
	creator = launchd[1]
	creator euid = 0
	session = Aqua
	security context = {
		uid = 501
		asid = 100501
	}

	bringup time = 12 ms

	environment = {
		A => 1
	}

	services = {
\t\t     887      - \ta
\t\t       0    -15 \tb
	}

	disabled services = {
		"b" => disabled
		"c" => enabled
	}

	properties = gui | gui login
}
"""

SYSTEM = """\
system = {
	type = system
	handle = 0
	active count = 1
	service count = 0
	active service count = 0
	creator = launchd[1]
	creator euid = 0
	security context = {
		uid unset
		asid = 0
	}

	bringup time = 0 ms

	services = {
	}

	disabled services = {
	}

	properties = uncorked
}
"""


def test_print_of_domains(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    assert launchctl("print", "system") == (SYSTEM, "", 0)
    launchd.services = [service("a", domain="gui/501", pid=887),
                        service("b", domain="gui/501", last_exit_status=15)]
    launchd.disabled = {"b": True, "c": False}
    launchd.environment, launchd.domain = {"A": "1"}, {"bringup_ms": 12}
    assert launchctl("print", "gui/501") == (DOMAIN, "", 0)
    assert launchctl("print", "login/100501") == (DOMAIN, "", 0)


@pytest.mark.parametrize(("words", "error", "err"), [
    (("print", "gui/7"), 112, "Could not find domain for user gui: 7\n"),
    (("print", "user/7/x"), 113, 'Could not find service "x" in domain for uid: 7\n'),
    (("print", "system/x"), 22, "Bad request.\n"),
    (("print", "system"), 5, "Could not print domain: 5: Input/output error\n"),
    (("print-disabled", "system"), 112, "Could not find domain for system\n"),
])
def test_failures(
    launchd: FakeLaunchd, launchctl: Launchctl, words: tuple[str, ...], error: int, err: str
) -> None:
    launchd.errors = dict.fromkeys(("domain", "service", "disabled"), error)
    assert launchctl(*words) == ("", err, error)


def test_print_disabled(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    launchd.disabled = {"com.apple.ftpd": True, "com.openssh.sshd": False}
    assert launchctl("print-disabled", "user/501") == ((
        "\n\tdisabled services = {\n"
        '\t\t"com.apple.ftpd" => disabled\n\t\t"com.openssh.sshd" => enabled\n\t}\n'
        "\n\tlogin item associations = {\n\t}\n"), "", 0)
    assert launchctl("print-disabled") == ("", "Usage: launchctl print-disabled\n", 64)
    assert render_disabled({}).startswith("\n\tdisabled services = {\n\t}\n\n")


def test_dumpstate_is_all_that_the_caller_has(launchd: FakeLaunchd, launchctl: Launchctl) -> None:
    launchd.services = [idle()]
    out, err, status = launchctl("dumpstate")
    assert (err, status) == ("", 0)
    assert out.startswith("system = {\n") and out.endswith("\n" + IDLE)
    out, _, _ = launchctl("dumpstate", euid=501)
    assert [line for line in out.splitlines() if line and line[0] not in "\t}"] == [
        "system = {", "system/x = {", "gui/501 = {", "user/501 = {"]


def test_the_root_itself_is_not_cut_off_elsewhere(tmp_path: Path) -> None:
    text = render(service("x", path=f"{tmp_path}/x.plist"))
    assert f"\tpath = {tmp_path}/x.plist\n" in text
