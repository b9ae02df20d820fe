"""Completion for bash, zsh and fish: shtab's output for the same parsers as the pages'."""

from __future__ import annotations

import argparse
import re

import shtab

#: Shell -> where it looks below share; the name of the command goes in.
PLACES = {
    "bash": "bash-completion/completions/{}",
    "zsh": "zsh/site-functions/_{}",
    "fish": "fish/vendor_completions.d/{}.fish",
}
#: What shtab's output lacks: (shell, where, what belongs there).
_REPAIRS = (
    # Words with one dash are no bundles of letters.
    ("zsh", re.compile(r"_arguments -C -s "), "_arguments -C "),
    # An operand of which nothing is known would keep zsh from inserting an option in its place.
    ("zsh", re.compile(r'^(  "(?:\(\*\))?:.*:)"$', re.MULTILINE), r'\1()"'),
    # "-s" is for a single letter, "-o" for an "old-style" word.
    ("fish", re.compile(r"(?<= )-s (?=\w[\w-]+ )"), "-o "),
)
#: What a value is called -> what completes it.
_PATHS = {"file": shtab.FILE, "path": shtab.FILE, "profile-file": shtab.FILE,
          "program": shtab.FILE, "dir": shtab.DIRECTORY}


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The completion script of a command for a shell."""
    _mark_paths(parser)
    made: str = shtab.complete(parser, shell)
    for which, wrong, right in _REPAIRS:
        made = wrong.sub(right, made) if which == shell else made
    return made


def _mark_paths(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:
        called = action.metavar or action.dest
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _mark_paths(command)
        elif isinstance(called, str) and called.lower() in _PATHS:
            action.complete = _PATHS[called.lower()]  # type: ignore[attr-defined]
