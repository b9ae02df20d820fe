"""The digest of a profile in the log."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from sandbox_stub import log


@pytest.mark.parametrize("known", [log._SHA256, ("_no_such_module", "hashlib")])
def test_the_digest_is_sha256_whoever_counts_it(
    known: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_SHA256", known)
    assert log.digest(b"(version 1)") == hashlib.sha256(b"(version 1)").hexdigest()


def test_a_module_of_pythons_own_is_asked_before_openssl() -> None:
    assert log._SHA256[-1] == "hashlib"
    assert any(_is_there(name) for name in log._SHA256[:-1])


def test_where_nothing_can_be_logged_no_entry_is_made(tmp_path: Path) -> None:
    def entry() -> dict[str, object]:
        raise AssertionError("the log cannot be written")

    assert log.write(str(tmp_path), entry) is False
    (tmp_path / "private/var/log").mkdir(parents=True)
    assert log.write(str(tmp_path), lambda: {"a": 1}) is True
    (file,) = (tmp_path / "private/var/log/sandbox-exec").iterdir()
    assert file.read_text() == '{"a":1}\n'


def _is_there(name: str) -> bool:
    try:
        __import__(name)
    except ImportError:
        return False
    return True
