"""What filters say about whole trees, and that the fast resolution is the documented one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dirserv.paths import Root
from sandbox_stub.compiler import compile_profile
from sandbox_stub.decision import decide
from sandbox_stub.filters import Filter, Target
from sandbox_stub.linux import patterns
from sandbox_stub.linux.pathrules import PathRules
from sandbox_stub.linux.places import Places
from sandbox_stub.linux.rights import RIGHTS


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^/a/", ("/a", False)), ("^/a/.*", ("/a", False)), ("^/a/.*$", ("/a", False)),
        (r"^/a\.b/", ("/a.b", False)), ("^/a(/.*)?$", ("/a", True)), ("^/a(/|$)", ("/a", True)),
        ("^/", ("/", False)), ("/a/", None), ("^/a", None), ("^/a$", None), ("^/a/b", None),
        ("^/a/[^x]*/", None), ("^/a|^/b/", None), ("^/a/?", None), ("^/a.b/", None),
    ],
)
def test_which_patterns_are_trees(pattern: str, expected: tuple[str, bool] | None) -> None:
    assert patterns.tree(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^/a/b/c[0-9]+$", "/a/b"), ("^/dev/tty.*", "/dev"), (r"^/a/x\.y", "/a"), ("^/a", "/"),
        ("^/a/(x|y)", "/a"), ("^/a/x|^/b/y", ""), (r"/\.git(/|$)", ""), ("^/a/bc*", "/a"),
        ("^/a/b?/c", "/a"), ("(^/a|^/b)", ""),
    ],
)
def test_where_a_pattern_has_to_be_searched(pattern: str, expected: str) -> None:
    assert patterns.base(pattern) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("^/a(/.*)?$", True), ("/[.]git(/|$)", False), ("^/.*$", True), (r"^/a\.*$", False),
     ("^/a$", False), ("^/a", True), ("^/a/b$|^/a/", False)],
)
def test_what_a_pattern_says_of_all_below_a_directory(pattern: str, expected: bool) -> None:
    assert patterns.holds_below(Filter("regex", (pattern,)), "/a", False, True) is expected


PARTS = ("a", "b", ".git", "x.txt")
paths = st.lists(st.sampled_from(PARTS), max_size=4).map(lambda parts: "/" + "/".join(parts))
_patterns = st.tuples(
    st.sampled_from(("^", "")), paths,
    st.sampled_from(("", "/", "/.*", "/.*$", "(/.*)?$", "(/|$)", "$", "/[^/]*$", "/[ab]/"))
).map("".join)
leaves = st.one_of(
    st.builds(lambda path: Filter("literal", (path,)), paths),
    st.builds(lambda path: Filter("subpath", (path,)), paths),
    st.builds(lambda path: Filter("prefix", (path,)), paths),
    st.builds(lambda pattern: Filter("regex", (pattern,)), _patterns))
all_filters = st.recursive(leaves, lambda inner: st.one_of(
    st.builds(lambda one: Filter("require-not", children=(one,)), inner),
    st.builds(lambda kind, many: Filter(kind, children=tuple(many)),
              st.sampled_from(("require-any", "require-all")),
              st.lists(inner, min_size=1, max_size=3))), max_leaves=5)


@given(all_filters, paths, st.lists(st.sampled_from(PARTS), min_size=1, max_size=3))
def test_what_is_said_to_hold_below_holds_there(
    filter: Filter, directory: str, more: list[str]
) -> None:
    """An allow that is said to hold for a tree holds for all in it that no path names."""
    if patterns.holds_below(filter, directory, False, True):
        below = directory.rstrip("/") + "/" + "/".join(more)
        known = patterns.named(filter)
        unnamed = not any(below == one or below.startswith(one + "/") for one in known
                          if one.startswith(directory))
        if unnamed:
            assert filter.matches(Target(below))


operations = ("default", "file*", "file-read*", "file-read-data", "file-write*",
              "file-write-create", "file-write-data", "process-exec*", "file-ioctl",
              "network-outbound", "network*", "file-write-setugid", "file-write-mode")
profile_texts = st.lists(st.tuples(
    st.sampled_from(("allow", "deny")), st.sampled_from(operations),
    st.lists(st.tuples(st.sampled_from(
        ('(literal "{}")', '(subpath "{}")', '(regex "{}")', '(prefix "{}")',
         '(remote unix-socket (subpath "{}"))', '(local unix-socket)',
         '(require-not (subpath "{}"))', '(require-all (remote unix-socket) (prefix "{}"))')),
        paths), max_size=3)), max_size=8)


@given(profile_texts, paths)
def test_the_fast_resolution_is_decide(rules: list, path: str) -> None:
    """spec/sandbox.md 3.5, asked about every file right."""
    text = "".join(
        f"({action} {operation} " + " ".join(kind.format(path) for kind, path in named) + ")"
        for action, operation, named in rules)
    profile = compile_profile("(version 1)" + text, strict=False)
    known = PathRules(profile, Places(Root("/tree")))
    verdicts = known.verdicts(known.own(path))
    for operation, bits in RIGHTS:
        (_, action, rule), = (one for one in verdicts if one[0] & bits)
        about_sockets = operation.startswith("network")
        target = Target(socket_path=path) if about_sockets else Target(path)
        decision = decide(profile, operation, target)
        assert (action, rule) == (decision.action, decision.rule), operation
