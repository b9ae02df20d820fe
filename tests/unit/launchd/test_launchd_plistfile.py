"""Bytes into values: what is a property list, and bounds on what hostile ones cost."""

from __future__ import annotations

import plistlib
import random
import resource
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from launchd_shim import plistbinary
from launchd_shim.plisterror import NotAPropertyList
from launchd_shim.plistfile import MAX_BYTES, parse
from tests.unit.launchd.support import LEAST, examples

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'
DOCTYPES = [
    b"",
    b'<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
    b'"http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    b'<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" '
    b'"http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    b'<!DOCTYPE plist SYSTEM "file://localhost/System/Library/DTDs/PropertyList.dtd">',
]


@pytest.fixture(autouse=True)
def quickly() -> Iterator[None]:
    """Nothing here may take long or much memory, whatever the input."""
    before = time.monotonic()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.monotonic() - before < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 400_000


def reason(data: bytes) -> str:
    with pytest.raises(NotAPropertyList) as caught:
        parse(data)
    return str(caught.value)


def xml(body: bytes) -> bytes:
    return HEAD + b'<plist version="1.0">' + body + b"</plist>"


def binary(objects: list[bytes], top: int = 0, offsets: list[int] | None = None) -> bytes:
    """A binary property list of ready-made objects, with two-byte references and offsets."""
    places, body = [], b"bplist00"
    for data in objects:
        places.append(len(body))
        body += data
    places = places if offsets is None else offsets
    table = b"".join(place.to_bytes(4, "big") for place in places)
    trailer = bytes(6) + b"\4\2" + b"".join(
        number.to_bytes(8, "big") for number in (len(places), top, len(body)))
    return body + table + trailer


@pytest.mark.parametrize("doctype", DOCTYPES)
def test_document_types(doctype: bytes) -> None:
    body = b"<plist><dict><key>a</key><string>x &amp;&amp; y</string></dict></plist>"
    data = HEAD + doctype + body
    assert parse(data) == {"a": "x && y"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{name}"?><plist><string>Käse</string></plist>'
    assert parse(text.encode(encoding)) == "Käse"


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_both_forms_are_equal(form: plistlib.PlistFormat) -> None:
    value = {**LEAST, "KeepAlive": {"PathState": {"/ü": True}}, "Nice": -3, "Data": b"\0"}
    assert parse(plistlib.dumps(value, fmt=form)) == value


def test_white_space_before_the_declaration() -> None:
    assert parse(b"\n\n " + xml(b"<true/>")) is True


@pytest.mark.parametrize(("data", "why"), [
    (b"", "it is empty"),
    (b"  \n", "it is empty"),
    (b"{ Label = x; }", "it is JSON or an old-style property list; only XML and binary ones are "
                        "read"),
    (b'{"Label": "x"}', "it is JSON or an old-style property list; only XML and binary ones are "
                        "read"),
    (b"\x7fELF", "it is neither an XML nor a binary property list"),
    (xml(b""), "it holds no value"),
    (xml(b"<dict>"), "mismatched tag: line 2, column 29"),
    (xml(b"<True/>"), "unknown element <True> at line 2"),
    (xml(b"<dict>{% if x %}</dict>"), "text in <dict> at line 2"),
    (xml(b"<true>x</true>"), "text in <true> at line 2"),
    (xml(b"<true/><false/>"), "a second value at line 2"),
    (xml(b"<string><true/></string>"), "<true> inside of <string> at line 2"),
    (xml(b"<array><key>a</key></array>"), "<key> outside of a dictionary at line 2"),
    (xml(b"<array><plist/></array>"), "<plist> inside of <array> at line 2"),
    (xml(b"<dict><string>a</string></dict>"), "unexpected element at line 2"),
    (xml(b"<dict><key>a</key></dict>"), "missing value for key 'a' at line 2"),
    (xml(b"<integer>ten</integer>"), "invalid literal for int() with base 10: 'ten'"),
    (xml(b"<date>yesterday</date>"), "a value in it is malformed"),
    (xml(b"<integer>18446744073709551616</integer>"),
     "an integer in it does not fit into 64 bits"),
    (xml(b"<integer>0x" + b"f" * 9000 + b"</integer>"),
     "an integer in it does not fit into 64 bits"),
    (b'<!DOCTYPE plist [<!ENTITY a "b">]><plist><string>&a;</string></plist>',
     "it declares an entity at line 1"),
    (b'<?xml version="1.0" encoding="klingon"?><plist/>',
     "its encoding is not one that can be read"),
    (plistlib.dumps({"a": "b\0c"}, fmt=plistlib.FMT_BINARY),
     "a string in it holds a NUL character"),
    (plistlib.dumps({"a\0": "b"}, fmt=plistlib.FMT_BINARY),
     "a string in it holds a NUL character"),
    (binary([b"\xd1\0\1\0\1", b"\x10\5"]), "a key in it is not a string"),
    (binary([b"\xa1\0\0"]), "it is nested more than 64 deep"),
])
def test_what_is_no_property_list(data: bytes, why: str) -> None:
    assert reason(data) == why


def test_no_value_is_lost_where_plistlib_would_lose_it() -> None:
    data = xml(b"<array><True/></array>")
    assert plistlib.loads(data) == []
    assert reason(data) == "unknown element <True> at line 2"


@pytest.mark.parametrize(("head", "rest"), [(b"", b"<"), (b"bplist00", b"\0"), (b"", b" ")])
def test_100_megabytes(head: bytes, rest: bytes) -> None:
    data = head + rest * (100 << 20)
    before = time.monotonic()
    assert reason(data) == f"it is larger than {MAX_BYTES} bytes"
    assert time.monotonic() - before < 1


@pytest.mark.parametrize("depth", [64, 10_000, 60_000])
def test_deep_xml(depth: int) -> None:
    data = xml(b"<array>" * depth + b"</array>" * depth)
    assert reason(data) == "it is nested more than 64 deep"


@pytest.mark.parametrize("depth", [66, 400, 10_000])
def test_deep_binary(depth: int) -> None:
    objects = [b"\xa1" + (at + 1).to_bytes(2, "big") for at in range(depth)]
    assert "it is nested more than 64 deep" in reason(binary([*objects, b"\x09"]))


def test_deep_enough() -> None:
    data = b"<array>" * 60 + b"</array>" * 60
    assert parse(xml(data)) == eval("[" * 60 + "]" * 60)  # noqa: S307 - a literal of ours


def test_references_to_references() -> None:
    objects = [b"\xa2" + 2 * (at + 1).to_bytes(2, "big") for at in range(60)]
    assert reason(binary([*objects, b"\x51a"])) == "it holds too many values"


def test_one_long_text_used_often() -> None:
    length = 100_000
    text = b"\x5f\x12" + length.to_bytes(4, "big") + b"x" * length
    data = binary([b"\xaf\x11\x10\x00" + b"\0\1" * 4096, text])
    assert reason(data) == "it holds too many values"


def test_one_large_array_under_many_numbers() -> None:
    """20,000 objects, all of them the same 40 KB: 3 GB of lists for plistlib."""
    count = 20_000
    array = b"\xaf\x11" + count.to_bytes(2, "big") + b"\0\1" * count
    root = b"\xaf\x11" + count.to_bytes(2, "big") + b"".join(
        number.to_bytes(2, "big") for number in range(1, count + 1))
    data = binary([root, array, b"\x09"], offsets=[8] + [8 + len(root)] * count)
    assert reason(data) == "its objects overlap"


def test_the_largest_harmless_one_is_read_quickly() -> None:
    many = (MAX_BYTES - 200) // len("<true/>")
    before = time.monotonic()
    assert len(parse(xml(b"<array>" + b"<true/>" * many + b"</array>"))) == many
    assert time.monotonic() - before < 20


def test_biplist_explains_what_plistlib_refuses() -> None:
    pytest.importorskip("biplist")
    data = binary([b"\xa1\0\7"])
    assert reason(data) == ("it is a damaged binary property list (Invalid file): "
                            "Invalid offset number: 7")


def test_without_biplist_the_reason_is_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "biplist", None)
    assert reason(binary([b"\xa1\0\7"])) == "it is a damaged binary property list (Invalid file)"


def test_biplist_is_bounded_too() -> None:
    """It follows every reference anew, so this would take 2**60 steps."""
    pytest.importorskip("biplist")
    objects = [b"\xa2" + 2 * (at + 1).to_bytes(2, "big") for at in range(60)]
    data = binary([*objects, b"\x51a", b"\x0e"])
    assert plistbinary.explain(data) == ": it holds too many values"


def test_biplist_is_not_imported_without_need() -> None:
    import subprocess
    import sys

    script = ("import sys, plistlib; from launchd_shim.plistfile import parse; "
              "parse(plistlib.dumps({'a': 1}, fmt=plistlib.FMT_BINARY)); "
              "sys.exit('biplist' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


SCALARS = (st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.floats(allow_nan=False)
           | st.binary(max_size=20)
           | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=9), inner, max_size=4),
    max_leaves=20)


@examples()
@given(TREES, st.sampled_from([plistlib.FMT_XML, plistlib.FMT_BINARY]))
def test_what_plistlib_writes_is_read(value: Any, form: plistlib.PlistFormat) -> None:
    assert parse(plistlib.dumps(value, fmt=form)) == value


@examples()
@given(st.binary(max_size=300), st.sampled_from([b"", b"bplist00", HEAD, HEAD + b"<plist>"]))
@example(b"", b"bplist00")
def test_any_bytes(data: bytes, head: bytes) -> None:
    try:
        parse(head + data)
    except NotAPropertyList as error:
        assert str(error)


@examples(300)
@given(TREES, st.sampled_from([plistlib.FMT_XML, plistlib.FMT_BINARY]), st.randoms())
def test_damaged_ones(value: Any, form: plistlib.PlistFormat, chance: random.Random) -> None:
    data = bytearray(plistlib.dumps(value, fmt=form))
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    try:
        parse(bytes(data))
    except NotAPropertyList as error:
        assert str(error)


