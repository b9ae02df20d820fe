"""plutil: whole outputs; what it writes is read again by plistlib and by biplist."""

from __future__ import annotations

import datetime
import json
import os
import plistlib
from pathlib import Path
from typing import Any

import biplist
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dirserv.fillers.plutil import formats, keypath
from dirserv.fillers.plutil.fault import Fault, Unreadable
from tests.unit.fillers.support import filler

SAMPLE: dict[str, Any] = {
    "Label": "org.nixos.nix-daemon",
    "RunAtLoad": True,
    "Nice": -5,
    "Ratio": 1.5,
    "When": datetime.datetime(2026, 1, 31, 12, 0, 0),
    "Blob": b"hi",
    "Args": ["/bin/sh", "-c", "a && b"],
    "Limits": {"NumberOfFiles": 1048576, "a.b": "dot"},
    "Empty": {},
}

NO_JSON = ("JSON text did not start with array or object and option to allow fragments not set. "
           "around line 1, column 0.")
NO_PATH = "Could not extract value, error: No value at that key path or invalid key path: "


@pytest.fixture
def sample(tree: Path) -> Path:
    """A property list as /sample.plist of the tree."""
    (tree / "sample.plist").write_bytes(plistlib.dumps(SAMPLE))
    return tree


def test_lint(sample: Path) -> None:
    (sample / "binary.plist").write_bytes(plistlib.dumps(SAMPLE, fmt=plistlib.FMT_BINARY))
    ok = "/sample.plist: OK\n/binary.plist: OK\n"
    assert filler(sample, "plutil", "-lint", "/sample.plist", "/binary.plist") == (ok, "", 0)
    assert filler(sample, "plutil", "/sample.plist") == ("/sample.plist: OK\n", "", 0)
    assert filler(sample, "plutil", "-lint", "-s", "/sample.plist") == ("", "", 0)
    text = (sample / "sample.plist").read_text()
    assert filler(sample, "plutil", "-lint", "-", stdin=text) == ("<stdin>: OK\n", "", 0)
    assert filler(sample, "plutil", "-lint", "--", "sample.plist") == (
        "sample.plist: OK\n", "", 0)


@pytest.mark.parametrize(("text", "said"), [
    ("", "Cannot parse a NULL or zero-length data"),
    (" \n ", "No XML content found"),
    ("hello", "Unexpected character h at line 1"),
    ("\n\n{ a = b; }", "Unexpected character { at line 3"),
    ("bplist00 and no more", "Unexpected character b at line 1"),
    ("<plist/>", "Encountered empty plist tag"),
    ("<plist><dict>", "Encountered unexpected EOF"),
    ("<plist>\n<dict>\n</array>", "Close tag on line 3 does not match open tag dict"),
    ("<plist>\n<dict>\n<string>a</string>\n</dict></plist>",
     "Found non-key inside <dict> at line 3"),
    ("<plist><dict>\n<key>a</key>\n</dict></plist>",
     "Value missing for key inside <dict> at line 3"),
    ("<plist>\n<True/></plist>", "Encountered unknown tag True on line 2"),
    ("<plist><string/>\n<string/></plist>",
     "Encountered unexpected element at line 2 (plist can only include one object)"),
    ("<plist>\n\nx</plist>",
     "Encountered unexpected character x on line 3 while looking for open tag"),
    ("<plist><string>&no;</string></plist>",
     "Encountered unknown ampersand-escape sequence at line 1"),
    ("<plist><integer></integer></plist>", "Encountered empty <integer> on line 1"),
    ("<plist><integer>12x</integer></plist>", "Incomplete <integer> on line 1"),
    ("<plist><real>x</real></plist>", "Encountered misformatted real on line 1"),
    ("<plist><date>today</date></plist>", "Could not interpret <date> at line 1"),
    ("<plist><data>{}</data></plist>",
     "Could not interpret <data> at line 1 (should be base64-encoded)"),
    ("<plist><true>x</true></plist>", "Encountered non-empty <true> on line 1"),
    ("<plist><string><b/></string></plist>", "Encountered unknown tag b on line 1"),
    ("<!DOCTYPE plist [<!ENTITY a 'b'>]><plist><string>&a;</string></plist>",
     "Encountered unexpected character < on line 1 while parsing DTD"),
    ("<plist>" + "<array>" * 600, "Too many nested arrays or dictionaries, failing on line 1"),
])
def test_what_is_wrong_is_said_in_core_foundations_words(tree: Path, text: str, said: str) -> None:
    assert filler(tree, "plutil", "-lint", "-", stdin=text) == ("", f"<stdin>: ({said})\n", 1)
    out, err, status = filler(tree, "plutil", "-convert", "xml1", "-o", "-", "-", stdin=text)
    assert (out, status) == ("", 1)
    assert err.startswith(f"<stdin>: Property List error: {said} / JSON error: ")


@pytest.mark.parametrize("text", [
    "<dict><key>a</key><true/></dict>",
    "<plist version='1.0'><string>no declaration</string></plist>",
    "\ufeff<plist><array/></plist>",
    "<?xml version='1.0' encoding='UTF-8'?><!DOCTYPE plist PUBLIC '-//Apple Computer//DTD PLIST "
    "1.0//EN' 'http://www.apple.com/DTDs/PropertyList-1.0.dtd'><plist><integer>0x10</integer>"
    "<!-- c --></plist>",
    "<plist><array>" * 1 + "<array>" * 400 + "</array>" * 400 + "</array></plist>",
])
def test_what_core_foundation_accepts(tree: Path, text: str) -> None:
    assert filler(tree, "plutil", "-lint", "-", stdin=text) == ("<stdin>: OK\n", "", 0)
    for verb in (["-p"], ["-convert", "binary1", "-o", "-"]):
        assert filler(tree, "plutil", *verb, "-", stdin=text)[1:] == ("", 0)


@pytest.mark.parametrize(("file", "said"), [
    ("/nowhere/file.plist",
     "(The file “file.plist” couldn’t be opened because there is no such file.)"),
    ("/etc", "(The file “etc” couldn’t be opened.)"),
    ("", "Empty path specified"),
])
def test_files_that_cannot_be_read(sample: Path, file: str, said: str) -> None:
    # The other files are still done.
    assert filler(sample, "plutil", "-lint", file, "/sample.plist") == (
        "/sample.plist: OK\n", f"{file}: {said}\n", 1)


def test_convert_on_the_way_through(sample: Path) -> None:
    data = (sample / "sample.plist").read_bytes()
    assert filler(sample, "plutil", "-convert", "xml1", "-o", "-", "-", stdin=data) == (
        data.decode(), "", 0)
    out, err, status = filler(sample, "plutil", "-convert", "binary1", "-o", "-", "/sample.plist")
    binary = out.encode("utf-8", "surrogateescape")
    assert (err, status, binary[:8]) == ("", 0, b"bplist00")
    assert plistlib.loads(binary) == SAMPLE
    assert biplist.readPlistFromString(binary) == SAMPLE
    assert filler(sample, "plutil", "-convert", "xml1", "-o", "-", "-", stdin=binary) == (
        data.decode(), "", 0)


def test_convert_in_place_keeps_the_files_mode_and_links(sample: Path) -> None:
    file = sample / "sample.plist"
    file.chmod(0o640)
    (sample / "link.plist").symlink_to("sample.plist")
    assert filler(sample, "plutil", "-convert", "binary1", "/link.plist") == ("", "", 0)
    assert (sample / "link.plist").is_symlink() and file.stat().st_mode & 0o777 == 0o640
    assert biplist.readPlist(str(file)) == SAMPLE


def test_convert_elsewhere(sample: Path) -> None:
    before = (sample / "sample.plist").read_bytes()
    assert filler(sample, "plutil", "-convert", "binary1", "-o", "/out.plist",
                  "/sample.plist") == ("", "", 0)
    assert filler(sample, "plutil", "-convert", "binary1", "-e", "bin", "/sample.plist")[2] == 0
    assert (sample / "out.plist").read_bytes() == (sample / "sample.bin").read_bytes()
    assert (sample / "sample.plist").read_bytes() == before
    assert (sample / "out.plist").stat().st_mode & 0o777 == 0o666 & ~_umask()
    out, err, status = filler(sample, "plutil", "-convert", "xml1", "-o", "/no/where",
                              "/sample.plist")
    assert (out, status) == ("", 1)
    assert err == "/sample.plist: cannot be written: No such file or directory\n"


def test_json(tree: Path) -> None:
    value = {"b": ["x/y", True, 1, 2.5, 3.0], "a": {}, "é": []}
    data = plistlib.dumps(value, sort_keys=False).decode()
    assert filler(tree, "plutil", "-convert", "json", "-o", "-", "-", stdin=data) == (
        '{"b":["x\\/y",true,1,2.5,3],"a":{},"é":[]}', "", 0)
    assert filler(tree, "plutil", "-convert", "json", "-r", "-o", "-", "-", stdin=data) == ("""\
{
  "a" : {

  },
  "b" : [
    "x\\/y",
    true,
    1,
    2.5,
    3
  ],
  "é" : [

  ]
}""", "", 0)
    out = filler(tree, "plutil", "-convert", "xml1", "-o", "-", "-", stdin=json.dumps(value))
    assert (plistlib.loads(out[0].encode()), out[1:]) == (value, ("", 0))
    refused = "<stdin>: Invalid object in plist for {} format\n"
    for content, form, kind in ((plistlib.dumps({"d": b""}), "json", "JSON"),
                              (plistlib.dumps("text"), "json", "JSON"),
                              (b'{"a": null}', "xml1", "property list")):
        assert filler(tree, "plutil", "-convert", form, "-o", "-", "-", stdin=content) == (
            "", refused.format(kind), 1)


@pytest.mark.parametrize(("words", "out"), [
    (["Label", "raw"], "org.nixos.nix-daemon\n"),
    (["Label", "raw", "-n"], "org.nixos.nix-daemon"),
    (["RunAtLoad", "raw"], "true\n"),
    (["Nice", "raw"], "-5\n"),
    (["Ratio", "raw"], "1.500000\n"),
    (["When", "raw"], "2026-01-31T12:00:00Z\n"),
    (["Blob", "raw"], "aGk=\n"),
    (["Args", "raw"], "3\n"),
    (["Args.2", "raw"], "a && b\n"),
    (["Limits", "raw"], "a.b\nNumberOfFiles\n"),
    (["Limits.a\\.b", "raw"], "dot\n"),
    (["Args", "json", "-o", "-"], '["\\/bin\\/sh","-c","a && b"]'),
    (["Nice", "type"], "integer\n"),
    (["Label", "raw", "-expect", "string"], "org.nixos.nix-daemon\n"),
])
def test_extract(sample: Path, words: list[str], out: str) -> None:
    # -expect stands right behind the format.
    path, form, *more = words
    expect = more if more[:1] == ["-expect"] else []
    rest = [] if expect else more
    assert filler(sample, "plutil", "-extract", path, form, *expect, *rest, "/sample.plist") == (
        out, "", 0)


def test_extract_as_a_list_of_its_own(sample: Path) -> None:
    out, err, status = filler(sample, "plutil", "-extract", "Limits", "xml1", "-o", "-",
                              "/sample.plist")
    assert (plistlib.loads(out.encode()), err, status) == (SAMPLE["Limits"], "", 0)


@pytest.mark.parametrize(("words", "said"), [
    (["-extract", "No", "raw"], NO_PATH + "No"),
    (["-extract", "Args.3", "raw"], NO_PATH + "Args.3"),
    (["-extract", "Args.x", "raw"], NO_PATH + "Args.x"),
    (["-extract", "Label.x", "raw"], NO_PATH + "Label.x"),
    (["-extract", "", "raw"], NO_PATH),
    (["-extract", "Nice", "raw", "-expect", "bool"],
     "Value at [Nice] expected to be bool but is integer"),
    (["-insert", "Nice", "-integer", "1"], "Value already exists at key path Nice"),
    (["-insert", "No.x", "-integer", "1"], "Key path not found No.x"),
    (["-insert", "Label.x", "-integer", "1"], "Unable to insert value at key path Label.x"),
    (["-insert", "Args.9", "-string", "x"],
     "Index 9 out of bounds in array at key path Args.9"),
    (["-insert", "Args.x", "-string", "x"], "Unable to index into array with key path Args.x"),
    (["-insert", "Nice", "-integer", "1", "-append"], "Appending to a non-array at key path Nice"),
    (["-remove", "No"], "No value to remove at key path No"),
    (["-remove", "Args.3"], "No value to remove at key path Args.3"),
])
def test_faults_of_one_file(sample: Path, words: list[str], said: str) -> None:
    before = (sample / "sample.plist").read_bytes()
    assert filler(sample, "plutil", *words, "/sample.plist") == ("", f"/sample.plist: {said}\n", 1)
    assert (sample / "sample.plist").read_bytes() == before


@pytest.mark.parametrize(("words", "said"), [
    ([], "No files specified."),
    (["-lint"], "No files specified."),
    (["-convert"], "Missing format specifier for command."),
    (["-convert", "yaml", "f"], "Unknown format specifier: yaml"),
    (["-convert", "swift", "f"],
     "Conversion to swift is not supported here: use xml1, binary1 or json"),
    (["-convert", "xml1", "-o"], "Missing argument for -o."),
    (["-convert", "xml1", "-e"], "Missing argument for -e."),
    (["-lint", "-o", "x", "f"], "-o is not used with -lint."),
    (["-p", "-e", "x", "f"], "-e is not used with -p."),
    (["-x", "f"], "unrecognized option: -x"),
    (["-extract", "a"], "'Extract' requires a key path and a plist format."),
    (["-extract", "a", "raw", "-expect", "number", "f"], "-expect type [number] not valid."),
    (["-extract", "a", "raw", "-expect"], "-expect requires a type argument."),
    (["-remove"], "'Remove' requires a key path."),
    (["-create"], "'Create' requires a plist format."),
    (["-insert", "a"], "'Insert' and 'Replace' require a key path, a type, and a value."),
    (["-replace", "a", "-number", "1", "f"], "Unknown insert or replace type -number"),
    (["-insert", "a", "-data", "x", "f"], "Invalid base64 data in argument"),
])
def test_misuse(tree: Path, words: list[str], said: str) -> None:
    assert filler(tree, "plutil", *words) == ("", said + "\n", 1)


@pytest.mark.parametrize(("words", "change"), [
    (["-insert", "New", "-string", "x"], {"New": "x"}),
    (["-insert", "New", "-bool", "YES"], {"New": True}),
    (["-insert", "New", "-integer", "12abc"], {"New": 12}),
    (["-insert", "New", "-integer", "-0012"], {"New": -12}),
    (["-insert", "New", "-integer", "00"], {"New": 0}),
    (["-insert", "New", "-integer", "x1"], {"New": 0}),
    (["-insert", "New", "-integer", "9" * 5000], {"New": (1 << 63) - 1}),
    (["-insert", "New", "-float", "x"], {"New": 0.0}),
    (["-insert", "New", "-float", "-1.5"], {"New": -1.5}),
    (["-insert", "New", "-data", "aGk="], {"New": b"hi"}),
    (["-insert", "New", "-date", "2026-01-31T12:00:00Z"], {"New": SAMPLE["When"]}),
    (["-insert", "New", "-xml", "<array><true/></array>"], {"New": [True]}),
    (["-insert", "New", "-json", '{"a":[1]}'], {"New": {"a": [1]}}),
    (["-insert", "New", "-dictionary"], {"New": {}}),
    (["-insert", "New", "-array"], {"New": []}),
    (["-insert", "Args.1", "-string", "x"], {"Args": ["/bin/sh", "x", "-c", "a && b"]}),
    (["-insert", "Args.3", "-string", "x"], {"Args": ["/bin/sh", "-c", "a && b", "x"]}),
    (["-insert", "Args", "-string", "x", "-append"], {"Args": ["/bin/sh", "-c", "a && b", "x"]}),
    (["-replace", "Label", "-string", "x"], {"Label": "x"}),
    (["-replace", "Limits.NumberOfFiles", "-integer", "7"],
     {"Limits": {"NumberOfFiles": 7, "a.b": "dot"}}),
    (["-remove", "Limits.a\\.b"], {"Limits": {"NumberOfFiles": 1048576}}),
    (["-remove", "Args.0"], {"Args": ["-c", "a && b"]}),
])
@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_changes_keep_the_format(
    tree: Path, words: list[str], change: dict[str, Any], form: Any
) -> None:
    file = tree / "sample.plist"
    file.write_bytes(plistlib.dumps(SAMPLE, fmt=form))
    assert filler(tree, "plutil", *words, "/sample.plist") == ("", "", 0)
    assert plistlib.loads(file.read_bytes(), fmt=form) == {**SAMPLE, **change}


def test_create_and_type(sample: Path) -> None:
    assert filler(sample, "plutil", "-create", "binary1", "/new.plist") == ("", "", 0)
    assert biplist.readPlist(str(sample / "new.plist")) == {}
    assert filler(sample, "plutil", "-create", "json", "-") == ("{}", "", 0)
    assert filler(sample, "plutil", "-type", "Args", "/sample.plist") == ("array\n", "", 0)


def test_print(sample: Path) -> None:
    value = {**SAMPLE, "item10": bytes(range(30)), "item9": [[]], "Whole": 2.0}
    out = filler(sample, "plutil", "-p", "-", stdin=plistlib.dumps(value))
    assert out == ("""\
{
  "Args" => [
    0 => "/bin/sh"
    1 => "-c"
    2 => "a && b"
  ]
  "Blob" => {length = 2, bytes = 0x6869}
  "Empty" => {
  }
  "item9" => [
    0 => [
    ]
  ]
  "item10" => {length = 30, bytes = 0x00010203 04050607 08090a0b 0c0d0e0f ... \
16171819 1a1b1c1d }
  "Label" => "org.nixos.nix-daemon"
  "Limits" => {
    "a.b" => "dot"
    "NumberOfFiles" => 1048576
  }
  "Nice" => -5
  "Ratio" => 1.5
  "RunAtLoad" => true
  "Whole" => 2
  "When" => 2026-01-31 12:00:00 +0000
}
""".replace('  "Whole" => 2\n  "When" => 2026-01-31 12:00:00 +0000\n',
            '  "When" => 2026-01-31 12:00:00 +0000\n  "Whole" => 2\n'), "", 0)


def test_help_names_every_verb(tree: Path) -> None:
    from dirserv.fillers.plutil.main import _VERBS

    out, err, status = filler(tree, "plutil", "-help")
    assert (err, status) == ("", 0)
    assert all(f"\n {verb} " in out for verb in _VERBS)


def test_a_list_that_holds_itself_is_refused() -> None:
    # Two arrays in a ring: each reference is legal by itself.
    ring = (b"bplist00" + b"\xa1\x01" + b"\xa1\x00" + b"\x08\x0a"
            + bytes(6) + b"\x01\x01" + (2).to_bytes(8, "big") + bytes(8)
            + (12).to_bytes(8, "big"))
    with pytest.raises(Unreadable, match="Too many nested"):
        formats.parse_plist(ring)


scalars = (st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.binary()
           | st.floats(allow_nan=False)
           | st.datetimes(datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31)).map(
               lambda moment: moment.replace(microsecond=0))
           | st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])))
trees = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])), inner), max_leaves=8)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(trees)
def test_what_is_written_is_read_back(value: Any) -> None:
    for form in ("xml1", "binary1"):
        assert formats.parse(formats.render(value, form, False)) == (value, form)


@given(st.binary() | st.text().map(str.encode) | st.text("<>/plistdcary key").map(str.encode))
def test_any_bytes_are_a_list_or_a_sentence(data: bytes) -> None:
    for content in (data, b"<plist>" + data + b"</plist>", b"bplist00" + data):
        try:
            formats.parse(content)
        except Fault as fault:
            assert str(fault)


@given(st.lists(st.text(st.characters(exclude_characters="\\"), min_size=1), min_size=1))
def test_key_paths_are_taken_apart_where_they_were_put_together(keys: list[str]) -> None:
    assert keypath.split(".".join(key.replace(".", "\\.") for key in keys)) == keys


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
