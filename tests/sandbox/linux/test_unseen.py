"""Nothing that a profile denies is silently not denied: every operation and every filter is
upheld, or the plan says that it is not (spec/sandbox.md 5.4, 5.5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirserv.paths import Root
from sandbox_stub import operations
from sandbox_stub.linux.grades import EXACT, LOOSE, NARROWED, NOT_ENFORCED, WIDENED
from sandbox_stub.linux.plan import Plan, plan, stops
from sandbox_stub.linux.probe import Kernel
from tests.sandbox.linux.confined import compiled, findings

FULL = {"abi": 7, "errata": 7, "seccomp": True, "mounts": True, "network": True}
NOT_SEEN = (NOT_ENFORCED, "filter-not-seen")
#: A filter that fits an operation -> what a denial on it is worth where there is all but ABI 9
FILTERS = [
    ('file-read* (device-major 8)', {NOT_SEEN}),
    ('file-read* (mount-relative-subpath "/a")', {NOT_SEEN}),
    ('file-read* (process-name "sh")', {NOT_SEEN}),
    ('file-write* (xattr "x")', {NOT_SEEN}),
    ('file-read* (require-any (subpath "/none") (device-minor 8))',
     {NOT_SEEN, (WIDENED, "path-missing")}),
    ('file-mount (subpath "/a")', {NOT_SEEN}),
    ('file-chroot (subpath "/a")', {NOT_SEEN}),
    ('process-fork (process-name "sh")', {NOT_SEEN}),
    ('network-outbound (control-name "x")', {NOT_SEEN}),
    ('network* (socket-type SOCK_RAW)', {NOT_SEEN}),
    ('network-outbound (remote tcp6)', {NOT_SEEN}),
    ('network-outbound (remote ip4 "*:80")', {NOT_SEEN}),
    ('network-outbound (local tcp "*:99")', {NOT_SEEN}),
    ('network-outbound (remote ip "localhost:80")', {(WIDENED, "port-only")}),
    ('network-bind (local ip "localhost:*")', {(WIDENED, "port-only")}),
    ('network-outbound (remote unix-socket (subpath "/a"))', {(NOT_ENFORCED, "unix-path-abi")}),
    ('network-outbound (subpath "/a")', {(NOT_ENFORCED, "unix-path-abi")}),
    ('signal (target pgrp)', {NOT_SEEN}),
    ('signal (target pgrp others)', {(EXACT, "")}),
    ('default (device-major 8)', {NOT_SEEN, (NOT_ENFORCED, "mach-userspace")}),
    # Here no file has such a thing, and no program: that is what macOS would say, too.
    ('file-read* (extension "x")', {(EXACT, "")}),
    ('file-read* (entitlement-is-present)', {(EXACT, "")}),
]


def planned(text: str, tree: Path, **kernel: object) -> Plan:
    return plan(compiled(text), Kernel(**{**FULL, **kernel}), root=Root(str(tree)), cwd=str(tree))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    return tmp_path


@pytest.mark.parametrize("operation", [name for name in operations.operations()
                                       if name != "default"])
def test_an_operation_denied_alone_is_upheld_or_said_not_to_be(operation: str, tree: Path) -> None:
    made = planned(f"(allow default) (deny {operation})", tree)
    found = {grade.grade for grade in made.grades if grade.rule.action == "deny"}
    assert made.mechanisms[1:] or found.intersection(LOOSE)


@pytest.mark.parametrize(("text", "expected"), FILTERS)
def test_a_filter_is_looked_at_or_said_not_to_be(
    text: str, expected: set[tuple[str, str]], tree: Path
) -> None:
    made = planned(f"(allow default) (deny {text})", tree)
    assert findings(made, "(deny") == expected
    accepted = expected <= {(EXACT, ""), (NOT_ENFORCED, "unix-path-abi")}
    assert bool(stops(made)) is not accepted


@pytest.mark.parametrize(("text", "expected"), [
    # The condition never holds for us: negated it always does.
    ('(deny file-read* (require-all (subpath "/a") (require-not (device-major 8))))',
     (NARROWED, "filter-not-seen")),
    ('(deny default) (allow file-read* (device-major 8))', (NARROWED, "filter-not-seen")),
    ('(deny default) (allow file-read* (require-not (device-major 8)))',
     (WIDENED, "filter-not-seen")),
])
def test_what_is_never_seen_to_hold_narrows_or_widens(
    text: str, expected: tuple[str, str], tree: Path
) -> None:
    made = planned("(allow default)" + text, tree)
    assert expected in findings(made, "device-major")
    assert bool(stops(made)) is (expected[0] != NARROWED)


def test_sockets_are_denied_by_path_where_the_kernel_can(tree: Path) -> None:
    made = planned('(allow default) (deny network-outbound (subpath "/a"))', tree, abi=9)
    assert (NOT_ENFORCED, "unix-path-abi") not in findings(made, "(deny")


def test_who_may_bind_a_port_may_be_connected_to(tree: Path) -> None:
    made = planned("(allow default) (deny network-inbound) (allow network-bind)", tree)
    assert findings(made, "(deny network-inbound") == {(WIDENED, "no-accept-control")}
    assert stops(made)


def test_an_allowed_socket_allows_no_file(tree: Path) -> None:
    """A filter about sockets in a rule about everything says nothing of files."""
    made = planned('(deny default) (allow default (remote unix-socket))', tree)
    assert not {"/", str(tree)} & {*made.files.rules}


@pytest.mark.parametrize("kind", ["literal", "subpath"])
def test_what_is_denied_of_a_path_that_does_not_exist(kind: str, tree: Path) -> None:
    made = planned(f'(allow default) (deny file-write-times ({kind} "/none"))', tree)
    assert findings(made, "(deny") == {(WIDENED, "path-missing")}
    made = planned(f'(allow default) (deny file-write-setugid ({kind} "/none"))', tree)
    assert made.mechanisms == ["no_new_privs", "seccomp"]
    made = planned(f'(deny default) (deny file-write-times ({kind} "/none"))', tree)
    assert findings(made, "none") == {(EXACT, "")}


def test_mounting_is_refused_where_it_is_denied(tree: Path) -> None:
    for operation in ("file-mount", "file-unmount", "file-mount-update"):
        made = planned(f"(allow default) (deny {operation})", tree)
        assert made.mechanisms == ["no_new_privs", "seccomp"]
        assert findings(made, "(deny") == {(EXACT, "")}
