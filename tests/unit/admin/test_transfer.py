"""darling-dirserv export and import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dirserv.admin import importing, transfer
from dirserv.names import GROUPS, SHADOW_HASH, USERS
from tests.support import CHECKOUT, directory, group_entries, passwd_entries, run
from tests.unit.admin.conftest import Called

HEAD = '{"darling-dirserv": 1, "secrets": false}\n'


def record(type: str = "Users", name: str = "x", **attributes: list[object]) -> str:
    return json.dumps({"type": type, "attributes": {
        "dsAttrTypeStandard:RecordName": [name],
        **{f"dsAttrTypeStandard:{key}": value for key, value in attributes.items()}}}) + "\n"


def write(root: Path, content: str | bytes) -> str:
    path = root / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def test_an_export_into_a_new_root(root: Path, tmp_path: Path, called: Called,
                                   capsys: pytest.CaptureFixture[str]) -> None:
    called("nixbld", "create", "--count", "2")
    file = str(tmp_path / "all.jsonl")
    assert called("export", file) == (0, "", "")
    first = Path(file).read_text()
    assert first.startswith(HEAD)
    assert first.count("\n") == 1 + 132 + 161 + 3
    run(root, "dscl", ".", "-delete", "/Users/_www")
    run(root, "dscl", ".", "-create", "/Users/later", "UniqueID", "800")
    run(root, "dscl", ".", "-create", "/Groups/staff", "Comment", "later")
    assert called("import", "--policy", "replace", file) == (
        0, "296 records read: 1 created, 1 deleted, 1 changed\n", "")
    assert called("export")[1] == first
    assert "later" not in passwd_entries(root)
    assert passwd_entries(root)["_www"][2] == "70"


def test_merge_leaves_what_the_file_does_not_name(root: Path, called: Called) -> None:
    file = write(root, HEAD + record(name="_www", Comment=["hello"])
                 + record(name="new", UniqueID=["801"], PrimaryGroupID=["20"]))
    assert called("import", file) == (0, "2 records read: 1 created, 0 deleted, 1 changed\n", "")
    assert run(root, "dscl", ".", "-read", "/Users/_www", "Comment", "UniqueID").stdout == (
        "Comment: hello\nUniqueID: 70\n")
    new = directory(root).find(USERS, "new")
    assert new is not None and len(new.first("dsAttrTypeStandard:GeneratedUID")) == 36
    assert passwd_entries(root)["new"][2] == "801"


def test_two_users_may_swap_their_ids(root: Path, called: Called) -> None:
    file = write(root, HEAD + record(name="_www", UniqueID=["71"])
                 + record(name="_eppc", UniqueID=["70"]))
    assert called("import", file) == (0, "2 records read: 0 created, 0 deleted, 2 changed\n", "")
    assert [passwd_entries(root)[name][2] for name in ("_www", "_eppc")] == ["71", "70"]


def test_a_dry_run(root: Path, called: Called) -> None:
    before = passwd_entries(root)
    file = write(root, HEAD + record(name="new", UniqueID=["801"], PrimaryGroupID=["20"]))
    assert called("import", "--dry-run", file) == (
        0, "1 records read: 1 created, 0 deleted, 0 changed (dry run: nothing was changed)\n", "")
    assert passwd_entries(root) == before
    assert json.loads(called("import", "--dry-run", "--json", file)[1]) == {
        "dry_run": True, "records": 1, "created": 1, "deleted": 0, "changed": 0}


NONSENSE = [
    ("", "line 1: not JSON: Expecting value: line 1 column 1 (char 0)"),
    ("{}\n", "line 1: not an export of darling-dirserv in version 1 of its format"),
    (HEAD + record() + "nonsense\n", "line 3: not JSON: Expecting value: line 1 column 1 (char 0)"),
    (HEAD + "[]\n", "line 2: not a JSON object"),
    (HEAD + "[" * 100_000, "line 2: not JSON: "),
    (HEAD + record("Cars"), "line 2: 'Cars' is no record type"),
    (HEAD + '{"type": "Users", "attributes": 3}\n',
     "line 2: a record has a type and attributes, and nothing else"),
    (HEAD + '{"type": "Users", "attributes": {"uid": ["3"]}}\n',
     "line 2: 'uid' is no attribute's full name"),
    (HEAD + '{"type": "Users", "attributes": {"dsAttrTypeNative:uid": ["3"]}}\n',
     "line 2: 'dsAttrTypeNative:uid' is no attribute's full name"),
    (HEAD + record(RecordType=["x"]),
     "line 2: dsAttrTypeStandard:RecordType is computed and cannot be imported"),
    (HEAD + record(UniqueID=[]), "line 2: dsAttrTypeStandard:UniqueID has no list of values"),
    (HEAD + record(UniqueID=[5]), 'line 2: 5 is neither text nor {"base64": …}'),
    (HEAD + record(UniqueID=["\ud800"]), "line 2: '\\ud800' is neither text nor"),
    (HEAD + record(UniqueID=[{"base64": "?"}]), "line 2: {'base64': '?'} is neither text nor"),
    (HEAD + record(name=""), "line 2: '' cannot be a name"),
    (HEAD + record(name="a\0b"), "line 2: 'a\\x00b' cannot be a name"),
    (HEAD + record(name="a" * 245), "line 2: 'aaaaaaaaaaaaaaaaaaaaaaa"),
    (HEAD + '{"type": "Users", "attributes": {}}\n', "line 2: the record has no name"),
    (HEAD + record() + record(name="X"), "line 3: X stands on line 2 already"),
    (HEAD + record(UniqueID=["70"]), "line 2: UniqueID 70 of x belongs to _www"),
    (HEAD + record(UniqueID=["4294967294"]), "line 2: UniqueID 4294967294 of x belongs to nobody"),
    (HEAD + record("Groups", PrimaryGroupID=["20"]),
     "line 2: PrimaryGroupID 20 of x belongs to staff"),
    (HEAD + record(GeneratedUID=["ffffeeee-dddd-cccc-bbbb-aaaa00000046"]),
     "line 2: GeneratedUID ffffeeee-dddd-cccc-bbbb-aaaa00000046 of x belongs to _www"),
    (HEAD + record(UniqueID=["900"]) + record(name="y", UniqueID=["900"]),
     "line 3: UniqueID 900 of y belongs to x"),
]


@pytest.mark.parametrize(("content", "said"), NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_refused_with_its_line(
    root: Path, called: Called, content: str, said: str
) -> None:
    before = passwd_entries(root)
    status, out, err = called("import", write(root, content))
    assert (status, out) == (2, "")
    assert err.startswith(f"darling-dirserv: {said}")
    assert err.endswith("; nothing was changed\n") and err.count("\n") == 1
    assert passwd_entries(root) == before


def test_a_name_of_two_records(root: Path, called: Called) -> None:
    names = json.dumps({"type": "Users", "attributes": {
        "dsAttrTypeStandard:RecordName": ["x", "Daemon"]}})
    assert called("import", write(root, HEAD + names)) == (
        2, "", "darling-dirserv: line 2: the name Daemon of x belongs to daemon; nothing was "
        "changed\n")


def test_bytes_that_are_no_text(root: Path, called: Called) -> None:
    assert called("import", write(root, HEAD.encode() + b"\xff\n")) == (
        2, "", "darling-dirserv: line 2: not UTF-8 text; nothing was changed\n")


@pytest.mark.parametrize(("file", "line", "fields"), [
    ("passwd", "new:x:801:20:New User:/Users/new:/bin/zsh", ["801", "20", "New User"]),
    ("group", "new:x:801:_www,daemon", ["801", "_www,daemon"]),
])
def test_flat_files_come_and_go(
    root: Path, called: Called, file: str, line: str, fields: list[str]
) -> None:
    shown = (root / "private/etc" / file).read_text()
    assert called("export", "--format", file) == (0, shown, "")
    assert called("import", "--format", file, write(root, f"# other\n\n{line}\n")) == (
        0, "1 records read: 1 created, 0 deleted, 0 changed\n", "")
    entries = passwd_entries(root) if file == "passwd" else group_entries(root)
    assert entries["new"][2:2 + len(fields)] == fields
    again = called("export", "--format", file)[1]
    assert called("import", "--format", file, "--policy", "replace", write(root, again)) == (
        0, f"{again.count(chr(10)) - 4} records read: 0 created, 0 deleted, 0 changed\n", "")
    assert called("import", "--format", file, "--policy", "replace", write(root, shown)) == (
        0, f"{shown.count(chr(10)) - 4} records read: 0 created, 1 deleted, 0 changed\n", "")
    assert called("export", "--format", file)[1] == shown


@pytest.mark.parametrize(("file", "line", "said"), [
    ("passwd", "a:b", "line 2: a passwd line has 7 fields, this has 2"),
    ("passwd", "a:x:one:20::/:/bin/sh", "line 2: 'a' has no name that libc reads, or an id that "
     "is no number"),
    ("passwd", ":x:1:20::/:/bin/sh", "line 2: '' has no name that libc reads, or an id that is "
     "no number"),
    ("group", "a:x:9:b:c", "line 2: a group line has 4 fields, this has 5"),
    ("group", "a:*:900:\na:*:901:", "line 3: a stands on line 2 already"),
    ("group", "a:*:20:", "line 2: PrimaryGroupID 20 of a belongs to staff"),
])
def test_flat_nonsense(root: Path, called: Called, file: str, line: str, said: str) -> None:
    assert called("import", "--format", file, write(root, f"#\n{line}\n")) == (
        2, "", f"darling-dirserv: {said}; nothing was changed\n")


def test_secrets_only_for_who_asks_and_owns(
    root: Path, called: Called, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert run(root, "dscl", ".", "-passwd", "/Users/_www", "geheim").returncode == 0
    assert SHADOW_HASH not in called("export")[1]
    file = tmp_path / "secret"
    assert called("export", "--secrets", str(file)) == (0, "", "")
    assert SHADOW_HASH in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert called("export", "--secrets", "--format", "passwd") == (
        2, "", "darling-dirserv: --secrets needs --format json: flat files hold no secrets\n")
    monkeypatch.setenv("DIRSERV_EUID", "501")
    assert called("export", "--secrets") == (
        2, "", "darling-dirserv: only root, or the owner of ROOT, may see secrets\n")
    assert called("import", str(file)) == (
        2, "", "darling-dirserv: only root, or the owner of ROOT, may import\n")
    status, out, err = called("export")
    assert (status, err, SHADOW_HASH in out) == (0, "", False)


def test_a_password_moves_with_its_user(root: Path, called: Called, tmp_path: Path) -> None:
    run(root, "dscl", ".", "-passwd", "/Users/_www", "geheim")
    file = str(tmp_path / "secret")
    called("export", "--secrets", file)
    run(root, "dscl", ".", "-delete", "/Users/_www")
    called("import", file)
    assert run(root, "dscl", ".", "-authonly", "_www", "geheim").returncode == 0
    assert run(root, "dscl", ".", "-authonly", "_www", "other").returncode != 0


# -- export(import(x)) == x ---------------------------------------------------------------------

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_value = st.one_of(_text, st.binary(max_size=8).map(
    lambda data: {"base64": __import__("base64").b64encode(data).decode()}))
_names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
                 min_size=1, max_size=10)
_record = st.fixed_dictionaries({
    "type": st.sampled_from([USERS, GROUPS, "dsRecTypeStandard:Computers",
                             "dsRecTypeNative:odd"]),
    "attributes": st.dictionaries(
        st.sampled_from(["dsAttrTypeStandard:RealName", "dsAttrTypeStandard:Comment",
                         "dsAttrTypeNative:own", "dsAttrTypeStandard:UserShell"]),
        st.lists(_value, min_size=1, max_size=3)),
    "name": _names,
})


def _file(rows: list[dict]) -> str:
    """An export of the records, with the first of those that share a name."""
    lines, seen = [], set()
    for row in sorted(rows, key=lambda row: (row["type"], [row["name"]])):
        if (row["type"], row["name"].lower()) not in seen:
            seen.add((row["type"], row["name"].lower()))
            attributes = {**row["attributes"], "dsAttrTypeStandard:RecordName": [row["name"]]}
            lines.append(json.dumps({"type": row["type"], "attributes": dict(sorted(
                attributes.items()))}, ensure_ascii=False) + "\n")
    return "".join(lines)


@settings(max_examples=25)
@given(st.lists(_record, max_size=6))
def test_what_was_imported_is_exported(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict]
) -> None:
    root = tmp_path_factory.getbasetemp() / "roundtrip"
    root.mkdir(exist_ok=True)
    content, seen = _file(rows), set()
    with directory(root).change() as change:
        for old in change.records():
            change.delete(old)
        importing.take(change, transfer.load(HEAD + content), importing.REPLACE)
        seen = {(item.type, item.name) for item in change.records()}
    with directory(root).change() as change:
        pairs = [(item.type, {**item.attributes, **change.secrets(item)})
                 for item in change.records()]
    assert {(type, values["dsAttrTypeStandard:RecordName"][0]) for type, values in pairs} == seen
    assert "".join(line + "\n" for line in transfer.dump(pairs, secrets=False)) == HEAD + content


def test_progress_is_silent_off_a_terminal(root: Path, tmp_path: Path, called: Called) -> None:
    file = str(tmp_path / "all")
    called("export", file)
    result = subprocess.run(
        [sys.executable, str(CHECKOUT / "bin/darling-dirserv"), "import", "--root", str(root),
         file], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (
        0, "293 records read: 0 created, 0 deleted, 0 changed\n", "")
