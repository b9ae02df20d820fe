"""EnableGlobbing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launchd_shim.globbing import expand
from tests.unit.launchd.support import examples

HOMES = {"": "/home/me", "ann": "/Users/ann"}


@pytest.fixture
def tree(tmp_path: Path) -> str:
    root = tmp_path / "ro[o]t"
    for name in ("etc/b.conf", "etc/a.conf", "etc/.hidden.conf", "etc/x*y", "etc/sub/c.conf",
                 "Users/ann/one", "Users/ann/two"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return str(root)


@pytest.mark.parametrize(("word", "words"), [
    ("/etc/*.conf", ["/etc/a.conf", "/etc/b.conf"]),
    ("/etc/?.conf", ["/etc/a.conf", "/etc/b.conf"]),
    ("/etc/[b-z].conf", ["/etc/b.conf"]),
    ("/etc/*/*.conf", ["/etc/sub/c.conf"]),
    ("/etc/**/c.conf", ["/etc/sub/c.conf"]),
    ("/etc/none*", ["/etc/none*"]),
    ("/etc/x\\*y", ["/etc/x*y"]),
    ("/etc/a\\*y", ["/etc/a\\*y"]),
    ("*.conf", ["a.conf", "b.conf"]),
    ("~ann/*", ["/Users/ann/one", "/Users/ann/two"]),
    ("~/x", ["/home/me/x"]),
    ("~", ["/home/me"]),
    ("~bob/x", ["~bob/x"]),
    ("a~", ["a~"]),
    ("/etc/{b,a}.conf", ["/etc/b.conf", "/etc/a.conf"]),
    ("{x,y{1,2}}z", ["xz", "y1z", "y2z"]),
    ("{a,b}{1,2}", ["a1", "a2", "b1", "b2"]),
    ("{,s}", ["", "s"]),
    ("{}", ["{}"]),
    ("a{b", ["a{b"]),
    ("{a}", ["a"]),
    ("", [""]),
    ("-x", ["-x"]),
])
def test_words(tree: str, word: str, words: list[str]) -> None:
    assert expand([word], tree, "/etc", HOMES) == words


def test_words_keep_their_order(tree: str) -> None:
    assert expand(["ls", "{b,a}", "~/x", "/etc/*.conf"], tree, "/", HOMES) == [
        "ls", "b", "a", "/home/me/x", "/etc/a.conf", "/etc/b.conf"]


@pytest.mark.parametrize("word", ["{a,b}" * 40, "{" * 100_000, "{a," * 300, "*" * 5000,
                                  "x" * 2000 + "{a,b}"])
def test_words_that_would_take_for_ever_stay_as_they_are(tree: str, word: str) -> None:
    before = time.monotonic()
    assert expand([word], tree, "/etc", HOMES) == [word]
    assert time.monotonic() - before < 5


@examples()
@given(st.lists(st.text(st.sampled_from("ab/*?[]{},\\~!-."), max_size=12), max_size=3))
def test_any_word_gives_at_least_itself(words: list[str]) -> None:
    assert len(expand(words, "/nonexistent", "/", {"": "/home"})) >= len(words)
