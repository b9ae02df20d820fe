"""The evidence is what a run left, and docs/clients.md says just that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.evidence import __main__ as evidence
from tests.evidence import clients, counts, notes

JUNIT = """\
<testsuites><testsuite name="pytest">
<testcase classname="tests.clients.test_salt" name="test_a[x]" time="1.5"/>
<testcase classname="tests.clients.test_salt" name="test_b" time="2.0"><failure/></testcase>
<testcase classname="tests.clients.test_salt_accounts" name="test_c" time="0.1"/>
<testcase classname="tests.clients.test_pm2" name="test_d" time="0">
<skipped type="pytest.skip"/></testcase>
<testcase classname="tests.clients.test_migrations" name="test_sequoia_again" time="0">
<skipped type="pytest.xfail"/></testcase>
</testsuite></testsuites>
"""
BENCH = {"one": [
    {"what": "a read", "ours": 3, "peer": 2, "unit": "ms", "against": "python", "goal": 1.2,
     "ratio": 1.5, "note": "warm"},
    {"what": "a write", "ours": 1, "peer": 2, "unit": "ms", "against": "python", "goal": None,
     "ratio": 0.5, "note": ""}]}


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a run left: reports, notes, figures."""
    monkeypatch.setenv("DIRSERV_EVIDENCE", str(tmp_path))
    (tmp_path / "clients.xml").write_text(JUNIT)
    (tmp_path / "bench.json").write_text(json.dumps(BENCH))
    notes.note(notes.CALLS, test="tests/clients/test_salt.py::test_a", calls={"dscl": 2})
    notes.note(notes.CALLS, test="tests/clients/test_salt.py::test_b", calls={"dscl": 1, "id": 1})
    notes.note_versions(["salt==3008.3", "launchd==1.0.0", "launchd==0.3.0", "salt==3008.3",
                         "other==1"])
    return tmp_path


def section(text: str, title: str) -> list[str]:
    """The rows of a section's tables, without their heads."""
    part = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return [line for line in part.splitlines() if line.startswith("|") and "---" not in line]


def test_evidence(left: Path) -> None:
    text = evidence.document(left)
    assert section(text, "Suites")[1:] == ["| clients | 5 | 1 | 1 | 1 | 4 |"]
    rows = section(text, "Clients")
    assert "| `clients/test_salt.py` | 1 | 1 | 0 |" in rows
    assert "| `clients/test_salt_accounts.py` | 1 | 0 | 0 |" in rows
    assert "| `clients/test_pm2.py` | 0 | 0 | 1 |" in rows
    assert [row for row in rows if row.startswith("| `launchd`") or "salt` |" in row] == [
        "| `launchd` | 0.3.0, 1.0.0 |", "| `salt` | 3008.3 |"]
    assert not any("other" in row for row in rows)
    assert section(text, "Which of our commands unmodified clients ran")[1:] == [
        "| `tests/clients/test_salt.py` | 2 | dscl 3, id 1 |"]
    assert section(text, "Speed beside peers, in one run")[1:] == [
        "| a read | 3.00 ms | 2.00 | python | 1.50 | 1.2 | missed; warm |",
        "| a write | 1.00 ms | 2.00 | python | 0.50 |  |  |"]


@pytest.mark.parametrize(("test", "version", "result"), [
    ("clients/test_salt.py", "3008.3", "1 passed, 1 **failed**"),
    ("clients/test_salt_accounts.py", "3008.3", "1 passed"),
    ("clients/test_launchd_package.py", "0.3.0, 1.0.0", "no evidence yet"),
    ("clients/test_pm2.py", "–", "1 skipped"),
    ("clients/test_accounts_chef.py", "source", "no evidence yet"),
])
def test_clients(left: Path, test: str, version: str, result: str) -> None:
    text = clients.document(evidence.document(left))
    (row,) = [line for line in text.splitlines() if line.endswith(f"| `{test}` |")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert (cells[1], cells[4]) == (version, result)


def test_each_of_several_packages_is_named(left: Path) -> None:
    notes.note_versions(["hozo==0.4.1", "@google/gemini-cli@0.61.0"])
    assert "| @google/gemini-cli 0.61.0, hozo 0.4.1 |" in clients.document(evidence.document(left))


def test_the_document_is_of_the_evidence() -> None:
    """Who edits one of the two by hand, or the table without `python -m tests.evidence.clients`,
    sees it here."""
    found = clients.EVIDENCE.read_text() if clients.EVIDENCE.exists() else ""
    assert clients.DOCUMENT.read_text() == clients.document(found)


@pytest.mark.parametrize(("name", "said"), [
    ("salt==3008.3", ("salt", "3008.3")),
    ("pm2@7.0.4", ("pm2", "7.0.4")),
    ("@google/gemini-cli@0.61.0", ("@google/gemini-cli", "0.61.0")),
    ("nix-bin_2.8.0-1.1+b1_amd64.deb", ("nix-bin", "2.8.0-1.1+b1")),
    ("puppet-agent_1%3a7.23.0-1_all.deb", ("puppet-agent", "7.23.0-1")),
    ("ansible_core-2.19.3.dist-info", ("ansible-core", "2.19.3")),
    ("community.general", None),
    ("plists-pm2@7.0.4", ("plists-pm2", "7.0.4")),
    ("plugins/modules/launchd.py", None),
])
def test_names(
    name: str, said: tuple[str, str] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIRSERV_EVIDENCE", str(tmp_path))
    notes.note_versions([name])
    assert [(one["package"], one["version"]) for one in notes.read(tmp_path / notes.VERSIONS)] == (
        [said] if said else [])


def test_without_the_variable_nothing_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIRSERV_EVIDENCE", raising=False)
    monkeypatch.chdir(tmp_path)
    notes.note_versions(["salt==3008.3"])
    assert list(tmp_path.iterdir()) == []


def test_instruction_counts_grow_by_commit(tmp_path: Path) -> None:
    file = tmp_path / "instructions.tsv"
    rows = [{"what": "dscl -read, instructions", "ours": 30.0, "peer": 20.0}]
    for commit, ours in (("a", 30.0), ("b", 25.0), ("b", 24.0)):
        rows[0]["ours"] = ours
        counts.record(rows, "2026-01-01", commit, file)
    assert file.read_text() == ("date\tcommit\tbare\tdscl -read\n"
                                "2026-01-01\ta\t20.00\t30.00\n2026-01-01\tb\t20.00\t24.00\n")
    assert list(counts.section(file))[-3:] == [
        "| 2026-01-01 | a | 20.00 | 30.00 (1.50 x) |",
        "| 2026-01-01 | b | 20.00 | 24.00 (1.20 x) |", ""]
    assert list(counts.section(tmp_path / "none")) == []
