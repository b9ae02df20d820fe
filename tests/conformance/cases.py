"""The cases: what is typed, what must exist before, what must come out."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

#: What a case may say about one run of a command line.
_EXPECTED = ("stdout", "stderr", "terminal", "stdout_starts", "stderr_starts",
             "stderr_contains", "exit")


@dataclass(frozen=True)
class Expected:
    """What a command line must give; None is not asserted."""

    stdout: str | None = None
    stderr: str | None = None
    terminal: str | None = None
    stdout_starts: str | None = None
    stderr_starts: str | None = None
    stderr_contains: list[str] = field(default_factory=list)
    exit: int | None = None

    @property
    def silent(self) -> bool:
        """Whether nothing at all is asserted."""
        return self == Expected()


@dataclass(frozen=True)
class Step:
    """A command line that is run as root after the case's own, to see what it did."""

    command: str
    expected: Expected


@dataclass(frozen=True)
class Case:
    """One transcript. README.md explains every key."""

    id: str
    command: str
    expected: Expected
    source: str
    confidence: str
    uid: int = 0
    bare: bool = False
    compare: str = "bytes"
    stdin: str = ""
    tty: str | None = None
    before: list[str] = field(default_factory=list)
    then: list[Step] = field(default_factory=list)
    records: dict[str, dict[str, list[str | bytes]]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    note: str = ""
    setup: str = ""


def load(folder: Path) -> list[Case]:
    """Every case of the data files in a folder.

    Raises TypeError for an unknown key and ValueError for an id that is used twice.
    """
    cases: dict[str, Case] = {}
    for path in sorted(folder.glob("*.toml")):
        file = tomllib.loads(path.read_text(encoding="utf-8"))
        every = file.get("every", {})
        for table in file.get("case", []):
            records = {**every.get("records", {}), **table.get("records", {})}
            case = _case({**every, **table, "records": records})
            if case.id in cases:
                raise ValueError(f"{path.name}: the id {case.id} is used twice")
            cases[case.id] = case
    return list(cases.values())


def exceptions() -> dict[str, str]:
    """Id -> reason of every case that is not asserted or deliberately differs."""
    table = tomllib.loads((HERE / "exceptions.toml").read_text(encoding="utf-8"))
    return {id: reason for section in table.values() for id, reason in section.items()}


def _case(table: dict[str, Any]) -> Case:
    table = dict(table)
    then = [Step(step["command"], _expected({"stderr": "", "exit": 0, **step}))
            for step in table.pop("then", [])]
    records = {
        path: {key: [_value(value) for value in values] for key, values in attributes.items()}
        for path, attributes in table.pop("records", {}).items()
    }
    expected = _expected(table)
    rest = {key: value for key, value in table.items() if key not in _EXPECTED}
    return Case(expected=expected, then=then, records=records, **rest)


def _expected(table: dict[str, Any]) -> Expected:
    return Expected(**{key: table[key] for key in _EXPECTED if key in table})


def _value(value: str | dict[str, str]) -> str | bytes:
    return value if isinstance(value, str) else bytes.fromhex(value["hex"])
