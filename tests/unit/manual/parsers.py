"""Looking into the parsers that describe commands."""

from __future__ import annotations

import argparse
import re

from dirserv.manual.pages import PAGES

PARSERS = {page.name: page.parser for page in PAGES}


def options(parser: argparse.ArgumentParser, title: str | None = None) -> dict[str, bool]:
    """Option -> whether it takes a value; of one group, or of the whole parser."""
    actions = parser._actions if title is None else group(parser, title)
    return {word: action.nargs != 0 for action in actions for word in action.option_strings}


def group(parser: argparse.ArgumentParser, title: str) -> list[argparse.Action]:
    """The arguments of a group."""
    # argparse has an empty group called "options" of its own.
    return next(group._group_actions for group in parser._action_groups
                if group.title == title and group._group_actions)


def verbs(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Subcommand -> its parser."""
    return next((dict(action.choices) for action in parser._actions
                 if isinstance(action, argparse._SubParsersAction)), {})


def choices(parser: argparse.ArgumentParser, word: str) -> list[str]:
    """What an option or an operand may be."""
    return next(list(action.choices or ()) for action in parser._actions
                if word in action.option_strings or word == action.dest)


def letters(text: str) -> dict[str, bool]:
    """The same as options() for getopt(3)'s "ab:"."""
    return {f"-{letter}": bool(colon) for letter, colon in re.findall(r"(\w)(:?)", text)}


def needed(usage: str) -> int:
    """How many words of "path [key ...]" are not optional."""
    while "[" in usage:
        usage = re.sub(r"\[[^][]*\]", "", usage)
    return len(usage.split())
