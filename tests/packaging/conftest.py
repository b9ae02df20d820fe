"""What is built, once for all tests here."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirserv.manual import files


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages and completions."""
    place = tmp_path_factory.mktemp("build") / "share"
    files.write(place)
    return place
