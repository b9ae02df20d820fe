"""A planted tree for the tests of the fillers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.fillers.support import plant


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree of this test's own."""
    return plant(tmp_path / "tree")
