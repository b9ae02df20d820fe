"""Paths without os: they are what os says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox_stub.paths import decoded, is_file, realpath
from tests.support import CHECKOUT

#: name -> what it leads to
LINKS = {"link": "there", "absolute": "/", "up": "there/../there/deep", "there/back": "..",
         "loop": "loop", "one": "other", "other": "one", "dangling": "none/x",
         "long": "./there//deep/.."}
NAMES = ["", "there", "link", "link/deep", "up", "there/back/link/deep", "absolute/usr", "none",
         "none/../link", "dangling", "dangling/y", "long/deep", "link/../link/.", "link//deep/",
         "file", "a\0b"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "there/deep").mkdir(parents=True)
    (tmp_path / "file").touch()
    for name, target in LINKS.items():
        (tmp_path / name).symlink_to(target)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_a_path_is_resolved_as_os_does(
    name: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tree)
    path = f"{tree}/{name}"
    if "\0" not in name:
        assert realpath(path) == os.path.realpath(path)
        assert realpath(name) == os.path.realpath(name)
    assert is_file(path) == os.path.isfile(path)


@pytest.mark.parametrize("name", ["loop", "one", "loop/x"])
def test_links_without_end_end(name: str, tree: Path) -> None:
    assert realpath(f"{tree}/{name}").startswith(str(tree))


def test_the_root_is_above_itself() -> None:
    assert [realpath(path) for path in ("/", "//", "/..", "/../.")] == ["/"] * 4


def test_names_that_are_no_text_stay_what_they_are() -> None:
    assert os.fsencode(decoded(b"/a\xff")) == b"/a\xff"


def test_a_confined_command_starts_without_os() -> None:
    code = ("import sys; sys.path.insert(0, sys.argv[1]);"
            "import sandbox_stub.command, sandbox_stub.confine;"
            "print(*sorted({'os', 'enum', 're', 'typing', 'ctypes', 'json'} & {*sys.modules}))")
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code, str(CHECKOUT)],
                          capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "\n"
