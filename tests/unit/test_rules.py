"""The rules of opendirectoryd that every change keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dirserv import errors
from dirserv.change import Change
from dirserv.names import GENERATED_UID, GROUPS, PRIMARY_GROUP_ID, RECORD_NAME, UNIQUE_ID, USERS
from dirserv.record import Record
from tests.support import directory, put


@pytest.fixture
def change(root: Path) -> Iterator[Change]:
    """An open change in a root with two users and a group."""
    put(root, "Users/alice", {"uid": ["501"], "gid": ["20"], "RecordName": ["alice", "al"]})
    put(root, "Users/bob", {"uid": ["502"], "gid": ["20"], "GeneratedUID": ["AB-CD"]})
    put(root, "Groups/devs", {"gid": ["701"], "users": ["alice", "bob", "alice"]})
    with directory(root).change() as opened:
        yield opened


def user(change: Change, name: str = "alice") -> Record:
    record = change.find(USERS, name)
    assert record is not None
    return record


def status(refused: pytest.ExceptionInfo[errors.DSError]) -> int:
    return refused.value.code


@pytest.mark.parametrize("value", ["502", "0502", " 502"[1:], "4294967294"])
def test_a_uid_belongs_to_one_user(change: Change, value: str) -> None:
    with pytest.raises(errors.DSError) as refused:
        change.set(user(change), UNIQUE_ID, [value])
    assert status(refused) == errors.RECORD_EXISTS


def test_ones_own_uid_and_a_groups_gid_are_free(change: Change) -> None:
    change.set(user(change), UNIQUE_ID, ["501"])
    change.set(user(change), UNIQUE_ID, ["701"])
    change.set(user(change), PRIMARY_GROUP_ID, ["701"])
    assert user(change).first(UNIQUE_ID) == "701"


def test_a_gid_belongs_to_one_group(change: Change) -> None:
    group = change.find(GROUPS, "devs")
    assert group is not None
    with pytest.raises(errors.DSError) as refused:
        change.set(group, PRIMARY_GROUP_ID, ["80"])
    assert status(refused) == errors.RECORD_EXISTS


def test_a_uuid_belongs_to_one_record_in_any_case(change: Change) -> None:
    with pytest.raises(errors.DSError) as refused:
        change.set(user(change), GENERATED_UID, ["ab-cd"])
    assert status(refused) == errors.RECORD_EXISTS


@pytest.mark.parametrize("names", [["bob"], ["alice", "BOB"], ["root"]])
def test_a_name_or_alias_belongs_to_one_record(change: Change, names: list[str]) -> None:
    with pytest.raises(errors.DSError) as refused:
        change.set(user(change), RECORD_NAME, names)
    assert status(refused) == errors.RECORD_EXISTS


@pytest.mark.parametrize("names", [[], [""], ["x", ""], ["x\0"], [b"\xff"]])
def test_a_record_keeps_a_name(change: Change, names: list[str | bytes]) -> None:
    with pytest.raises(errors.DSError) as refused:
        change.set(user(change), RECORD_NAME, names)
    assert status(refused) == errors.INVALID_RECORD_NAME


@pytest.mark.parametrize("attribute", ["RecordType", "AppleMetaNodeLocation"])
def test_computed_attributes_cannot_be_written(change: Change, attribute: str) -> None:
    with pytest.raises(errors.DSError) as refused:
        change.append(user(change), "dsAttrTypeStandard:" + attribute, ["x"])
    assert status(refused) == errors.READ_ONLY


@pytest.mark.parametrize("name", ["alice", "ALICE", "al", "root"])
def test_a_taken_name_cannot_be_created(change: Change, name: str) -> None:
    with pytest.raises(errors.DSError) as refused:
        change.new(USERS, name)
    assert status(refused) == errors.RECORD_EXISTS


def test_over_long_names_are_silently_not_created(change: Change) -> None:
    assert change.new(USERS, "x" * 245) is None
    assert change.find(USERS, "x" * 245) is None
    assert change.new(USERS, "x" * 244) is not None


def test_new_users_and_groups_get_a_random_uuid(change: Change) -> None:
    made = [change.new(USERS, "u1"), change.new(USERS, "u2"), change.new(GROUPS, "g1")]
    uuids = [record.first(GENERATED_UID) for record in made if record]
    assert len(set(uuids)) == 3
    for uuid in uuids:
        assert [len(part) for part in uuid.split("-")] == [8, 4, 4, 4, 12]
        assert uuid == uuid.upper() and uuid[14] == "4" and uuid[19] in "89AB"


USERS_KEY = "dsAttrTypeStandard:GroupMembership"


def members(change: Change) -> list[str]:
    group = change.find(GROUPS, "devs")
    assert group is not None
    return group.values(USERS_KEY)


def test_values_are_added_merged_replaced_and_removed(change: Change) -> None:
    group = change.find(GROUPS, "devs")
    assert group is not None
    change.append(group, USERS_KEY, ["bob"])
    assert members(change) == ["alice", "bob", "alice", "bob"]
    change.merge(group, USERS_KEY, ["bob", "carol", "carol"])
    assert members(change) == ["alice", "bob", "alice", "bob", "carol"]
    change.replace(group, USERS_KEY, "alice", "dave")
    assert members(change) == ["dave", "bob", "alice", "bob", "carol"]
    change.replace_at(group, USERS_KEY, 5, "eve")
    change.remove_values(group, USERS_KEY, ["bob", "dave"])
    assert members(change) == ["alice", "bob", "eve"]
    change.set(group, USERS_KEY, [""])
    assert members(change) == []


def test_removing_values_is_all_or_nothing(change: Change) -> None:
    group = change.find(GROUPS, "devs")
    assert group is not None
    with pytest.raises(errors.DSError) as refused:
        change.remove_values(group, USERS_KEY, ["alice", "zed"])
    assert status(refused) == errors.ATTRIBUTE_NOT_FOUND
    assert members(change) == ["alice", "bob", "alice"]


@pytest.mark.parametrize(
    ("index", "code"), [(0, errors.INVALID_INDEX), (-1, errors.INVALID_INDEX),
                        (4, errors.INDEX_OUT_OF_RANGE)],
)
def test_indexes_count_from_one(change: Change, index: int, code: int) -> None:
    group = change.find(GROUPS, "devs")
    assert group is not None
    with pytest.raises(errors.DSError) as refused:
        change.replace_at(group, USERS_KEY, index, "x")
    assert status(refused) == code
