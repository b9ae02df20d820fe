"""Command lines in the documents and pages name subcommands and options that exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from dirserv.manual.pages import ROOT
from tests.unit.manual.parsers import PARSERS, options, verbs

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
#: What may stand before a command.
BEFORE = re.compile(r"^(?:[$#] )?(?:sudo )?(?:[A-Z_]+=\S* )*(?:env )?(?:sudo )?")
PATHS = ("", "bin/", ".venv/bin/", "/usr/bin/", "/usr/sbin/", "/bin/", "./bin/")


def code(document: Path) -> Iterator[str]:
    """The lines of indented and fenced blocks, and what stands between backquotes."""
    fenced = False
    for line in document.read_text().splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield line.strip()
        else:
            yield from re.findall(r"`([^`]+)`", line)


def examples(include: Path) -> Iterator[str]:
    """The examples of a hand-written part of a page."""
    block = include.read_text().partition("[examples]\n.EX\n")[2].partition("\n.EE")[0]
    yield from block.replace("\\-", "-").splitlines()


def wrong(line: str) -> list[str]:
    """What a command line names that does not exist; [] also for another's, and a picture."""
    line = BEFORE.sub("", line)
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        words = line.split()
    name = words[0].rpartition("/")[2] if words else ""
    if "──" in words or name not in PARSERS or words[0].removesuffix(name) not in PATHS:
        return []
    parser, rest = PARSERS[name](), words[1:]
    known = {"--help", "--version", *options(parser)}
    for word in rest:
        if word in ("|", "&&", ";", ">") or (name == "sandbox-exec" and not word.startswith("-")):
            break
        below = verbs(parser)
        if below and not word.startswith("-"):
            if word not in below and re.match("[a-z]", word):  # no NAME, no picture
                return [f"{name}: no subcommand {word}"]
            parser = below.get(word, parser)
            known |= {*options(parser)} if word in below else set()
        elif re.match(r"--?[A-Za-z]", word) and word.partition("=")[0] not in known:
            return [f"{name}: no option {word}"]
    return []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents(document: Path) -> None:
    assert [(line, fault) for line in code(document) for fault in wrong(line)] == []


def test_examples_of_pages() -> None:
    lines = [line for include in (ROOT / "man").glob("*.inc") for line in examples(include)]
    assert len(lines) > 30
    assert [(line, fault) for line in lines for fault in wrong(line)] == []


@pytest.mark.parametrize(("line", "faults"), [
    ("dscl . -read /Users/x", []),
    ("DIRSERV_ROOT=./prefix bin/dscl . -rea /Users/x", ["dscl: no option -rea"]),
    ("$ sudo /usr/bin/dscl . -list /Users", []),
    ("launchctl bootstrap system x.plist", []),
    ("launchctl bootstarp system x.plist", ["launchctl: no subcommand bootstarp"]),
    ("launchctl kickstart -z system/x", ["launchctl: no option -z"]),
    ("darling-dirserv sandbox plan --json x.sb", []),
    ("darling-dirserv sandbox planet x.sb", ["darling-dirserv: no subcommand planet"]),
    ("darling-dirserv install --prefx=/x", ["darling-dirserv: no option --prefx=/x"]),
    ("sandbox-exec -p '(version 1)' ls -la", []),
    ("dscl is a command", []),
    ("dirserv/dscl/grammar.py", []),
    ("NAME --help", []),
])
def test_wrong(line: str, faults: list[str]) -> None:
    assert wrong(line) == faults


def test_code(tmp_path: Path) -> None:
    document = tmp_path / "x.md"
    document.write_text("Say `a b`.\n\n    c d\n\n```sh\ne f\n```\n")
    assert [*code(document)] == ["a b", "c d", "e f"]
