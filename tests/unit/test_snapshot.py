"""The published snapshot: found by any name, whole or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirserv import snapshot
from dirserv.names import GROUPS, RECORD_NAME, USERS
from dirserv.record import Record


def records() -> list[Record]:
    return [
        Record(1, USERS, {RECORD_NAME: ["root", "BUILTIN\\Local System"], "a": [b"\xff", "x"]}),
        Record(5, GROUPS, {RECORD_NAME: ["Wheel"]}, ("secret",), (1, 2, 3)),
        Record(9, USERS, {RECORD_NAME: ["bob"]}),
    ]


def loaded() -> snapshot.Snapshot:
    files = {"passwd": (1, 2, 3), "group": None}
    return snapshot.Snapshot(snapshot.encode(7, files, records()))


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
