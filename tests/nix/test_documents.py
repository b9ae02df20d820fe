"""What the documents for admins say exists: findings, files, tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dirserv.admin.doctor.table import CHECKS
from tests.darwin.layout import CHECKOUT

ADMIN, CLIENTS = CHECKOUT / "docs/darling.md", CHECKOUT / "docs/clients.md"
DOCUMENTS = [ADMIN, CLIENTS, CHECKOUT / "SECURITY.md"]


def test_every_finding_is_explained_and_no_other() -> None:
    table = ADMIN.read_text().partition("### What the doctor says")[2].partition("\n### ")[0]
    firsts = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    explained = [code for cell in firsts for code in re.findall(r"`([\w-]+)`", cell)]
    assert sorted(explained) == sorted(check.code for check in CHECKS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_are_there(document: Path) -> None:
    text = document.read_text()
    named = re.findall(r"(?<![\w/.-])(?:docs|nix|tests)/[\w/-]+\.\w+", text)
    assert named
    assert [name for name in named if not (CHECKOUT / name).exists()] == []


def test_tests_of_clients_are_there() -> None:
    """`file.py::test`, with a file below tests; every such name in the table is one."""
    named = re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", CLIENTS.read_text())
    assert len(named) > 15
    for file, test in named:
        text = (CHECKOUT / "tests" / file).read_text()
        assert f"def {test or 'test_'}" in text, (file, test)
