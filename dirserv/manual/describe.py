"""From a table of options to an ArgumentParser that describes a command."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Iterable
from typing import Any

#: Words as the user types them ("-u" or "--json, -j"; a plain word is an operand), what the value
#: is called ("" for none, "a|b" for a choice, "name: a|b" to call it something), what it does.
Row = tuple[str, str, str]
#: A title and its rows.
Group = tuple[str, tuple[Row, ...]]
#: A verb, its usage behind the command's name, what it does, and the options it takes.
Verb = tuple[str, str, str, tuple[Row, ...]]

#: Lines are folded by pages.fold, not here: a column of the terminal must not show in a page.
formatter = functools.partial(argparse.HelpFormatter, width=10_000)


def describe(name: str, usage: str, description: str, *groups: Group,
             verbs: Iterable[Verb] = ()) -> argparse.ArgumentParser:
    """The parser of a command; ``usage`` is what stands behind its name in the synopsis."""
    parser = argparse.ArgumentParser(prog=name, usage=f"{name} {usage}", description=description,
                                     formatter_class=formatter, add_help=False)
    for title, rows in groups:
        _add_rows(parser.add_argument_group(title), rows)
    verbs = list(verbs)
    if verbs:
        commands = parser.add_subparsers(title="commands", metavar="command", required=True)
        for verb, tail, text, rows in verbs:
            made = commands.add_parser(verb, help=_plain(text), usage=f"{name} {verb} {tail}",
                                       formatter_class=formatter, add_help=False)
            _add_rows(made, rows)
    return parser


def _add_rows(group: argparse._ActionsContainer, rows: tuple[Row, ...]) -> None:
    for words, value, text in rows:
        flags = words.split(", ")
        options: dict[str, Any] = {"help": _plain(text)}
        if flags[0].startswith("-"):
            # A digit or a dash alone makes no name of an attribute; nothing is ever parsed.
            options["dest"] = words
        if value:
            options["metavar"], _, choices = value.partition(": ")
            choices = choices or value
            options["choices"] = choices.split("|") if "|" in choices else None
        elif flags[0].startswith("-"):
            options["action"] = "store_true"
        group.add_argument(*flags, **options)


def _plain(text: str) -> str:
    """Help text without argparse's formats."""
    return text.replace("%", "%%")
