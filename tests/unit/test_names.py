"""Names of attributes and record types, as typed, stored and on disk."""

from __future__ import annotations

import pytest

from dirserv import names


@pytest.mark.parametrize(
    ("typed", "full", "kept"),
    [
        ("UniqueID", "dsAttrTypeStandard:UniqueID", "dsAttrTypeStandard:UniqueID"),
        ("uniqueid", "dsAttrTypeNative:uniqueid", "dsAttrTypeNative:uniqueid"),
        ("uid", "dsAttrTypeNative:uid", "dsAttrTypeStandard:UniqueID"),
        ("gid", "dsAttrTypeNative:gid", "dsAttrTypeStandard:PrimaryGroupID"),
        ("users", "dsAttrTypeNative:users", "dsAttrTypeStandard:GroupMembership"),
        ("IsHidden", "dsAttrTypeNative:IsHidden", "dsAttrTypeNative:IsHidden"),
        ("dsAttrTypeNative:home", "dsAttrTypeNative:home", "dsAttrTypeStandard:NFSHomeDirectory"),
        ("dsAttrTypeStandard:Foo", "dsAttrTypeStandard:Foo", "dsAttrTypeStandard:Foo"),
    ],
)
def test_a_native_key_is_the_standard_attribute_it_stores(
    typed: str, full: str, kept: str
) -> None:
    assert names.qualified(typed) == full
    assert names.stored(full) == kept


@pytest.mark.parametrize("attribute", sorted(names.ON_DISK_KEYS))
def test_every_on_disk_key_leads_back_to_its_attribute(attribute: str) -> None:
    full = names.STANDARD + attribute
    assert names.from_disk(names.on_disk(full)) == full


def test_an_attribute_without_a_key_keeps_its_full_name_on_disk() -> None:
    assert names.on_disk("dsAttrTypeStandard:Version") == "dsAttrTypeStandard:Version"
    assert names.from_disk("dsAttrTypeStandard:Version") == "dsAttrTypeStandard:Version"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Users", names.USERS),
        ("users", names.USERS),
        ("USERS", names.USERS),
        ("dsRecTypeStandard:Users", names.USERS),
        ("dsRecTypeNative:users", names.USERS),
        ("computer_lists", names.COMPUTER_LISTS),
        ("mounts", "dsRecTypeStandard:Mounts"),
        ("dsRecTypeNative:mine", "dsRecTypeNative:mine"),
        ("dsRecTypeStandard:Nope", None),
        ("Nope", None),
        ("", None),
    ],
)
def test_record_types_are_found_by_any_of_their_names(typed: str, found: str | None) -> None:
    assert names.record_type(typed) == found


@pytest.mark.parametrize(
    ("constant", "shown"),
    [
        ("dsAttrTypeStandard:RealName", "RealName"),
        ("dsRecTypeStandard:Users", "Users"),
        ("dsAttrTypeNative:uid", "dsAttrTypeNative:uid"),
        ("dsRecTypeNative:mine", "dsRecTypeNative:mine"),
        ("plain:text", "plain:text"),
    ],
)
def test_only_standard_prefixes_are_stripped(constant: str, shown: str) -> None:
    assert names.without_prefix(constant) == shown
