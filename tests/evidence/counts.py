"""The instruction counts of the cold commands, one line for each commit that was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.evidence.clients import CHECKOUT

FILE = CHECKOUT / "docs/instructions.tsv"


def record(rows: Sequence[dict[str, Any]], date: str, commit: str, file: Path = FILE) -> None:
    """Add the counts of a run to the file, in place of older ones of the same commit."""
    columns = ["bare", *(row["what"].partition(",")[0] for row in rows)]
    values = [rows[0]["peer"], *(row["ours"] for row in rows)]
    lines = file.read_text().splitlines()[1:] if file.exists() else []
    kept = [line for line in lines if line.split("\t")[1] != commit]
    new = "\t".join([date, commit, *(f"{value:.2f}" for value in values)])
    file.write_text("\n".join(["\t".join(["date", "commit", *columns]), *kept, new, ""]))


def section(file: Path = FILE) -> Iterator[str]:
    """The lines of docs/evidence.md that show the file."""
    if not file.exists():
        return
    head, *lines = (line.split("\t") for line in file.read_text().splitlines())
    yield "## Instructions of a cold command, by commit"
    yield ""
    yield "Millions, and how many times the bare interpreter's (`python3 -I -S -c pass`)."
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|---|---|{'---:|' * (len(head) - 2)}"
    for date, commit, bare, *counts in lines:
        shown = (f"{count} ({float(count) / float(bare):.2f} x)" for count in counts)
        yield f"| {' | '.join([date, commit, bare, *shown])} |"
    yield ""
