"""What is said where a Darwin-like root cannot be made, or fails to start."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.darwin.requirements import obstacle, python_obstacle
from tests.darwin.root import DarwinRoot, RootFailed


@pytest.mark.root
@pytest.mark.usefixtures("root_possible")
def test_a_root_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "holder.py"
    broken.write_text("import sys; sys.exit('no overlay here')")
    monkeypatch.setattr("tests.darwin.root.HOLDER", broken)
    with pytest.raises(RootFailed, match="no overlay here"), DarwinRoot():
        pytest.fail("it must not be entered")


def test_sentence_when_not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "run as root" in str(obstacle.__wrapped__())


@pytest.mark.parametrize("python", ["/usr/bin/false", "/nowhere/python3"])
def test_sentence_when_python_is_missing(python: str) -> None:
    assert "3.11 or newer" in str(python_obstacle(python))


@pytest.mark.root
@pytest.mark.usefixtures("root_possible")
def test_sentence_when_namespaces_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.darwin.requirements.TRIAL", "echo refused >&2; exit 1")
    assert str(obstacle.__wrapped__()).endswith("refused here: refused")
