"""Profiles of real programs: each compiles, and decides what was derived from its text by hand."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox_stub.compiler import compile_profile
from sandbox_stub.decision import decide
from sandbox_stub.profile import Profile
from sandbox_stub.targets import target_for
from tests.clients.conftest import fetched
from tests.sandbox.clients import generators, nixprofile

TABLES = {file.stem: tomllib.loads(file.read_text())
          for file in sorted(Path(__file__).with_name("decisions").glob("*.toml"))}
_GENERATORS: dict[str, Callable[[dict[str, Any], str, Path], str]] = {
    "gemini": lambda table, name, _: generators.shipped(table["package"], name),
    "qwen": lambda table, name, _: generators.shipped(table["package"], name),
    "sandbox-runtime": lambda table, _, place: generators.runtime_profile(table["package"], place),
    "hozo": lambda table, name, _: generators.hozo_profile(table["package"], name),
    "nix": lambda _, name, __: nixprofile.profile(name, ["/nix/store/out"], ["/nix/store/in"]),
}


def compiled(program: str, name: str, place: Path) -> Profile:
    table = TABLES[program]
    text = fetched(lambda: _GENERATORS[program](table, name, place))
    parameters = dict(table["parameters"])
    if program == "nix":
        parameters |= nixprofile.KINDS[name][1]
    return compile_profile(text, parameters=parameters, strict=True)


@pytest.mark.parametrize(("program", "name"), [
    (program, name) for program, table in TABLES.items() for name in table["profile"]])
def test_decisions(program: str, name: str, tmp_path: Path) -> None:
    table = TABLES[program]
    profile = compiled(program, name, tmp_path)
    rows = [*table["every"]["decisions"], *table["profile"][name]["decisions"]]
    wrong = []
    for expected, operation, word in rows:
        decision = decide(profile, operation, target_for(operation, word))
        if decision.action != expected:
            wrong.append(f"{operation} {word}: {decision}, not {expected}")
    assert not wrong, "\n".join(wrong)
    assert len(rows) >= 10


def test_every_table_has_its_generator() -> None:
    assert set(TABLES) == set(_GENERATORS)
