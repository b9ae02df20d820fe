"""darling-dirserv doctor: what is wrong with a root, and what to do about it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from dirserv.admin.access import must_own
from dirserv.admin.cli import root_argument, show, the_directory
from dirserv.admin.doctor.site import Site
from dirserv.admin.doctor.table import CHECKS, HINT, Finding, examine

HELP = "say what is wrong with a root and what to do about it; changes nothing"
EXAMPLES = """\
examples:
  darling-dirserv doctor --prefix ~/.darling
  darling-dirserv doctor --root ./prefix --json | jq -r '.findings[].code'

Its status is 0 for a healthy root, also with hints, and 1 for errors and warnings.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What it takes."""
    root_argument(parser)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    root = the_directory(options).root
    must_own(root, "look at everything there")
    findings = list(examine(Site(root)))
    show(options, {"root": root.path or "/", "checks": len(CHECKS),
                   "findings": [finding._asdict() for finding in findings]},
         _lines(root.path or "/", findings))
    return int(any(finding.severity != HINT for finding in findings))


def _lines(root: str, findings: list[Finding]) -> Iterator[str]:
    if not findings:
        yield f"{root}: healthy ({len(CHECKS)} checks)"
    width = max((len(finding.code) for finding in findings), default=0)
    for code, severity, text, remedy in findings:
        yield f"{severity:<7}  {code:<{width}}  {text}; next: {remedy}"
