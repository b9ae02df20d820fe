"""docs/clients.md: the clients of clients.toml with what docs/evidence.md says of their tests.

``python -m tests.evidence.clients`` writes it anew; without evidence nothing is said to work.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
EVIDENCE, DOCUMENT = CHECKOUT / "docs/evidence.md", CHECKOUT / "docs/clients.md"
TABLE = tomllib.loads(Path(__file__).with_name("clients.toml").read_text())
CLIENTS: list[dict[str, Any]] = [one for section in TABLE["section"] for one in section["client"]]

#: A row of the evidence: a name, then what was found.
_ROW = re.compile(r"^\| `([^`]+)` \| ([^|]*) \|(?: (\d+) \| (\d+) \|)?$", re.MULTILINE)


def document(evidence: str) -> str:
    """The whole text, from the text of docs/evidence.md ("" if there is none)."""
    found = {name: cells for name, *cells in _ROW.findall(evidence)}
    parts = [TABLE["head"]]
    for section in TABLE["section"]:
        parts += [f"## {section['title']}\n", *_table(section["client"], found), ""]
    return "\n".join([*parts, TABLE["tail"]])


def _table(clients: list[dict[str, Any]], found: dict[str, list[str]]) -> Iterator[str]:
    yield "| client | version | how | what is tried | result | test |"
    yield "|---|---|---|---|---|---|"
    for one in clients:
        version = ", ".join(_versions(one.get("packages", ()), found)) or one.get("version", "–")
        yield (f"| {one['client']} | {version} | {one['how']} | {one['what']} | "
               f"{_result(*found.get(one['test'], ('0', '0', '0')))} | `{one['test']}` |")


def _versions(packages: list[str], found: dict[str, list[str]]) -> list[str]:
    name = "" if len(packages) == 1 else "{} "
    return [name.format(one) + found[one][0] for one in packages if one in found]


def _result(passed: str, failed: str, skipped: str) -> str:
    counts = [(int(passed), "passed"), (int(failed), "**failed**"), (int(skipped), "skipped")]
    return ", ".join(f"{count} {state}" for count, state in counts if count) or "no evidence yet"


def main() -> None:
    """Write the document."""
    evidence = EVIDENCE.read_text() if EVIDENCE.exists() else ""
    DOCUMENT.write_text(document(evidence))


if __name__ == "__main__":
    main()
