"""Regular expressions: against Python's own, and what would make those explode."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_stub import limits
from sandbox_stub.errors import ProfileError
from sandbox_stub.regex import Regex, compiled, search

atoms = st.sampled_from(["a", "b", "/", ".", "[ab]", "[^a]", "[a-c/]", "[]a]", r"\.", "^", "$"])
patterns = st.recursive(atoms, lambda inner: st.one_of(
    st.lists(inner, min_size=1, max_size=3).map("".join),
    st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
    st.tuples(inner, st.sampled_from("*+?")).map(lambda two: f"({two[0]}){two[1]}"),
), max_leaves=8)
texts = st.text(alphabet="ab/c.]\n", max_size=8)


@given(patterns, texts)
def test_same_as_python(pattern: str, text: str) -> None:
    # $ is the very end here.
    expected = re.search(re.sub(r"(?<!\\)\$", r"\\Z", pattern), text, re.DOTALL)
    assert Regex(pattern).search(text) is (expected is not None)


@pytest.mark.parametrize(("pattern", "text", "expected"), [
    ("", "", True), ("", "a", True), ("^$", "", True), ("^$", "a", False), ("b", "abc", True),
    (".*", "", True), ("a.c", "a\nc", True), ("^/private/tmp/[^/]+$", "/private/tmp/x", True),
    ("^/private/tmp/[^/]+$", "/private/tmp/x/y", False), ("(^a|b$)", "cb", True),
    ("a|", "x", True), ("()", "x", True), ("[-a]", "-", True), ("[a-]", "-", True),
    ("[^]]", "]", False), ("[\\]x]", "]", True), ("a{2}", "a{2}", True), ("a{2}", "aa", False),
    ("\\^", "^", True), ("(a|b)+c", "abac", True), ("a+?b", "aab", True), ("x*y", "y", True),
    ("^/dev/tty[0-9]*$", "/dev/tty07", True), ("é", "é", True), ("[\udc80-\udcff]", "\udcff", True),
])
def test_search(pattern: str, text: str, expected: bool) -> None:
    assert search(pattern, text) is expected


@pytest.mark.parametrize(("pattern", "message"), [
    ("*a", "unsupported syntax: kleene star"), ("(*a)", "unsupported syntax: kleene star"),
    ("a|*b", "unsupported syntax: kleene star"), ("a**", "unsupported syntax: kleene star"),
    ("+a", "nothing to repeat before + in regular expression"),
    ("a|?", "nothing to repeat before ? in regular expression"),
    ("[", "unterminated bracket expression"), ("[a", "unterminated bracket expression"),
    ("[]", "unterminated bracket expression"), ("[^]", "unterminated bracket expression"),
    ("[a-", "unterminated bracket expression"), ("[\\", "unterminated bracket expression"),
    ("[[:alpha:]]", "unsupported syntax: character class"),
    ("(a", "unbalanced parentheses in regular expression"),
    ("a)", "unbalanced parentheses in regular expression"),
    ("a\\", "a regular expression ends with a backslash"),
    ("(" * 200 + ")" * 200, "a regular expression is nested too deep"),
    ("a" * limits.REGEX, "a regular expression is too large"),
])
def test_malformed(pattern: str, message: str) -> None:
    with pytest.raises(ProfileError, match="^" + re.escape(message) + "$"):
        Regex(pattern)


@given(st.text(alphabet="ab[]^$()|*+?.\\-:", max_size=40), texts)
def test_any_pattern_is_compiled_or_refused(pattern: str, text: str) -> None:
    try:
        regex = Regex(pattern)
    except ProfileError:
        return
    assert regex.search(text) in (True, False)


def places(pattern: str, text: str) -> int:
    """How many places are visited in all while an automaton searches."""
    regex = Regex(pattern)
    visited = 0
    reached = regex._reached

    def counting(*arguments: object) -> frozenset[int]:
        nonlocal visited
        result = reached(*arguments)  # type: ignore[arg-type]
        visited += len(result)
        return result

    regex._reached = counting  # type: ignore[method-assign]
    assert regex.search(text) is False
    return visited


@pytest.mark.parametrize("pattern", [
    "(a*)*b", "(a+)+b", "(a|a)*b", "(a|aa)+b", "((a?)*)*b", "(.*)(.*)(.*)(.*)b", "(x+x+)+y" * 50,
    "(a|b|ab)*c" + "a?" * 30 + "b" * 30, ".*.*.*.*.*.*.*b",
])
def test_evil_patterns_take_no_more_than_text_times_pattern(pattern: str) -> None:
    text = "a" * 1000
    assert places(pattern, text) <= (len(text) + 1) * 8 * len(pattern)


def test_what_is_remembered_is_bounded() -> None:
    # Every subset of the last 60 characters is a different set of places.
    regex = Regex("(a|b)*a" + "(a|b)" * 60 + "c")
    text = "".join("ab"[number * number % 7919 % 2] for number in range(3000))
    assert regex.search(text) is False
    assert sum(map(len, regex._steps.values())) <= 200_000


def test_patterns_are_compiled_once_and_not_all_of_them_kept() -> None:
    first = compiled("^/a/only-here")
    assert compiled("^/a/only-here") is first
    for number in range(1001):
        compiled(f"^/a/{number}")
    assert compiled("^/a/only-here") is not first
