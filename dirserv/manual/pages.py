"""The manual pages: argparse-manpage's output for each parser and the hand-written man/NAME.inc."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from argparse_manpage.manpage import Manpage

from dirserv import __version__
from dirserv.admin.main import parser as darling_dirserv
from dirserv.manual import accounts, dscl, lesser, plist, services
from dirserv.manual.describe import formatter

ROOT = Path(__file__).resolve().parents[2]
_WIDTH = 77
_BARE_DASH = re.compile(r"(?<!\\)-")
#: Lines that argparse-manpage puts before the lists of a subcommand.
_LABELS = ("arguments:", "options:")


class Page(NamedTuple):
    """One page: its name and section, its parser, and the line that apropos(1) shows."""

    name: str
    section: int
    parser: Callable[[], argparse.ArgumentParser]
    summary: str

    @property
    def file(self) -> str:
        """Where it lies below share."""
        return f"man/man{self.section}/{self.name}.{self.section}"


#: Sections are macOS's.
PAGES = (
    Page("dscl", 1, dscl.dscl, "read and change the directory of users and groups"),
    Page("dseditgroup", 8, dscl.dseditgroup, "read and change groups"),
    Page("sysadminctl", 8, accounts.sysadminctl, "create and delete users, set their passwords"),
    Page("dsmemberutil", 1, accounts.dsmemberutil,
         "convert ids of users and groups, ask for membership"),
    Page("dscacheutil", 1, lesser.dscacheutil, "look up what the C library finds"),
    Page("dserr", 1, lesser.dserr, "name a status code of the directory"),
    Page("dsimport", 1, lesser.dsimport, "import records from a text file"),
    Page("dsenableroot", 8, lesser.dsenableroot, "enable or disable root"),
    Page("createhomedir", 8, lesser.createhomedir, "make missing home directories"),
    Page("pwpolicy", 8, lesser.pwpolicy, "show and set password policies"),
    Page("launchctl", 1, services.launchctl, "load, start and describe launchd jobs"),
    Page("launchd-shim", 8, services.launchd_shim, "the launchd of a Darling prefix"),
    Page("wait4path", 1, services.wait4path, "wait until a path exists"),
    Page("launchd.plist", 5, plist.launchd_plist, "what a launchd job is"),
    Page("sandbox-exec", 1, services.sandbox_exec, "run a command in a sandbox"),
    Page("darling-dirserv", 8, darling_dirserv, "look after a prefix's accounts and services"),
)
#: Those that describe a command.
COMMANDS = tuple(page for page in PAGES if page.section != 5)


def render(page: Page, date: str) -> str:
    """The page as roff; ``date`` is its date, as YYYY-MM-DD."""
    data = {
        "project_name": "darling-dirserv", "version": __version__, "date": date,
        "manual_section": page.section, "manual_title": "darling-dirserv Manual",
        "description": page.summary, "include": str(ROOT / f"man/{page.name}.inc"),
    }
    made = str(Manpage(plain(page.parser()), data, format="single-commands-section"))
    title, _, rest = made.partition("\n")
    # A date with escaped dashes is none to mandoc; long words leave holes in adjusted lines.
    return fold(title.replace("\\-", "-") + "\n.ad l\n.nh\n" + rest)


def plain(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The parser without what is for a terminal only: its width, examples, sentences said twice."""
    parser.formatter_class, parser.epilog = formatter, None
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            parser._subparsers.title = "commands"  # type: ignore[union-attr]
            helps = {choice.dest: choice.help for choice in action._choices_actions}
            for name, command in action.choices.items():
                plain(command)
                if command.description == helps.get(name):
                    command.description = None
    return parser


def fold(roff: str) -> str:
    """Fold text lines; a blank line between two of them begins a paragraph, others go away."""
    lines: list[str] = []
    blank = False
    for line in roff.splitlines():
        if not line:
            blank = True
        elif line.startswith((".", "'")):
            lines.append(line)
            blank = False
        elif line not in _LABELS:
            if blank and not lines[-1].startswith("."):
                lines.append(".PP")
            lines += _folded(line)
            blank = False
    return "\n".join(lines) + "\n"


def _folded(line: str) -> Iterator[str]:
    # A bare dash is where a line may break, and no dash that can be typed.
    line = _BARE_DASH.sub(r"\-", line)
    for part in textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False):
        # A word with a dot or a quote at the start of a line would be taken for a request.
        yield f"\\&{part}" if part.startswith((".", "'")) else part
