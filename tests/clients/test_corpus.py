"""Launchd property lists, real and described, load or are refused for the right reason."""

from __future__ import annotations

import plistlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from launchd_shim import loading
from launchd_shim.loading import Loaded
from launchd_shim.notes import IGNORED
from launchd_shim.refusal import Refused
from tests.clients import corpus
from tests.clients.callers import Caller
from tests.clients.conftest import fetched
from tests.clients.corpus import Case, Source
from tests.unit.supervisor.harness import Launchd

CASES = corpus.described()
SOURCES = corpus.sources()
#: One in so many is given to a real launchctl as well.
STRIDE = 7


def loaded(data: bytes) -> Loaded | int:
    """The job that the loader makes of these bytes, or the number of its refusal."""
    try:
        return loading.load_bytes(data, "/Library/LaunchDaemons/x.plist")
    except Refused as refused:
        return refused.code


def test_the_corpus_is_large_and_without_repetition() -> None:
    contents = {plistlib.dumps(case.value) for case in CASES}
    assert len(contents) == len(CASES)
    real = sum(len(source.plists) for source in SOURCES)
    assert (len(CASES), real) == (391, 25)
    assert len(CASES) + real >= 300
    # Each reason that a file alone can give.
    assert Counter(case.error for case in CASES if case.error) == {110: 3, 111: 6, 140: 3}


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY], ids=["xml", "binary"])
def test_described(form: plistlib.PlistFormat) -> None:
    wrong = []
    for case in CASES:
        result = loaded(plistlib.dumps(case.value, fmt=form))
        if isinstance(result, int):
            found: object = result
        else:
            ignored = {note.key for note in result.notes if note.kind == IGNORED}
            found = (result.job.label, ignored)
        if found != (case.error or (case.value["Label"], case.ignored)):
            wrong.append((case.name, found))
    assert wrong == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name.rpartition("/")[2])
def test_real(source: Source) -> None:
    files = fetched(lambda: corpus.fetch(source))
    results = {name: loaded(data) for name, data in files.items()}
    assert {name: one if isinstance(one, int) else one.job.label
            for name, one in results.items()} == source.plists


def test_real_cupsds_socket_is_everybodys() -> None:
    """Its mode says that it is a socket, beside the permissions."""
    source = next(one for one in SOURCES if "cups" in one.name)
    result = loaded(fetched(lambda: corpus.fetch(source))["scheduler/org.cups.cupsd.plist"])
    assert isinstance(result, Loaded)
    assert [one.mode for one in result.job.when.sockets["Listeners"] if one.path] == [0o777]


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Caller]:
    """A root with a supervisor and a client."""
    launchd = Launchd(tmp_path / "root")
    yield Caller(launchd, tmp_path / "commands")
    launchd.stop()


def test_a_part_of_them_through_launchctl(caller: Caller) -> None:
    """bootstrap into the domain, print, and all out again by path."""
    chosen = [case for case in CASES[::STRIDE] if not case.error]
    paths = [_written(caller, case) for case in chosen]
    assert caller("bootstrap", "system", *paths).stderr == ""
    for case in chosen:
        result = caller("print", f"system/{case.name}")
        lines = result.stdout.splitlines()
        assert lines[0] == f"system/{case.name} = {{"
        missing = [line for line in case.prints if f"\t{line}" not in lines]
        assert missing == [], result.stdout
    assert caller("bootout", "system", *paths).stderr == ""
    assert caller("list").stdout == "PID\tStatus\tLabel\n"


def test_refusals_through_launchctl(caller: Caller) -> None:
    """Root is told the reason, by load as by bootstrap; load is a success all the same."""
    for case in (case for case in CASES if case.error):
        path = caller.plist("refused")
        (caller.root / path.lstrip("/")).write_bytes(plistlib.dumps(case.value))
        result = caller("bootstrap", "system", path)
        assert result.returncode == case.error, (case.name, result)
        assert result.stderr.startswith(f"Bootstrap failed: {case.error}: "), result
        assert caller("load", path).returncode == 0
    assert caller("list").stdout == "PID\tStatus\tLabel\n"


def _written(caller: Caller, case: Case) -> str:
    """The property list in the root, with a harmless program."""
    keys = {**case.value, "ProgramArguments": corpus.SLEEP}
    keys.pop("Program", None)
    return caller.plist(case.name, **keys)
