"""Our writer of binary property lists, read back by two independent readers."""

from __future__ import annotations

import plistlib

import biplist
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirserv.projection.bplist import dumps

_TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)
_VALUES = st.lists(st.one_of(_TEXT, st.binary(max_size=40)), max_size=5)


@given(st.dictionaries(_TEXT, _VALUES, max_size=8))
def test_plistlib_reads_what_we_write(attributes: dict[str, list[str | bytes]]) -> None:
    assert plistlib.loads(dumps(attributes)) == attributes


@pytest.mark.parametrize("count", [0, 1, 14, 15, 16, 300])
def test_long_arrays_and_many_objects(count: int) -> None:
    attributes = {f"key{at}": [f"value {at}"] for at in range(count)} | {"all": ["x"] * count}
    assert plistlib.loads(dumps(attributes)) == attributes


@pytest.mark.parametrize("size", [14, 15, 255, 256, 70_000])
def test_long_values(size: int) -> None:
    attributes = {"text": ["é" * size], "ascii": ["a" * size], "data": [b"\xff" * size]}
    assert plistlib.loads(dumps(attributes)) == attributes


def test_biplist_agrees() -> None:
    attributes = {"name": ["_nixbld1"], "realname": ["Käse 😀"], "data": [b"\0\xff"]}
    assert biplist.readPlistFromString(dumps(attributes)) == attributes
