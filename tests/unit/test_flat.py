"""Lines of passwd, master.passwd and group, and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirserv.names import GROUPS, RECORD_NAME, USERS, qualified
from dirserv.projection import flat
from dirserv.record import Record


def user(name: str = "alice", **attributes: str | list[str]) -> Record:
    values = {"UniqueID": "501", "PrimaryGroupID": "20", "RealName": "Alice",
              "NFSHomeDirectory": "/Users/alice", "UserShell": "/bin/zsh", **attributes}
    return _record(USERS, name, values)


def group(name: str = "devs", **attributes: str | list[str]) -> Record:
    return _record(GROUPS, name, {"PrimaryGroupID": "701", **attributes})


def _record(type: str, name: str, values: dict[str, str | list[str]]) -> Record:
    lists = {qualified(key): [value] if isinstance(value, str) else list(value)
             for key, value in values.items() if value != ""}
    return Record(1, type, {RECORD_NAME: [name], **lists})


def lines(file: str, *records: Record) -> list[str]:
    shown = flat.entries(file, records, lambda record: flat.NO_PASSWORD)
    return [line for line in flat.render(file, shown).decode().splitlines()
            if not line.startswith("#")]


def test_a_user_in_both_files() -> None:
    assert lines("passwd", user()) == ["alice:*:501:20:Alice:/Users/alice:/bin/zsh"]
    assert lines("master.passwd", user()) == [
        "alice:*:501:20::0:0:Alice:/Users/alice:/bin/zsh"
    ]


def test_a_group_and_its_members() -> None:
    assert lines("group", group(GroupMembership=["alice", "bob"])) == ["devs:*:701:alice,bob"]
    assert lines("group", group()) == ["devs:*:701:"]


@pytest.mark.parametrize("missing", ["UniqueID", "PrimaryGroupID"])
def test_a_record_without_what_a_line_needs_has_none(missing: str) -> None:
    assert lines("passwd", user(**{missing: ""})) == []


@pytest.mark.parametrize("bad", ["a:b", "a\nb:*:0:0", "#x", "+x", "-x", "a,b", "a\0b", "a\rb"])
def test_a_name_that_could_become_another_line_is_not_shown(bad: str) -> None:
    assert lines("passwd", user(bad)) == []
    assert lines("group", group(bad)) == []
    assert lines("group", group(GroupMembership=["x", bad])) == ["devs:*:701:x"]


def test_separators_in_the_full_name_become_blanks() -> None:
    evil = "Eve\nroot2:*:0:0::/:/bin/sh"
    assert lines("passwd", user(RealName=evil)) == [
        "alice:*:501:20:Eve root2 * 0 0  / /bin/sh:/Users/alice:/bin/zsh"
    ]


@pytest.mark.parametrize("bad", ["/a:b", "/a\nb"])
def test_half_a_path_is_never_shown(bad: str) -> None:
    assert lines("passwd", user(NFSHomeDirectory=bad, UserShell=bad)) == [
        "alice:*:501:20:Alice:/var/empty:/usr/bin/false"
    ]


def test_negative_ids_are_written_unsigned_and_sorted_signed() -> None:
    records = [user("root", UniqueID="0"), user("nobody", UniqueID="-2", PrimaryGroupID="-2")]
    assert [line.split(":")[:4] for line in lines("passwd", *records)] == [
        ["nobody", "*", "4294967294", "4294967294"], ["root", "*", "0", "20"],
    ]


@pytest.mark.parametrize("bad", ["", "abc", "1.5", "4294967296", "-2147483649", "٣", "1 2"])
def test_an_id_that_is_none_is_not_shown(bad: str) -> None:
    assert lines("passwd", user(UniqueID=bad)) == []


@pytest.mark.parametrize("file", ["passwd", "master.passwd", "group"])
def test_what_is_rendered_parses_to_the_same(file: str) -> None:
    records = [user(), user("nobody", UniqueID="-2"), group(GroupMembership=["alice"])]
    shown = flat.entries(file, records, lambda record: "$6$salt$hash:staff:1:2")
    assert flat.parse(file, flat.render(file, shown)) == shown


def test_lines_that_are_none_are_passed_over() -> None:
    text = b"\n# note\n+::::::\nbroken\nshort:*:1\nbad:*:x:y:::\nok:*:1:2:Full:/h:/s\nok:*:3:4:::\n"
    assert flat.parse("passwd", text) == {"ok": (1, 2, "Full", "/h", "/s")}


def test_a_groups_file_by_hand() -> None:
    text = b"g:x:4294967294:a, b,\nnone:x:\n\xff:x:7:\n"
    assert flat.parse("group", text) == {"g": (-2, ("a", "b")), "\ufffd": (7, ())}


# -- changing single lines -------------------------------------------------------------------------

IDS = st.integers(-2, 6)
SHOWN = st.dictionaries(st.sampled_from([*"abcd", "ab", "root"]), IDS, max_size=6)


def shown(file: str, ids: dict[str, int]) -> dict[str, Any]:
    fields = {"group": lambda id: (id, ("ann", "bob")),
              "passwd": lambda id: (id, 20, "Ann:".strip(":"), "/", "/bin/sh"),
              "master.passwd": lambda id: (id, 20, "", "/", "/bin/sh", flat.NO_PASSWORD)}[file]
    return {name: fields(id) for name, id in ids.items()}


@given(st.sampled_from(list(flat.MODES)), SHOWN, st.sets(st.sampled_from([*"abcd", "ab"])), SHOWN)
def test_splicing_is_rendering_or_declined(
    file: str, ids: dict[str, int], gone: set[str], new: dict[str, int]
) -> None:
    before = shown(file, ids)
    data = flat.render(file, before)
    after = {name: one for name, one in before.items() if name not in gone} | shown(file, new)
    spliced = flat.spliced(file, data, [*gone, *new], shown(file, new))
    numbers = [fields[0] for fields in after.values()]
    if spliced is None:
        assert len(numbers) > len({*numbers}), "only lines with one id are in doubt"
    elif len(numbers) == len({*numbers}):
        assert spliced == flat.render(file, after)
    else:
        assert sorted(spliced.splitlines()) == sorted(flat.render(file, after).splitlines())
