"""decide() against an independent model of spec/sandbox.md 3.5, for random sets of rules."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox_stub.decision import decide
from sandbox_stub.filters import Target
from tests.sandbox.language.support import compiled

# A part of the tree of 3.4, written down a second time; the value is (parent, initial fallback).
TREE: dict[str, tuple[str, str | None]] = {
    "default": ("", "deny"),
    "file*": ("default", None),
    "file-map-executable": ("file*", "allow"),
    "file-read*": ("file*", None),
    "file-read-data": ("file-read*", None),
    "file-write*": ("file*", None),
    "process*": ("default", None),
}
PATHS = ("/", "/a", "/a/b", "/ab")

operations = st.sampled_from(list(TREE))
filters = st.lists(st.tuples(st.sampled_from(("literal", "subpath")), st.sampled_from(PATHS)),
                   max_size=2)
rules = st.tuples(st.sampled_from(("allow", "deny")),
                  st.lists(operations, min_size=1, max_size=3, unique=True), filters)
rule_sets = st.lists(rules, min_size=3, max_size=10)


def matches(kind: str, value: str, path: str) -> bool:
    parts, wanted = path.strip("/").split("/"), value.strip("/").split("/")
    if kind == "literal" or value == "/":
        return kind == "subpath" or path == value
    return parts[:len(wanted)] == wanted


def model(rules: list, operation: str, path: str) -> str:
    """The algorithm of 3.5 as the text says it: per operation a list and a fallback."""
    filtered: dict[str, list] = {name: [] for name in TREE}
    fallback = {name: initial for name, (_, initial) in TREE.items()}
    for action, names, conditions in rules:
        for name in names:
            if conditions:
                filtered[name].insert(0, (action, conditions))
            else:
                fallback[name] = action
    while True:
        for action, conditions in filtered[operation]:
            if any(matches(kind, value, path) for kind, value in conditions):
                return action
        if fallback[operation]:
            return fallback[operation]
        operation = TREE[operation][0]


def text(rules: list) -> str:
    forms = ["(version 1)"]
    for action, names, conditions in rules:
        shown = " ".join(f'({kind} "{value}")' for kind, value in conditions)
        forms.append(f"({action} {' '.join(names)} {shown})")
    return "\n".join(forms)


@settings(max_examples=400)
@given(rule_sets, operations, st.sampled_from(PATHS))
def test_random_rules(rules: list, operation: str, path: str) -> None:
    found = decide(compiled(text(rules)), operation, Target(path))
    assert found.action == model(rules, operation, path)


@given(rule_sets, operations, st.sampled_from(PATHS))
def test_the_rule_that_is_named_decides(rules: list, operation: str, path: str) -> None:
    """Without the rule that is said to decide, another one decides; its place is right."""
    found = decide(compiled(text(rules)), operation, Target(path))
    if found.rule is None:
        return
    assert found.position is not None
    line = found.position[1] - 2
    assert (rules[line][0], found.via in rules[line][1]) == (found.action, True)
    others = decide(compiled(text(rules[:line] + rules[line + 1:])), operation, Target(path))
    assert others.action == model(rules[:line] + rules[line + 1:], operation, path)
