"""dserr, whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirserv import __version__
from tests.support import run

USAGE = "Usage: dserr errCode\n"


@pytest.mark.parametrize(
    ("arguments", "out", "status"),
    [
        (["14090"], "-14090: eDSAuthFailed\n", 0),
        (["-14090"], "-14090: eDSAuthFailed\n", 0),
        ([" 14136x"], "-14136: eDSRecordNotFound\n", 0),
        (["0"], "0: eDSNoErr\n", 0),
        (["7"], "-7: <unknown>\n", 0),
        (["eDSAuthFailed"], "0: eDSNoErr\n", 0),
        ([""], "0: eDSNoErr\n", 0),
        (["9" * 30], "-9223372036854775807: <unknown>\n", 0),
        (["-appleversion"], f"dserr, Apple Inc., Version {__version__}\n", 0),
        (["--help"], USAGE, 0),
        ([], USAGE, 64),
        (["1", "2"], USAGE, 64),
        (["--help", "1"], USAGE, 64),
    ],
)
def test_dserr(tmp_path: Path, arguments: list[str], out: str, status: int) -> None:
    done = run(tmp_path, "dserr", *arguments)
    assert (done.stdout, done.stderr, done.returncode) == (out, "", status)


def test_it_needs_no_database(tmp_path: Path) -> None:
    run(tmp_path, "dserr", "14090")
    assert list(tmp_path.iterdir()) == []
