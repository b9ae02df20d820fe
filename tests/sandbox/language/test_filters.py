"""What filters match (spec/sandbox.md 3.6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_stub.filters import VNODE_TYPES, Filter, Target, quoted
from tests.sandbox.language.support import compiled, fault, tcp


def matches(text: str, target: Target, operation: str = "default") -> bool:
    filter = compiled(f"(version 1)(allow {operation} {text})").rules[0].filter
    assert filter is not None
    return filter.matches(target)


PATHS = [
    ('(literal "/a/b")', "/a/b", True), ('(literal "/a/b")', "/a/b/c", False),
    ('(literal "/x" "/a")', "/a", True), ('(subpath "/a/b")', "/a/b", True),
    ('(subpath "/a/b")', "/a/b/c/d", True), ('(subpath "/a/b")', "/a/bc", False),
    ('(subpath "/a/b")', "/a", False), ('(subpath "/")', "/", True), ('(subpath "/")', "/a", True),
    ('(subpath "/a/")', "/a/b", True), ('(prefix "/a/b")', "/a/bc", True),
    ('(prefix "/a/b")', "/a", False), ('(regex #"\\.log$")', "/a/x.log", True),
    ('(regex #"\\.log$")', "/a/x.logs", False), ('(regex #"^/a/[^/]+$")', "/a/b/c", False),
    ('(regex "^/x" "^/a")', "/a", True),
    # Linux tells cases apart, and so does the language here.
    ('(literal "/A")', "/a", False), ('(subpath "/A")', "/a/b", False),
    ('(path-ancestors "/a/b/c")', "/a/b", True), ('(path-ancestors "/a/b/c")', "/", True),
    ('(path-ancestors "/a/b/c")', "/a/b/c", False), ('(path-ancestors "/a/b/c")', "/a/x", False),
    ('(require-all (subpath "/a") (require-not (subpath "/a/b")))', "/a/c", True),
    ('(require-all (subpath "/a") (require-not (subpath "/a/b")))', "/a/b/c", False),
    ('(require-any (literal "/a") (literal "/b"))', "/b", True),
    ('(require-all (literal "/a") (literal "/b"))', "/b", False),
    ('(extension "com.apple.app-sandbox.read")', "/a", False),
    ('(require-not (extension "x"))', "/a", True),
    ('(require-entitlement "x")', "/a", False),
]


@pytest.mark.parametrize(("text", "path", "expected"), PATHS)
def test_path(text: str, path: str, expected: bool) -> None:
    assert matches(text, Target(path)) is expected


@pytest.mark.parametrize(("text", "path", "expected"), PATHS[:7])
def test_path_of_a_socket(text: str, path: str, expected: bool) -> None:
    assert matches(text, Target(socket_path=path)) is expected


@pytest.mark.parametrize(("text", "target", "expected"), [
    ("(local ip)", tcp("example.org", 80), True),
    ("(remote ip)", Target(network=("udp6", "::1", 53)), True),
    ("(remote tcp)", Target(network=("udp", "a", 53)), False),
    ("(remote tcp)", Target(network=("tcp6", "a", 53)), True),
    ("(remote tcp4)", Target(network=("tcp6", "a", 53)), False),
    ("(remote ip6)", Target(network=("udp6", "a", 53)), True),
    ('(remote ip "*:443")', tcp("example.org", 443), True),
    ('(remote ip "*:443")', Target(network=("tcp", "example.org", "443")), True),
    ('(remote ip "*:443")', tcp("example.org", 80), False),
    ('(remote ip "localhost:*")', tcp("127.0.0.53", 80), True),
    ('(remote ip "localhost:*")', tcp("::1", 80), True),
    ('(remote ip "localhost:*")', tcp("10.0.0.1", 80), False),
    ('(remote ip "*:80" "*:90")', tcp("a", 90), True),
    ('(local ip "*:80")', tcp("a", 80, side="remote"), False),
    ('(local ip "*:80")', tcp("a", 80, side="local"), True),
    ("(local ip)", tcp("a", 80, side="remote"), True),
    ("(remote ip)", Target(socket_path="/s"), False),
    ("(remote unix-socket)", Target(socket_path="/s"), True),
    ("(remote unix-socket)", tcp("a", 80), False),
    ('(remote unix-socket (subpath "/s"))', Target(socket_path="/s/a"), True),
    ('(remote unix-socket (path-literal "/t"))', Target(socket_path="/s"), False),
])
def test_network(text: str, target: Target, expected: bool) -> None:
    assert matches(text, target, "network*") is expected


@pytest.mark.parametrize(("text", "target", "expected"), [
    ('(global-name "a" "b")', Target(name="b"), True),
    ('(global-name "a")', Target(name="ab"), False),
    ('(global-name-prefix "a")', Target(name="ab"), True),
    ('(global-name-regex #"^a.$")', Target(name="ab"), True),
    ('(sysctl-name "kern.ostype")', Target(name="kern.ostype"), True),
    ("(syscall-number SYS_read)", Target(name="SYS_read"), True),
    ("(file-mode #o0004)", Target(mode=0o644), True),
    ("(file-mode #o0006)", Target(mode=0o644), False),
    ("(file-mode #o4000 #o0200)", Target(mode=0o644), True),
    ("(vnode-type DIRECTORY SYMLINK)", Target(vnode_type="SYMLINK"), True),
    ("(vnode-type DIRECTORY)", Target(vnode_type="FIFO"), False),
    ("(target self)", Target(signal_target="self"), True),
    ("(target same-sandbox)", Target(signal_target="self"), True),
    ("(target same-sandbox)", Target(signal_target="children"), True),
    ("(target same-sandbox)", Target(signal_target="others"), False),
    ("(target pgrp others)", Target(signal_target="others"), True),
])
def test_other_things(text: str, target: Target, expected: bool) -> None:
    assert matches(text, target) is expected


@pytest.mark.parametrize("text", [
    '(literal "/")', '(subpath "/")', '(prefix "")', '(regex "")', '(global-name-prefix "")',
    "(file-mode 0)", "(target self)", "(local ip)", "(remote unix-socket)",
    *(f"(vnode-type {kind})" for kind in VNODE_TYPES),
])
def test_what_the_target_lacks_is_not_matched(text: str) -> None:
    assert matches(text, Target()) is False


@pytest.mark.parametrize(("text", "message"), [
    ("(literal)", "malformed path filter"), ("(literal 5)", "integer"), ("(subpath 'a)", "symbol"),
    ("(regex '(1))", "list"), ("(literal '())", "list"), ("(prefix 1.5)", "real"),
    ("(global-name #f)", "invalid data type of global-name filter; expected pattern, got boolean"),
    ("(literal car)", "other"), ("(vnode-type FILE)", "unbound variable: FILE"),
    ("(vnode-type tcp)", "malformed vnode-type filter"), ("(target)", "malformed target filter"),
    ('(file-mode "4")', "file-mode: argument 1 must be: integer"),
    ("(remote)", "malformed remote filter"), ("(remote self)", "malformed remote filter"),
    ('(remote unix-socket "/s")', "malformed remote filter"),
    ('(remote ip (regex "a"))', "remote expects string argument"),
    ('(remote ip "::1")', "host must be * or localhost in network address"),
    ('(remote ip "*:65536")', "invalid port in network address"),
    ('(remote ip "*:٣")', "invalid port in network address"),
    ('(remote ip "*:")', "invalid port in network address"),
    ("(require-not (literal \"/a\") (literal \"/b\"))", "require-not takes exactly one filter"),
    ("(with-filter 1)", "arguments to with-filter must be filters"),
])
def test_malformed(text: str, message: str) -> None:
    assert message in (fault(f"(version 1)(allow network* {text})") or "")


@given(
    st.lists(st.tuples(st.sampled_from(("literal", "subpath", "prefix")),
                       st.sampled_from(("/", "/a", "/a/b", "/ab", "/c/d", "a"))),
             min_size=8, max_size=12),
    st.sampled_from(("/", "/a", "/a/b/c", "/abc", "/c", "/c/d/e", "/x", "", "a", "a/b")),
)
def test_many_alternatives_are_looked_up_as_if_tried(
    kinds: list[tuple[str, str]], path: str
) -> None:
    children = tuple(Filter(kind, (value,)) for kind, value in kinds)
    expected = any(child.matches(Target(path)) for child in children)
    many = Filter("require-any", children=children)
    assert many.matches(Target(path)) is expected
    assert many.matches(Target(socket_path=path)) is expected
    assert many.matches(Target(name=path)) is False


def test_quoted() -> None:
    assert quoted('a"b\\c') == '"a\\"b\\\\c"'
