"""Single values: numbers, words, structures; whatever does not fit is noted and left out."""

from __future__ import annotations

from typing import Any

import pytest

from launchd_shim.check.jsonform import plain
from launchd_shim.job import KeepAlive
from tests.unit.launchd.support import job, loaded, texts


def value(field: str, **values: Any) -> Any:
    """A field of the job that has these keys."""
    found: Any = loaded(**values).job
    for name in field.split("."):
        found = getattr(found, name)
    return found


@pytest.mark.parametrize(("given", "umask"), [
    (63, 0o077), (18, 0o022), (0, 0), (511, 0o777), ("022", 0o022), ("0", 0), ("18", 0o022),
    ("0x3f", 0o077), ("0X3F", 0o077), (" 077", 0o077), ("+077", 0o077), ("00000000077", 0o077),
])
def test_umask_forms(given: int | str, umask: int) -> None:
    assert job(Umask=given).process.umask == umask


@pytest.mark.parametrize("given", ["", "abc", "08", "022x", "-1", "0x", "1_0", "٠٢٢", "9" * 5000])
def test_umasks_that_are_no_numbers(given: str) -> None:
    result = loaded(Umask=given)
    assert result.job.process.umask is None
    assert texts(result) == [f"ignored Umask: Umask {given!r} is not a number; ignored"]


@pytest.mark.parametrize(("key", "number", "low", "high"), [
    ("Umask", -1, 0, 511), ("Umask", 512, 0, 511), ("Umask", "01000", 0, 511),
    ("Nice", -21, -20, 20), ("Nice", 21, -20, 20),
    ("StartInterval", 0, 1, 4294967295), ("StartInterval", -5, 1, 4294967295),
    ("StartInterval", 1 << 32, 1, 4294967295),
    ("ThrottleInterval", -1, 1, 4294967295), ("ExitTimeOut", -1, 0, 4294967295),
    ("ExitTimeOut", 1 << 32, 0, 4294967295),
])
def test_numbers_out_of_range(key: str, number: int | str, low: int, high: int) -> None:
    result = loaded(**{key: number})
    assert plain(result.job) == plain(job())
    shown = int(number, 8) if isinstance(number, str) else number
    assert texts(result) == [
        f"ignored {key}: {key} {shown} is not within {low} and {high}; ignored"]


def test_a_umask_that_was_meant_to_be_octal() -> None:
    result = loaded(Umask=22)
    assert result.job.process.umask == 0o026
    assert texts(result) == ["remark Umask: Umask 22 is a decimal number, that is 026; "
                             "the string 022 would be octal"]


def test_throttle() -> None:
    assert job(ThrottleInterval=1).when.throttle == 1
    result = loaded(ThrottleInterval=0)
    assert result.job.when.throttle == 10
    assert texts(result) == [
        "ignored ThrottleInterval: ThrottleInterval 0 is ignored, the default stays"]


@pytest.mark.parametrize(("given", "grace"), [(0, None), (1, 1), (600, 600)])
def test_exit_timeout(given: int, grace: int | None) -> None:
    assert job(ExitTimeOut=given).process.grace == grace


def test_environment() -> None:
    result = loaded(EnvironmentVariables={"A": "1", "B": 2, "C=D": "3", "": "4", "E": "",
                                          "__LAUNCHD_FD": "5", "F": True})
    assert result.job.process.environment == {"A": "1", "E": ""}
    assert texts(result) == [
        "ignored EnvironmentVariables.B: B is an integer, not a string; ignored",
        "ignored EnvironmentVariables.C=D: 'C=D' is no name of a variable; ignored",
        "ignored EnvironmentVariables.: '' is no name of a variable; ignored",
        "ignored EnvironmentVariables.__LAUNCHD_FD: __LAUNCHD_FD is reserved; ignored",
        "ignored EnvironmentVariables.F: F is a boolean, not a string; ignored"]


def test_limits() -> None:
    result = loaded(SoftResourceLimits={"numberoffiles": 1048576, "CPU": -1, "Stack": "big",
                                        "Files": 5, "Core": 0},
                    HardResourceLimits={"NumberOfProcesses": 709})
    assert result.job.process.soft_limits == {"NumberOfFiles": 1048576, "Core": 0}
    assert result.job.process.hard_limits == {"NumberOfProcesses": 709}
    assert [line for line in texts(result) if not line.startswith("partly")] == [
        "ignored SoftResourceLimits.CPU: CPU -1 is not within 0 and 9223372036854775807; ignored",
        "ignored SoftResourceLimits.Stack: Stack is a string, not an integer; ignored",
        "ignored SoftResourceLimits.Files: Unknown key for integer: Files"]


def test_paths() -> None:
    result = loaded(WatchPaths=["/a", 5, "/b"], QueueDirectories=["/q"], StandardOutPath="",
                    WorkingDirectory="/w", RootDirectory="/r")
    when, process = result.job.when, result.job.process
    assert (when.watch_paths, when.queue_directories) == (["/a", "/b"], ["/q"])
    assert (process.stdout, process.directory, process.root) == (None, "/w", "/r")
    assert texts(result) == [
        "ignored WatchPaths: WatchPaths holds integer at 1, not a string; ignored",
        "ignored StandardOutPath: StandardOutPath is empty; ignored"]


@pytest.mark.parametrize(("given", "sessions"), [
    ("Aqua", ["Aqua"]), ("aqua", ["Aqua"]), (["Background", "LoginWindow"],
                                             ["Background", "LoginWindow"]), ([], []),
    (["Moon", "System"], ["System"]), ([5], []),
])
def test_sessions(given: Any, sessions: list[str]) -> None:
    assert value("sessions", LimitLoadToSessionType=given) == sessions


@pytest.mark.parametrize(("given", "paths"), [
    ({"com.apple.fsevents.matching": {"a": {"Path": "/a"}, "b": {"Path": 5}, "c": 1}}, ["/a"]),
    ({"com.apple.iokit.matching": {"a": {"Path": "/a"}}}, []),
    ({"com.apple.fsevents.matching": 5}, []), ({}, []),
])
def test_event_paths(given: Any, paths: list[str]) -> None:
    assert value("when.event_paths", LaunchEvents=given) == paths


def test_hardware_and_disabled() -> None:
    result = loaded(LimitLoadToHardware={"model": ["MacPro1,1", 5], "machine": "x"},
                    Disabled={"MachineType": ["arm64"]})
    assert result.job.hardware_only == {"model": ["MacPro1,1"]}
    assert result.job.disabled == {"MachineType": ["arm64"]}
    assert job(Disabled=True).disabled is True


# KeepAlive ------------------------------------------------------------------------------------

def conditions(**values: Any) -> KeepAlive:
    found = loaded(KeepAlive=values).job.when.keep_alive
    assert isinstance(found, KeepAlive)
    return found


@pytest.mark.parametrize(("given", "starts"), [
    ({"SuccessfulExit": True}, True), ({"SuccessfulExit": False}, True),
    ({"Crashed": True}, True), ({"Crashed": False}, True),
    ({"PathState": {"/a": True}}, False), ({"OtherJobEnabled": {"b": True}}, False),
    ({"AfterInitialDemand": True}, False),
    ({"SuccessfulExit": False, "AfterInitialDemand": True}, False),
], ids=repr)
def test_what_starts_at_load(given: dict[str, Any], starts: bool) -> None:
    found = job(KeepAlive=given)
    assert found.starts_at_load is starts
    assert found.on_demand is False


def test_all_conditions() -> None:
    found = conditions(successfulexit=False, CRASHED=True, PathState={"/a": True, "/b": False},
                       OtherJobEnabled={"x": False}, OtherJobActive={"y": True},
                       AfterInitialDemand=False, NetworkState=True)
    assert plain(found) == {
        "successful_exit": False, "crashed": True, "path_state": {"/a": True, "/b": False},
        "other_job_enabled": {"x": False}, "other_job_active": {"y": True},
        "after_initial_demand": False, "network": True}


@pytest.mark.parametrize("given", [{}, {"NetworkState": True}, {"Unknown": True},
                                   {"PathState": {}}, {"AfterInitialDemand": False},
                                   {"SuccessfulExit": "no"}], ids=repr)
def test_no_condition_keeps_nothing_alive(given: dict[str, Any]) -> None:
    result = loaded(KeepAlive=given)
    assert result.job.when.keep_alive is False
    assert texts(result)[-1] == (
        "remark KeepAlive: KeepAlive holds no condition, so it keeps nothing alive")


def test_homebrews_path() -> None:
    result = loaded(KeepAlive={"PathState": "/a", "Foo": 1})
    assert plain(result.job.when.keep_alive)["path_state"] == {"/a": True}
    assert texts(result) == [
        "remark KeepAlive.PathState: PathState is a string, taken as the path that must exist",
        "ignored KeepAlive.Foo: Unknown key for integer: Foo"]


# StartCalendarInterval ------------------------------------------------------------------------

TOO_LARGE = "must be an integer up to {}; its whole dictionary is ignored"


@pytest.mark.parametrize(("given", "calendar"), [
    ({"Hour": 2, "Minute": 0}, [{"Hour": 2, "Minute": 0}]),
    ([{"minute": 5}, {}, {"WEEKDAY": 7}], [{"Minute": 5}, {}, {"Weekday": 7}]),
    ({}, [{}]), ([], []),
])
def test_calendars(given: Any, calendar: list[dict[str, int]]) -> None:
    assert job(StartCalendarInterval=given).when.calendar == calendar


@pytest.mark.parametrize(("given", "calendar", "notes"), [
    ({"Hour": 24, "Minute": 5}, [], [f"ignored StartCalendarInterval.Hour: Hour "
                                     f"{TOO_LARGE.format(23)}"]),
    ({"Minute": "5"}, [], [f"ignored StartCalendarInterval.Minute: Minute "
                           f"{TOO_LARGE.format(59)}"]),
    ({"Minute": True}, [], [f"ignored StartCalendarInterval.Minute: Minute "
                            f"{TOO_LARGE.format(59)}"]),
    ([{"Weekday": 8}, {"Day": 31}], [{"Day": 31}],
     [f"ignored StartCalendarInterval[0].Weekday: Weekday {TOO_LARGE.format(7)}"]),
    ({"Hour": -1, "Minute": 5}, [{"Minute": 5}],
     ["ignored StartCalendarInterval.Hour: Hour -1 means any hour"]),
    ({"Month": 0, "Day": 0, "Weekday": 0}, [{"Weekday": 0}],
     ["ignored StartCalendarInterval.Month: Month 0 means any month",
      "ignored StartCalendarInterval.Day: Day 0 means any day"]),
    ({"Second": 5}, [{}], ["ignored StartCalendarInterval.Second: Unknown key for integer: "
                           "Second"]),
    ([5, {"Hour": 1}], [{"Hour": 1}],
     ["ignored StartCalendarInterval[0]: StartCalendarInterval[0] is an integer, "
      "not a dictionary; ignored"]),
], ids=repr)
def test_calendars_with_faults(
    given: Any, calendar: list[dict[str, int]], notes: list[str]
) -> None:
    result = loaded(StartCalendarInterval=given)
    assert (result.job.when.calendar, texts(result)) == (calendar, notes)
