"""The published snapshot: found by any name, whole or refused."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirserv import snapshot
from dirserv.names import GROUPS, RECORD_NAME, UNIQUE_ID, USERS
from dirserv.record import Record


def records() -> list[Record]:
    return [
        Record(1, USERS, {RECORD_NAME: ["root", "BUILTIN\\Local System"], "a": [b"\xff", "x"]}),
        Record(5, GROUPS, {RECORD_NAME: ["Wheel"]}, ("secret",), (1, 2, 3)),
        Record(9, USERS, {RECORD_NAME: ["bob"]}),
    ]


def loaded() -> snapshot.Snapshot:
    files = {"passwd": (1, 2, 3), "group": None}
    return snapshot.of(snapshot.encode(7, files, records()))


def test_it_holds_what_it_was_made_of() -> None:
    found = loaded()
    assert (found.generation, found.files) == (7, {"passwd": (1, 2, 3), "group": None})
    assert [record.id for record in found.records()] == [1, 5, 9]
    assert [record.id for record in found.records(USERS)] == [1, 9]
    group = found.records(GROUPS)[0]
    assert (group.attributes, group.secret, group.plist) == (
        {RECORD_NAME: ["Wheel"]}, ("secret",), (1, 2, 3)
    )


@pytest.mark.parametrize("name", ["root", "ROOT", "builtin\\local system"])
def test_a_record_is_found_by_any_of_its_names_in_any_case(name: str) -> None:
    record = loaded().find(USERS, name)
    assert record is not None and record.id == 1 and record.attributes["a"] == [b"\xff", "x"]


def test_names_belong_to_their_type() -> None:
    assert loaded().find(GROUPS, "root") is None
    assert loaded().find("dsRecTypeStandard:Hosts", "root") is None


@pytest.mark.parametrize("cut", [0, 4, 8, 20, 27, 40])
def test_a_torn_file_is_no_snapshot(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "snapshot"
    path.write_bytes(snapshot.encode(1, {}, records())[:cut])
    assert snapshot.load(str(path)) is None


def test_a_missing_file_and_a_link_are_no_snapshot(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_bytes(snapshot.encode(1, {}, []))
    (tmp_path / "link").symlink_to(real)
    assert snapshot.load(str(tmp_path / "none")) is None
    assert snapshot.load(str(tmp_path / "link")) is None
    assert snapshot.load(str(real)) is not None


def test_the_directory_times_are_stamped_before_it_is_published(tmp_path: Path) -> None:
    staged = tmp_path / ".snapshot.new"
    staged.write_bytes(snapshot.encode(1, {}, records()))
    snapshot.stamp(str(tmp_path / "snapshot"), (123456789012345678, 5))
    staged.rename(tmp_path / "snapshot")
    found = snapshot.load(str(tmp_path / "snapshot"))
    assert found is not None and found.directories == (123456789012345678, 5)


# -- looking things up, and the next snapshot made from this one -----------------------------------

NAMES = st.sampled_from(["ann", "Ann", "bob", "zoë", "x" * 40, "\udcff"])
NUMBERS = st.sampled_from(["0", "-2", "4294967294", "007", "7", "none"])
RECORDS = st.dictionaries(
    st.integers(1, 12),
    st.builds(
        lambda type, name, number, more: (type, {
            RECORD_NAME: [name], UNIQUE_ID: [number], "filling": ["y" * more]}),
        st.sampled_from([USERS, GROUPS]), NAMES, NUMBERS, st.integers(0, 200)),
)


def made(contents: dict[int, tuple[str, dict[str, list[str]]]]) -> list[Record]:
    return [Record(id, *contents[id]) for id in sorted(contents)]


def content(records: Iterable[Record]) -> list[tuple[object, ...]]:
    return [(record.id, record.type, record.attributes, record.secret, record.plist)
            for record in records]


@given(RECORDS, st.lists(st.tuples(RECORDS, st.sets(st.integers(1, 12)))))
def test_a_chain_of_changes_ends_as_if_made_at_once(
    first: dict[int, Any], changes: list[tuple[dict[int, Any], set[int]]]
) -> None:
    now, current = dict(first), snapshot.of(snapshot.encode(1, {}, made(first)))
    for generation, (new, gone) in enumerate(changes, start=2):
        touched = {**dict.fromkeys(gone), **{record.id: record for record in made(new)}}
        now = {id: one for id, one in now.items() if id not in gone} | new
        current = snapshot.of(current.changed(generation, {"passwd": None}, touched))
        assert (current.generation, current.files) == (generation, {"passwd": None})
    whole = snapshot.of(snapshot.encode(9, {}, made(now)))
    assert content(current.records()) == content(whole.records()) == content(made(now))
    for type in (USERS, GROUPS):
        assert current.ids(type) == whole.ids(type)
        assert content(current.records(type)) == content(whole.records(type))
    for record in made(now):
        assert record.id in [found.id for found in current.holders(
            record.type, UNIQUE_ID, record.attributes[UNIQUE_ID][0])]
        first_holder = current.find(record.type, record.name.upper())
        assert first_holder is not None and first_holder.name.lower() == record.name.lower()


def test_ids_are_the_same_in_every_writing() -> None:
    users = [Record(1, USERS, {RECORD_NAME: ["nobody"], UNIQUE_ID: ["-2"]}),
             Record(2, USERS, {RECORD_NAME: ["seven"], UNIQUE_ID: ["007"]})]
    found = snapshot.of(snapshot.encode(1, {}, users))
    assert [user.name for user in found.holders(USERS, UNIQUE_ID, "4294967294")] == ["nobody"]
    assert [user.name for user in found.holders(USERS, UNIQUE_ID, "7")] == ["seven"]
    assert found.holders(GROUPS, UNIQUE_ID, "7") == []


def test_two_keys_with_one_checksum_are_told_apart() -> None:
    users = [Record(id, USERS, {RECORD_NAME: [name]}) for id, name in enumerate(
        (f"n{number}" for number in range(400)), start=1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "crc32", lambda data: len(data))
        found = snapshot.of(snapshot.encode(1, {}, users))
        assert [user.name for user in found.holders(USERS, RECORD_NAME, "n7")] == ["n7"]
        assert found.find(USERS, "m7") is None
        assert len(found.records(USERS)) == 400


def test_waste_is_thrown_away_in_time() -> None:
    current = snapshot.of(snapshot.encode(1, {}, records()))
    sizes = []
    for generation in range(2, 60):
        big = Record(1, USERS, {RECORD_NAME: ["root"], "a": [str(generation) * 300]})
        data = current.changed(generation, {}, {1: big})
        sizes.append(len(data))
        current = snapshot.of(data)
    assert max(sizes) < 4 * min(sizes)
    assert current.records(USERS)[0].attributes["a"] == ["59" * 300]


def test_a_reader_keeps_its_generation_while_the_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    path.write_bytes(snapshot.encode(1, {}, records()))
    held = snapshot.load(str(path))
    fresh = tmp_path / "fresh"
    fresh.write_bytes(snapshot.encode(2, {}, []))
    fresh.rename(path)
    assert held is not None and held.find(USERS, "bob") is not None
    after = snapshot.load(str(path))
    assert after is not None and after.records() == []
