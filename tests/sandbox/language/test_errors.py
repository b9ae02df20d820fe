"""Profiles that do not compile, and every byte of what is said about them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from sandbox_stub.compiler import compile_profile
from sandbox_stub.errors import ProfileError
from tests.sandbox.language.support import compiled, fault

CASES = tomllib.loads((Path(__file__).parent / "errors.toml").read_text())["error"]


def message(text: str | bytes, file: str = "<input string>") -> str:
    with pytest.raises(ProfileError) as caught:
        compile_profile(text, file=file)
    return str(caught.value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["entry"])
def test_text(case: dict[str, str]) -> None:
    text = message(case["profile"], case.get("file", "<input string>"))
    if case.get("first"):
        text = text.split("\n")[0]
    assert text == case["text"]


def test_columns_count_bytes() -> None:
    first = message('(version 1)(allow file-read* (literal "/é") oops)').split("\n")[0]
    assert first == "unbound variable: oops at <input string>, line 1, column 46"


def test_a_tab_is_one_column() -> None:
    assert "column 3" in message("(version 1)\n\t(oops)").split("\n")[0]


def test_forms_before_a_fault_are_evaluated_first() -> None:
    # Entry 12: top-level forms are evaluated one by one, so the reading error comes too late.
    assert message("(oops) (unfinished").startswith("unbound variable: oops")


def test_a_symbol_without_a_place_has_no_location() -> None:
    text = "(version 1)(macro (m form) (list (string->symbol \"oops\")))(m)"
    assert message(text).split("\n")[0] == "unbound variable: oops"


def test_nothing_was_evaluated_before_a_sharp_expression() -> None:
    assert message("#<x>") == "undefined sharp expression"


def test_bytes_that_are_no_utf8_are_kept() -> None:
    profile = compile_profile(b'(version 1)(deny file* (literal "/\xff"))')
    assert profile.rules[0].filter is not None
    assert profile.rules[0].filter.values == ("/\udcff",)


def test_lone_surrogates_are_refused() -> None:
    assert message("(version 1)\ud800") == "the profile is not text: it has surrogate characters"


def test_long_forms_are_cut_in_a_backtrace() -> None:
    paths = " ".join(f'"/{number}"' for number in range(5000))
    shown = message(f"(version 1)(allow file* (require-any (quote ({paths}))))")
    assert shown.startswith("arguments to require-any must be filters\n\nBacktrace: \n")
    assert len(shown) < 3000


@pytest.mark.parametrize(("text", "warning"), [
    ("(version 1)\n(allow bogus-op)", "<input string>:2:8: unbound variable: bogus-op"),
    ("(version 1)\n# comment (with \"one quote\n(allow default)",
     "<input string>:2:1: undefined sharp expression"),
    ('(version 1)(import "none.sb")',
     '<input string>:1:13: unable to open "none.sb": not found'),
    ('(version 1)(deny mach-lookup (subpath "/x"))',
     "<input string>:1:13: path filter does not apply to mach-lookup operation"),
    ("(version 1)(deny default (with report))",
     "<input string>:1:13: report modifier does not apply to deny action"),
    ("(version 1)(deny default (with bogus))", "<input string>:1:27: illegal modifier"),
])
def test_a_lenient_reading_warns(text: str, warning: str) -> None:
    assert fault(text) is not None
    assert warning in compiled(text, strict=False).warnings


@pytest.mark.parametrize(("rule", "left"), [
    ("(allow bogus-op)", []),
    ('(allow bogus-op file-read* (literal "/x"))', ['(allow file-read* (literal "/x"))']),
    ("(allow file-read* bogus-op)", ["(allow file-read*)"]),
    # A filter that is unknown must not leave a rule without any.
    ("(deny file-ioctl (ioctl-command TIOCSTI))", []),
    ('(allow file-read* (bogus "/x"))', []),
    ('(allow file-read* (require-not (bogus "/x")))', []),
    ('(allow file-read* (literal "/y") (bogus "/x"))', ['(allow file-read* (literal "/y"))']),
    ("(deny file-read* (with bogus))", ["(deny file-read*)"]),
    ('(deny file-read* (with report) (literal "/y"))', ['(deny file-read* (literal "/y"))']),
    ("(bogus-op)", []),
    ("((bogus) 1)", []),
])
def test_a_lenient_reading_leaves_out_what_it_does_not_know(rule: str, left: list[str]) -> None:
    profile = compiled(f'(version 1){rule}', strict=False, NO_IMPLICIT_RULES="1")
    assert [rule.text for rule in profile.rules] == left
    assert profile.warnings


def test_a_warning_comes_once() -> None:
    text = "(version 1)(define (f) (allow bogus-op))(f)(f)"
    assert compiled(text, strict=False).warnings.count(
        "<input string>:1:31: unbound variable: bogus-op") == 1


def test_a_slash_at_the_end_of_a_subpath_is_a_warning_even_if_strict() -> None:
    # Spec 3.6: refused by 10.11, accepted now, and Gemini CLI ships such rules.
    profile = compiled('(version 1)(allow file* (subpath "/a/b/"))')
    assert profile.rules[0].text == '(allow file* (subpath "/a/b"))'
    assert [warning.endswith("/a/b/") for warning in profile.warnings] == [True]


def test_lengths_that_the_real_compiler_refuses() -> None:
    # Entries 29 and 30, not followed on purpose: Nix writes such profiles.
    paths = "".join(f'(subpath "/nix/store/{number:0100}")' for number in range(1000))
    assert fault(f"(version 1)(deny default)(allow file-read* {paths})") is None
