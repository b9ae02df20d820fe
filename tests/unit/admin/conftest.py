"""What the tests of the admin's subcommands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dirserv.admin import main as admin

Called = Callable[..., tuple[int, str, str]]


@pytest.fixture
def called(root: Path, capsys: pytest.CaptureFixture[str]) -> Called:
    """Runs a subcommand on the test's root; returns its status, output and errors, in which the
    root is called ROOT."""

    def call(command: str, *arguments: str) -> tuple[int, str, str]:
        status = admin.main([command, "--root", str(root), *arguments])
        captured = capsys.readouterr()
        return (status, captured.out.replace(str(root), "ROOT"),
                captured.err.replace(str(root), "ROOT"))

    return call
