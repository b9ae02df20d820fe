"""Arguments that argparse itself has no answer to."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from dirserv.admin import main as admin


def options(parser: argparse.ArgumentParser, *words: str) -> Iterator[list[str]]:
    """The subcommand and the name of every option that takes a value."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield from options(command, *words, name)
        elif action.option_strings and action.nargs is None:
            yield [*words, action.option_strings[-1]]


OPTIONS = list(options(admin.parser()))


@pytest.mark.parametrize("words", OPTIONS, ids=" ".join)
def test_two_dashes_are_no_value(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    *command, option = words
    with pytest.raises(SystemExit) as left:
        admin.main([*command, option + ("=--" if option.startswith("--") else "--")])
    said = capsys.readouterr()
    assert (left.value.code, said.out) == (2, "")
    assert said.err.splitlines()[-1] == (
        f"darling-dirserv: error: argument {option}: '--' is not a value")


def test_options_were_found() -> None:
    assert ["nixbld", "--group"] in OPTIONS and len(OPTIONS) > 20
