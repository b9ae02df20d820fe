"""getopt(3) as BSD has it."""

from __future__ import annotations

import pytest

from dirserv.getopt import Getopt, getopt

CASES = [
    # arguments, letters, options, operands, errors
    ([], "ab:", [], [], ""),
    (["-a", "x"], "ab:", [("a", "")], ["x"], ""),
    (["-ab", "v", "x"], "ab:", [("a", ""), ("b", "v")], ["x"], ""),
    (["-bv", "x"], "ab:", [("b", "v")], ["x"], ""),
    (["-abv"], "ab:", [("a", ""), ("b", "v")], [], ""),
    (["-ba"], "ab:", [("b", "a")], [], ""),
    (["-b", "-a"], "ab:", [("b", "-a")], [], ""),
    (["-b", "--", "-a"], "ab:", [("b", "--"), ("a", "")], [], ""),
    (["-b", ""], "ab:", [("b", "")], [], ""),
    (["x", "-a"], "ab:", [], ["x", "-a"], ""),
    (["-a", "--", "-a"], "ab:", [("a", "")], ["-a"], ""),
    (["-a", "-", "-a"], "ab:", [("a", "")], ["-", "-a"], ""),
    (["", "-a"], "ab:", [], ["", "-a"], ""),
    (["-x"], "ab:", [("?", "x")], [], "tool: illegal option -- x\n"),
    (["-:"], "ab:", [("?", ":")], [], "tool: illegal option -- :\n"),
    (["-axa", "y"], "ab:", [("a", ""), ("?", "x"), ("a", "")], ["y"],
     "tool: illegal option -- x\n"),
    (["--a"], "ab:", [("?", "-"), ("a", "")], [], "tool: illegal option -- -\n"),
    (["-é"], "ab:", [("?", "é")], [], "tool: illegal option -- é\n"),
    (["-a", "-b"], "ab:", [("a", ""), ("?", "b")], [],
     "tool: option requires an argument -- b\n"),
    (["-x", "-b"], "ab:", [("?", "x"), ("?", "b")], [],
     "tool: illegal option -- x\ntool: option requires an argument -- b\n"),
]


@pytest.mark.parametrize(("arguments", "letters", "options", "operands", "errors"), CASES)
def test_all_at_once(
    arguments: list[str], letters: str, options: list[tuple[str, str]],
    operands: list[str], errors: str,
) -> None:
    assert getopt("tool", arguments, letters) == (options, operands, errors)


def test_the_arguments_are_left_alone() -> None:
    arguments = ["-b", "v", "x"]
    getopt("tool", arguments, "b:")
    assert arguments == ["-b", "v", "x"]


def test_letters_may_change_on_the_way() -> None:
    options = Getopt("tool", ["-u", "1", "-g", "2"], "u:")
    assert next(options) == ("u", "1")
    options.letters = "g:"
    assert next(options) == ("g", "2")
    assert options.operands == [] and options.errors == ""


def test_the_operands_are_what_is_left_while_iterating() -> None:
    options = Getopt("tool", ["-a", "-b", "x"], "ab")
    assert next(options) == ("a", "")
    assert options.operands == ["-b", "x"]


@pytest.mark.parametrize(
    ("behind", "word", "operands"),
    [(["v", "x"], "v", ["x"]), ([""], "", []), ([], None, []), (["-v"], None, ["-v"])],
)
def test_a_second_value(behind: list[str], word: str | None, operands: list[str]) -> None:
    options = Getopt("tool", ["-a", "k", *behind], "a:")
    assert next(options) == ("a", "k")
    assert options.word() == word
    assert options.operands == operands
