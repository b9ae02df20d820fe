"""docs/differences.md is what its tables say."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from dirserv.manual import differences
from launchd_shim import keys
from launchd_shim.launchctl.subcommands import SUBCOMMANDS
from sandbox_stub.linux import gaps


def test_up_to_date() -> None:
    written = differences.DOCUMENT.read_text()
    assert written == differences.document(), "run make differences"


def test_nothing_is_missing() -> None:
    text = differences.document()
    for name, where, _, _ in SUBCOMMANDS:
        assert (f"\n* `{name}`\n" in text) == (not where)
    for key in keys.TOP.values():
        assert (f"\n| `{key.name}` | {key.effect} |" in text) == (key.effect != keys.DONE)
    for operation, (code, effect) in gaps.GAPS.items():
        star = "*" if code in gaps.ACCEPTED else ""
        assert f"\n| `{operation}` | `{code}`{star} | {effect} |\n" in text
    for file in differences._EXCEPTIONS:
        tables = tomllib.loads((differences.ROOT / "tests/conformance" / file).read_text())
        assert all(f"\n* `{case}` (" in text for cases in tables.values() for case in cases)
    listed = {path.name for path in (differences.ROOT / "tests/conformance").glob("*exceptions*")}
    assert listed == {*differences._EXCEPTIONS}


def test_what_is_written_by_hand_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "differences.md"
    own.write_text(f"by hand\n\n{differences.MARK}old\n")
    monkeypatch.setattr(differences, "DOCUMENT", own)
    made = differences.document()
    assert made.startswith(f"by hand\n\n{differences.MARK}\n## dscl\n\n* There is one node")
    assert "old\n" not in made.partition("## dsedit")[0]


def test_items_of_a_page() -> None:
    include = ("[exit status]\n0\n[differences from macos]\n.IP \\(bu 2\nA \\fB\\-x\\fR and\nb_c.\n"
               ".IP \\(bu 2\n\\&.x <y>\n[examples]\n.IP \\(bu 2\nno\n")
    assert list(differences._items(include)) == ["A -x and b\\_c.", ".x \\<y>"]
    assert list(differences._items("[exit status]\n0\n")) == []
