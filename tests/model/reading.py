"""dscl's own picture of a root: read as the model's state, compared with it, and restored."""

from __future__ import annotations

import plistlib

from tests.model.model import GROUPS, NATIVE, USERS, Record, State, Unknown, Value
from tests.model.steps import path

STANDARD = "dsAttrTypeStandard:"
HEAD = "<?xml version="


def parse(text: str) -> State:
    """The state that two property lists, of users and of groups, describe."""
    lists = [plistlib.loads((HEAD + part).encode()) for part in text.split(HEAD)[1:]]
    return {kind: [_record(kind, found) for found in records]
            for kind, records in zip((USERS, GROUPS), lists, strict=True)}


def _record(kind: str, found: dict[str, list[str]]) -> Record:
    """One record by short names, without the two attributes that a node computes."""
    record: Record = {key.removeprefix(STANDARD): list(found[key]) for key in found}
    assert record.pop("RecordType") == ["dsRecTypeStandard:" + kind]
    assert record.pop("AppleMetaNodeLocation") == ["/Local/Default"]
    return record


def by_name(state: State, kind: str) -> dict[str, Record]:
    """The records of a kind by their first name; two of one name are an error."""
    records = {str(record["RecordName"][0]): record for record in state[kind]}
    assert len(records) == len(state[kind]), f"two {kind} of one name"
    return records


def differences(expected: State, actual: State) -> list[str]:
    """Where dscl says something else than the model."""
    found: list[str] = []
    bound: dict[Unknown, str] = {}
    for kind in (USERS, GROUPS):
        wanted, seen = by_name(expected, kind), by_name(actual, kind)
        found += [f"{kind}/{name!r}: only the model has it" for name in wanted.keys() - seen]
        found += [f"{kind}/{name!r}: only dscl has it" for name in seen.keys() - wanted]
        for name in wanted.keys() & seen.keys():
            for key in wanted[name].keys() | seen[name].keys():
                model, real = wanted[name].get(key, []), seen[name].get(key, [])
                if not _alike(model, real, bound):
                    found.append(f"{kind}/{name!r} {key}: model {model}, dscl {real}")
    return found


def _alike(model: list[Value], real: list[Value], bound: dict[Unknown, str]) -> bool:
    return len(model) == len(real) and all(
        _same(*pair, bound) for pair in zip(model, real, strict=True)
    )


def _same(model: Value, real: Value, bound: dict[Unknown, str]) -> bool:
    """Whether a value is the model's; one that the model does not know is bound to the first."""
    if isinstance(model, str):
        return model == real
    assert isinstance(real, str)
    return bound.setdefault(model, real) == real and bool(model.pattern.fullmatch(real))


def restoring(wanted: State, actual: State) -> list[str]:
    """The lines of a dscl session that bring a root back: what differs is deleted, then made."""
    deletions, creations = [], []
    for kind in (USERS, GROUPS):
        expected, seen = by_name(wanted, kind), by_name(actual, kind)
        changed = [name for name in seen if seen[name] != expected.get(name)]
        deletions += [f"delete {_word(path(kind, name))}" for name in changed]
        for name in expected:
            if name in changed or name not in seen:
                creations += _making(kind, name, expected[name])
    return deletions + creations


def _making(kind: str, name: str, record: Record) -> list[str]:
    where = _word(path(kind, name))
    lines = [f"create {where}"]
    for key in (NATIVE + "accountPolicyData", NATIVE + "record_daemon_version", "Password"):
        if key not in record:
            lines.append(f"delete {where} {key}")
    for key, values in record.items():
        lines.append(" ".join(["create", where, key, *(_word(str(value)) for value in values)]))
    return lines


def _word(text: str) -> str:
    """A word of a session's line: every special character escaped (spec 2.12)."""
    assert "\n" not in text, "a session cannot take a line break"
    return "".join("\\" + char if char in " \t\\'\"" else char for char in text)
