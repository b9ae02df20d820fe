"""Property lists into jobs: what is refused and why, what is only noted."""

from __future__ import annotations

import plistlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launchd_shim import keys
from launchd_shim.check.jsonform import plain
from launchd_shim.check.render import text
from launchd_shim.job import Job
from launchd_shim.loading import Loaded, load_bytes, load_values
from launchd_shim.refusal import Refused
from tests.unit.launchd.support import LEAST, examples, job, loaded, refusal, texts
from tests.unit.launchd.test_launchd_plistfile import TREES


@pytest.mark.parametrize(("values", "code", "detail", "legacy"), [
    (["a"], 109, "its top level is array, not dictionary", "no plist was returned for: /x.plist"),
    ("a", 109, "its top level is string, not dictionary", "no plist was returned for: /x.plist"),
    ({}, 110, "it has no Label", "missing the Label key: /x.plist"),
    ({**LEAST, "Label": 5}, 110, "its Label is integer, not string",
     "missing the Label key: /x.plist"),
    ({**LEAST, "Label": ""}, 110, "its Label is empty", "missing the Label key: /x.plist"),
    ({**LEAST, "Label": "a\nb"}, 140, "its Label holds a control character", ""),
    ({**LEAST, "Label": "Com.Apple.LaunchD.peruser"}, 140,
     "labels that begin with com.apple.launchd are launchd's own", ""),
    ({**LEAST, "Label": "com.apple.launchctl.Aqua"}, 140,
     "labels that begin with com.apple.launchctl are launchd's own", ""),
    ({"Label": "a"}, 111, "it says neither in Program nor in ProgramArguments what to run",
     "neither a Program nor a ProgramArguments key was specified: /x.plist"),
    ({"Label": "a", "Program": ""}, 111,
     "it says neither in Program nor in ProgramArguments what to run",
     "neither a Program nor a ProgramArguments key was specified: /x.plist"),
    ({"Label": "a", "ProgramArguments": []}, 111,
     "it says neither in Program nor in ProgramArguments what to run",
     "neither a Program nor a ProgramArguments key was specified: /x.plist"),
    ({"Label": "a", "BundleProgram": "Contents/a"}, 111,
     "it says neither in Program nor in ProgramArguments what to run",
     "neither a Program nor a ProgramArguments key was specified: /x.plist"),
    ({**LEAST, "ProgramArguments": "/bin/sh -c true"}, 111,
     "its ProgramArguments is string, not array",
     "neither a Program nor a ProgramArguments key was specified: /x.plist"),
    ({**LEAST, "ProgramArguments": ["/bin/sleep", 5]}, 111,
     "its ProgramArguments hold integer at 1, not string",
     "neither a Program nor a ProgramArguments key was specified: /x.plist"),
], ids=repr)
def test_refusals(values: Any, code: int, detail: str, legacy: str) -> None:
    error = refusal(values)
    assert (error.code, error.detail) == (code, detail)
    assert error.legacy == (f"launchctl: {legacy}" if legacy else "")


def test_a_refusal_prints_as_launchctl_prints_one_path_of_several() -> None:
    assert str(refusal([])) == "/x.plist: Invalid property list"
    assert str(refusal({})) == "/x.plist: Invalid or missing service identifier"
    assert str(refusal({"Label": "a"})) == \
        "/x.plist: Invalid or missing Program/ProgramArguments"
    assert str(refusal({**LEAST, "Label": "com.apple.launchd"})) == \
        "/x.plist: Service name is reserved or invalid"


def test_the_least_job_has_the_defaults() -> None:
    result = job()
    assert (result.label, result.path, result.program, result.arguments) == (
        "org.example.job", "/x.plist", "/bin/true", None)
    assert (result.argv, result.executable, result.inferred_program) == (
        ["/bin/true"], "/bin/true", False)
    assert (result.on_demand, result.starts_at_load, result.disabled) == (True, False, False)
    assert (result.when.throttle, result.process.grace, result.process.init_groups) == (
        10, 5, True)
    assert plain(result) == plain(Job("org.example.job", "/x.plist")) | {"program": "/bin/true"}


@pytest.mark.parametrize(("program", "arguments", "executable", "argv"), [
    ("/bin/a", None, "/bin/a", ["/bin/a"]),
    ("/bin/a", [], "/bin/a", ["/bin/a"]),
    ("/bin/a", ["b", "c"], "/bin/a", ["b", "c"]),
    ("/bin/a", ["", "c"], "/bin/a", ["", "c"]),
    (None, ["b", "c"], "b", ["b", "c"]),
])
def test_program_and_arguments(
    program: str | None, arguments: list[str] | None, executable: str, argv: list[str]
) -> None:
    values = {"Label": "a", "Program": program, "ProgramArguments": arguments}
    result = load_values({key: value for key, value in values.items() if value is not None}, "/x")
    assert (result.job.executable, result.job.argv) == (executable, argv)
    assert result.job.inferred_program is (program is None)
    assert texts(result) == []


def test_a_program_of_the_wrong_kind_is_ignored_where_the_arguments_say_it() -> None:
    result = load_values({"Label": "a", "Program": 5, "ProgramArguments": ["/b"]}, "/x")
    assert result.job.executable == "/b"
    assert texts(result) == ["ignored Program: Program is an integer, not a string; ignored"]


def test_a_relative_program_is_remarked_on() -> None:
    assert texts(load_values({"Label": "a", "Program": "true"}, "/x")) == [
        "remark Program: Program must be an absolute path"]


@pytest.mark.parametrize("spell", [str.lower, str.upper, str.swapcase])
def test_keys_in_any_case(spell: Any) -> None:
    values = {"Label": "a", "ProgramArguments": ["/b"], "ExitTimeOut": 7, "KeepAlive": True,
              "EnvironmentVariables": {"A": "b"}, "Sockets": {"L": {"SockPathMode": 0o600,
                                                                    "SockPathName": "/s"}}}
    inner = values["Sockets"]["L"]  # type: ignore[index]
    values["Sockets"] = {"L": {spell(key): value for key, value in inner.items()}}
    result = load_values({spell(key): value for key, value in values.items()}, "/x")
    found = result.job
    assert (found.label, found.argv, found.process.exit_timeout) == ("a", ["/b"], 7)
    assert (found.when.keep_alive, found.process.environment) == (True, {"A": "b"})
    assert found.when.sockets["L"][0].mode == 0o600
    assert texts(result) == []


def test_the_documented_spelling_wins() -> None:
    result = loaded(NICE=1, Nice=2, nice=3)
    assert result.job.process.nice == 2
    assert texts(result) == ["ignored NICE: NICE is there as Nice as well; ignored",
                             "ignored nice: nice is there as Nice as well; ignored"]
    result = loaded(NICE=1, nice=3)
    assert result.job.process.nice == 1
    assert texts(result) == ["ignored nice: nice is there as NICE as well; ignored"]


@pytest.mark.parametrize(("key", "value", "kind"), [
    ("A", "x", "string"), ("A", 1, "integer"), ("A", 1.5, "real"), ("A", True, "boolean"),
    ("A", [], "array"), ("A", {}, "dictionary"), ("A", b"", "data"),
    ("#IfFeatureFlagDisabled", {}, "dictionary"), ("EnvironmentalVariables", {}, "dictionary"),
])
def test_unknown_keys_are_logged_in_launchds_words(key: str, value: Any, kind: str) -> None:
    assert texts(loaded(**{key: value})) == [f"ignored {key}: Unknown key for {kind}: {key}"]


@pytest.mark.parametrize("key", [key for key in keys.TOP.values()
                                 if key.name not in LEAST and key.name != "ProgramArguments"],
                         ids=lambda key: key.name)
def test_a_value_of_the_wrong_kind_is_ignored(key: keys.Key) -> None:
    before = plain(job())
    for value in (True, 7, 1.5, "x", ["x"], {"x": "y"}, b"x"):
        kind = {bool: "boolean", int: "integer", float: "real", str: "string", list: "array",
                dict: "dictionary", bytes: "data"}[type(value)]
        if kind in key.kinds or not key.kinds:
            continue
        result = loaded(**{key.name: value})
        assert plain(result.job) == before
        assert [(note.kind, note.key) for note in result.notes] == [("ignored", key.name)]
        assert result.notes[0].text.endswith("; ignored")


@pytest.mark.parametrize(("values", "note"), [
    ({"EnableTransactions": True},
     "no effect EnableTransactions: EnableTransactions has no effect: every job gets SIGTERM "
     "first"),
    ({"BundleProgram": "a"}, "no effect BundleProgram: BundleProgram has no effect: there is no "
                             "app bundle; a job that names nothing else to run is refused"),
    ({"_Anything": 5}, "no effect _Anything: _Anything has no effect: internal to Apple's system"),
    ({"JetsamProperties": {}}, "no effect JetsamProperties: JetsamProperties has no effect: "
                               "internal to Apple's system"),
    ({"MachServices": {"a": True}}, "partly MachServices: MachServices: the names are listed, "
                                    "but nothing answers on them"),
    ({"LaunchOnlyOnce": True, "KeepAlive": True},
     "remark LaunchOnlyOnce: it runs only once, so KeepAlive does not restart it"),
    ({"inetdCompatibility": {"Wait": True}},
     "remark inetdCompatibility: there are no Sockets for it to wait on"),
])
def test_what_has_less_effect_is_noted(values: dict[str, Any], note: str) -> None:
    assert texts(loaded(**values)) == [note]


def test_a_switch_that_is_off_has_nothing_to_say() -> None:
    assert texts(loaded(EnableTransactions=False, LowPriorityIO=False, SessionCreate=False)) == []


@pytest.mark.parametrize(("values", "keeps"), [
    ({"OnDemand": False}, True), ({"OnDemand": True}, False),
    ({"OnDemand": True, "KeepAlive": True}, True),
    ({"OnDemand": False, "KeepAlive": False}, False),
    ({"OnDemand": False, "KeepAlive": True}, True),
    ({"ondemand": False}, True), ({"OnDemand": 0}, False),
])
def test_on_demand(values: dict[str, Any], keeps: bool) -> None:
    found = loaded(**values).job
    assert found.when.keep_alive is keeps
    assert (found.on_demand, found.starts_at_load) == (not keeps, keeps)


def test_conditions_outlive_on_demand() -> None:
    found = job(OnDemand=False, KeepAlive={"SuccessfulExit": False})
    assert found.when.keep_alive.successful_exit is False  # type: ignore[union-attr]


def test_an_inetd_service_leaves_its_group_alone() -> None:
    sockets = {"L": {"SockServiceName": "telnet"}}
    found = job(inetdCompatibility={"Wait": False}, Sockets=sockets)
    assert (found.when.inetd_wait, found.process.abandon_group) == (False, True)
    assert job(inetdCompatibility={}, Sockets=sockets).when.inetd_wait is False
    assert job(inetdCompatibility={"Wait": True}, Sockets=sockets).when.inetd_wait is True


@pytest.mark.parametrize(("values", "type"), [
    ({"ProcessType": "interactive"}, "Interactive"), ({"POSIXSpawnType": "Adaptive"}, "Adaptive"),
    ({"PosixSpawnType": "App"}, "Standard"),
    ({"ProcessType": "Background", "POSIXSpawnType": "Adaptive"}, "Background"),
])
def test_process_types(values: dict[str, str], type: str) -> None:
    assert loaded(**values).job.process.type == type


def test_both_forms_of_file_give_the_same_job() -> None:
    values = {**LEAST, "KeepAlive": {"Crashed": True}, "Umask": "022", "Nice": -5}
    jobs = [plain(load_bytes(plistlib.dumps(values, fmt=form), "/x").job)
            for form in (plistlib.FMT_XML, plistlib.FMT_BINARY)]
    assert jobs[0] == jobs[1]


NAMES = [key.name for key in keys.TOP.values()]
INNER = [*(key.name for table in (keys.KEEP_ALIVE, keys.SOCKET, keys.INETD)
           for key in table.values()), *keys.CALENDAR, *keys.LIMITS,
         "com.apple.fsevents.matching", "Path"]
VALUES = st.recursive(TREES, lambda inner: st.dictionaries(
    st.sampled_from(INNER), inner, max_size=5) | st.lists(inner, max_size=3), max_leaves=10)


@examples(500)
@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), VALUES, max_size=8))
def test_any_tree_is_a_job_or_refused_and_can_be_told(values: dict[str, Any]) -> None:
    for tree in (values, {**values, **LEAST, "ProgramArguments": ["a"]}):
        try:
            result: Loaded | Refused = load_values(tree, "/x")
        except Refused as error:
            result = error
        assert text([("/x", result)], colour=False)
    assert isinstance(result, Loaded)


@examples(300)
@given(st.sampled_from(NAMES), VALUES)
def test_what_does_not_count_is_noted(name: str, value: Any) -> None:
    """A key whose value changes nothing, though it is not the default, leaves a note."""
    if name in ("Label", "Program", "ProgramArguments"):
        return
    result = loaded(**{name: value})
    if plain(result.job) == plain(job()) and value not in (
            False, [], {}, "Standard", True, 10, "", 0):
        assert result.notes
