"""Who belongs to which group."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirserv import membership
from dirserv.names import GROUPS, MEMBERS, MEMBERSHIP, USERS
from tests.support import directory, put


@pytest.fixture
def staffed(root: Path) -> Path:
    """A root with users and groups that hold them in every way."""
    put(root, "Users/al", {"uid": ["501"], "gid": ["20"], "generateduid": ["aaaa"],
                           "RecordName": ["al", "albert"]})
    put(root, "Users/svc", {"uid": ["301"], "gid": ["350"], "generateduid": ["SSSS"]})
    put(root, "Groups/byname", {"gid": ["901"], "users": ["al"], "generateduid": ["G1"]})
    put(root, "Groups/byalias", {"gid": ["902"], "users": ["albert"], "generateduid": ["G2"]})
    put(root, "Groups/byuuid", {"gid": ["903"], "groupmembers": ["AAAA"], "generateduid": ["G3"]})
    put(root, "Groups/nested", {"gid": ["904"], "nestedgroups": ["g3"], "generateduid": ["G4"]})
    put(root, "Groups/deep", {"gid": ["905"], "nestedgroups": ["G4", "G5"],
                              "generateduid": ["G5"]})
    put(root, "Groups/build", {"gid": ["350"], "generateduid": ["G6"]})
    return root


@pytest.mark.parametrize(
    ("user", "groups"),
    [
        ("al", {"byname", "byalias", "byuuid", "nested", "deep", "staff", "everyone",
                "localaccounts", "_lpoperator"}),
        ("svc", {"build", "everyone", "localaccounts", "_lpoperator"}),
    ],
)
def test_membership_by_every_way(staffed: Path, user: str, groups: set[str]) -> None:
    found = directory(staffed)
    record = found.find(USERS, user)
    assert record is not None
    assert {group.name for group in found.records(GROUPS)
            if membership.is_member(found, record, group)} == groups


@pytest.mark.parametrize(
    ("names", "uuids", "after"),
    [
        ([], [], (["al"], ["aaaa"])),
        (["x"], ["X"], (["x", "al"], ["X", "aaaa"])),
        (["x"], [], (["x", "al"], [])),
        ([], ["X"], ([], ["X", "aaaa"])),
        (["al"], ["aaaa"], (["al"], ["aaaa"])),
        (["al"], ["X"], (["al"], ["X", "aaaa"])),
    ],
)
def test_a_member_is_added_in_the_kinds_the_group_has(
    staffed: Path, names: list[str], uuids: list[str], after: tuple[list[str], list[str]]
) -> None:
    put(staffed, "Groups/g", {"gid": ["999"], "users": names, "groupmembers": uuids})
    with directory(staffed).change() as change:
        group, user = change.find(GROUPS, "g"), change.find(USERS, "al")
        assert group is not None and user is not None
        membership.add_member(change, group, user)
        assert (group.values(MEMBERSHIP), group.values(MEMBERS)) == after
        membership.remove_member(change, group, user)
        assert "al" not in group.values(MEMBERSHIP) and "aaaa" not in group.values(MEMBERS)
        membership.remove_member(change, group, user)


def test_groups_are_nested_and_taken_out(staffed: Path) -> None:
    with directory(staffed).change() as change:
        outer, inner = change.find(GROUPS, "byname"), change.find(GROUPS, "build")
        user = change.find(USERS, "svc")
        assert outer and inner and user
        membership.nest(change, outer, inner)
        membership.nest(change, outer, inner)
        assert outer.values("dsAttrTypeStandard:NestedGroups") == ["G6"]
        assert membership.is_member(change, user, outer)
        membership.unnest(change, outer, inner)
        assert not membership.is_member(change, user, outer)
