"""Plans: what each rule is worth, what is used for it, and what enforce-strict cannot put up
with (spec/sandbox.md 5.4-5.6)."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from dirserv.paths import Root
from sandbox_stub.linux import landlock
from sandbox_stub.linux.apply import enforce
from sandbox_stub.linux.calls import Refused
from sandbox_stub.linux.frames import LAY
from sandbox_stub.linux.grades import EXACT, NARROWED, NOT_ENFORCED, WIDENED
from sandbox_stub.linux.namespaces import KEPT_CAPABILITIES, effective_capabilities
from sandbox_stub.linux.places import Places
from sandbox_stub.linux.plan import Plan, plan, stops
from sandbox_stub.linux.probe import Kernel
from tests.sandbox.linux.confined import (
    USERS,
    compiled,
    confined,
    findings,
    in_child,
    make_plan,
    needs_landlock,
    needs_mounts,
    needs_network,
    needs_seccomp,
    outcome,
)

FULL = {"abi": 7, "errata": 7, "seccomp": True, "mounts": True, "network": True}
BARE = {**FULL, "mounts": False, "network": False}


def planned(text: str, tree: Path, **kernel: object) -> Plan:
    """A plan for a kernel that need not be this one."""
    return plan(compiled(text), Kernel(**{**FULL, **kernel}), root=Root(str(tree)), cwd=str(tree))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a/secret", "a/.git", "b", "nix/store/old"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text("text")
    return tmp_path


# profile, part of the rule's text, what the kernel has, the findings about the rule
GRADES = [
    ('(allow default)', "allow default", FULL, {(EXACT, "")}),
    ('(allow default)(deny file-write* (subpath "/a"))', "subpath", FULL, {(EXACT, "")}),
    ('(allow default)(deny file-write* (subpath "/a"))', "subpath", BARE,
     {(NOT_ENFORCED, "no-attribute-control")}),
    ('(allow default)(deny file-read-data (subpath "/a/secret"))', "subpath", FULL, {(EXACT, "")}),
    ('(allow default)(deny file-read-data (subpath "/a/secret"))', "subpath", BARE, {(EXACT, "")}),
    ('(allow default)(deny file-read-data (subpath "/a/secret"))', "default", BARE,
     {(NARROWED, "deny-inside-allow"), (NARROWED, "exec-needs-read"),
      (NARROWED, "no-move-across")}),
    ('(allow default)(deny file-read* (literal "/a"))', "literal", FULL,
     {(WIDENED, "recursive-only"), (NOT_ENFORCED, "no-metadata-control")}),
    ('(deny default)(allow file-read* (literal "/a"))', "literal", FULL,
     {(NARROWED, "recursive-only")}),
    ('(deny default)(allow file-read* (subpath "/a"))', "subpath", FULL, {(EXACT, "")}),
    ('(deny default)(allow file-read* (subpath "/none"))', "subpath", FULL,
     {(NARROWED, "path-missing")}),
    ('(allow default)(deny file-write* (subpath "/none"))', "subpath", FULL,
     {(WIDENED, "path-missing")}),
    ('(deny default)(allow file-read* (regex #"^/a/.*"))', "regex", FULL, {(EXACT, "")}),
    ('(deny default)(allow file-read* (regex #"^/a/[.]git"))', "regex", FULL,
     {(NARROWED, "regex-snapshot")}),
    ('(allow default)(deny file-write* (regex #"^/a/[.]git"))', "regex", FULL,
     {(WIDENED, "regex-snapshot")}),
    ('(allow default)(deny file-write-mode (subpath "/a"))', "mode", FULL,
     {(NOT_ENFORCED, "no-attribute-control")}),
    ('(allow default)(deny mach-lookup (global-name "x"))', "mach", FULL,
     {(NOT_ENFORCED, "mach-userspace")}),
    ('(deny default)(allow mach-lookup (global-name "x"))', "global", FULL, {(EXACT, "")}),
    ('(allow default)(deny sysctl-write)', "sysctl", FULL, {(NOT_ENFORCED, "sysctl-userspace")}),
    ('(allow default)(deny signal)', "deny signal", FULL, {(WIDENED, "signal-same-sandbox")}),
    ('(allow default)(deny signal (target others))', "others", FULL, {(EXACT, "")}),
    ('(allow default)(deny signal (target others))', "others", {"abi": 5},
     {(NOT_ENFORCED, "abi-too-low")}),
    ('(allow default)(deny process-exec)', "exec", FULL, {(WIDENED, "exec-via-loader")}),
    ('(allow default)(deny process-fork)', "fork", FULL, {(EXACT, "")}),
    ('(allow default)(deny process-fork)', "fork", {"seccomp": False},
     {(NOT_ENFORCED, "no-seccomp")}),
    ('(allow default)(deny file-write-setugid)', "setugid", FULL, {(EXACT, "")}),
    ('(allow default)(allow process-exec (literal "/a/file") (with no-sandbox))', "literal", FULL,
     {(NARROWED, "no-sandbox-modifier")}),
    ('(allow default)(deny network*)', "network", FULL, {(NARROWED, "unix-path-abi")}),
    ('(allow default)(deny network*)', "network", {"abi": 9}, {(EXACT, "")}),
    ('(allow default)(deny network*)', "network", BARE,
     {(NARROWED, "unix-path-abi"), (NARROWED, "userns-forbidden")}),
    ('(allow default)(deny network*)', "network", {**BARE, "seccomp": False},
     {(WIDENED, "no-udp"), (NOT_ENFORCED, "unix-path-abi")}),
    ('(allow default)(deny network* (remote ip) (local ip))', "network", FULL, {(EXACT, "")}),
    ('(deny default)(allow network* (remote ip "localhost:*"))', "localhost", FULL,
     {(NARROWED, "private-loopback"), (NARROWED, "unix-path-abi")}),
    ('(allow default)(deny network-outbound (remote tcp "*:25"))', "25", FULL,
     {(WIDENED, "port-only")}),
]


@pytest.mark.parametrize(("text", "part", "kernel", "expected"), GRADES)
def test_a_rule_is_graded(
    text: str, part: str, kernel: dict, expected: set[tuple[str, str]], tree: Path
) -> None:
    made = planned(text, tree, **kernel)
    assert findings(made, part) == expected
    assert all(grade.effect for grade in made.grades if grade.grade != EXACT)


def test_every_rule_has_a_verdict_and_every_effect_is_a_sentence(tree: Path) -> None:
    made = planned('(deny default)(allow file* (subpath "/a"))(deny network*)(allow mach*)', tree)
    assert {grade.rule for grade in made.grades} == set(made.profile.rules)


@pytest.mark.parametrize(
    ("text", "kernel", "upheld"),
    [
        ("(allow default)", FULL, "read write network signal"),
        ("(deny default)", FULL, "read write network signal"),
        ("(deny default)", BARE, "read network signal"),
        ("(deny default)", {**FULL, "abi": 5}, "read write network"),
        ("(deny default)", {**BARE, "abi": 0, "seccomp": False}, ""),
        ('(allow default)(deny file-read* (subpath "/none"))', FULL, "write network signal"),
    ],
)
def test_the_plan_says_what_is_upheld(text: str, kernel: dict, upheld: str, tree: Path) -> None:
    made = planned(text, tree, **kernel).upheld
    assert " ".join(name for name, held in made.items() if held) == upheld


@pytest.mark.parametrize(
    ("text", "kernel", "codes"),
    [
        ("(deny default)", FULL, set()),
        ("(allow default)", {**BARE, "abi": 0, "seccomp": False}, set()),
        ('(deny default)(allow file* (subpath "/a"))', FULL, set()),
        ("(deny default)", BARE, {"no-attribute-control"}),
        ("(deny default)", {**FULL, "abi": 2}, {"abi-too-low"}),
        ('(allow default)(deny file-read* (regex #"[.]git"))', FULL, {"regex-snapshot"}),
        ('(deny default)(allow file* (subpath "/nix/store/new"))', FULL,
         {"path-missing", "no-attribute-control"}),
    ],
)
def test_what_strict_cannot_put_up_with(
    text: str, kernel: dict, codes: set[str], tree: Path
) -> None:
    assert {grade.code for grade in stops(planned(text, tree, **kernel))} == codes


def test_accepted_reasons_can_be_chosen(tree: Path) -> None:
    made = planned("(deny default)", tree)
    assert {grade.code for grade in stops(made, accepted=())} >= {
        "mach-userspace", "sysctl-userspace", "no-metadata-control"}


def test_nothing_is_used_for_a_profile_that_denies_nothing(tree: Path) -> None:
    made = planned("(allow default)", tree)
    assert made.mechanisms == ["no_new_privs"]
    assert not made.confined


def test_nix_minimal_is_a_filter_and_nothing_else(tree: Path) -> None:
    """spec/sandbox.md 1.2: what every build gets when Nix's sandbox is off."""
    made = planned("(allow default)(deny file-write-setugid)", tree)
    assert made.mechanisms == ["no_new_privs", "seccomp"]


def test_the_platform_is_never_narrowed(tree: Path) -> None:
    made = make_plan('(deny default)(deny file-read* (subpath "/usr/lib"))')
    granted = {path: rights for path, rights in made.files.rules.items() if path == "/usr/lib"}
    assert granted == {"/usr/lib": landlock.READ_FILE | landlock.READ_DIR}


def test_a_rule_through_a_symbolic_link_matches_nothing_in_a_tree(tree: Path) -> None:
    (tree / "link").symlink_to("a")
    made = planned('(deny default)(allow file-read* (subpath "/link"))', tree)
    assert str(tree / "a") not in made.files.rules
    assert findings(made, "link") == {(EXACT, "")}


def test_on_a_plain_linux_links_and_private_are_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    made = make_plan(f'(deny default)(allow file-read* (subpath "{tmp_path}/link"))'
                     f'(allow file-read* (subpath "/private/var"))')
    assert made.files.rules[str(tmp_path / "there")]
    assert os.path.isdir("/private") or made.files.rules["/var"]


@needs_landlock
@needs_mounts
@pytest.mark.parametrize("uid", USERS)
def test_outputs_can_be_made_and_their_neighbours_cannot_be_changed(
    uid: int | None, place: Path
) -> None:
    """spec/sandbox.md 5.9, with a mount for each neighbour."""
    store = place / "nix/store"
    for name in ("input", "other"):
        (store / name).mkdir(parents=True)
        (store / name / "file").write_text("text")
        (store / name / "file").chmod(0o666)
    for directory in (store, store / "input", store / "other"):
        directory.chmod(0o777)

    def work() -> list[str]:
        out = store / "out"
        found = [outcome(out.mkdir), outcome(os.mknod, out / "made", 0o100600),
                 outcome(os.open, out / "made", os.O_RDWR), outcome(os.unlink, out / "made")]
        for name in ("input", "other"):
            found += [outcome(os.open, store / name / "file", flags)
                      for flags in (os.O_RDONLY, os.O_WRONLY)]
            found.append(outcome(os.rename, store / name, store / "moved"))
        return found

    text = ('(deny default)(allow file-read* (subpath "/nix/store/input"))'
            '(allow file-read* file-write* process-exec (subpath "/nix/store/out"))')
    found = confined(text, work, str(place), uid=uid)
    assert found == ["ok"] * 4 + ["ok", "EROFS", "EBUSY"] + ["ENOENT", "ENOENT", "EBUSY"]
    assert sorted(os.listdir(store)) == ["input", "other", "out"]


def test_without_mounts_nothing_is_removed_where_outputs_are_made(tree: Path) -> None:
    made = planned('(deny default)(allow file* (subpath "/nix/store/out"))', tree, **BARE)
    rights = made.files.rules[str(tree / "nix/store")]
    assert rights & landlock.WRITE_FILE
    assert not rights & landlock.REMOVE_FILE
    assert (WIDENED, "path-missing") in findings(made, "deny default")


@needs_landlock
@needs_mounts
def test_the_working_directory_is_seen_through_the_mounts(place: Path) -> None:
    for name in ("masked/deep", "fine"):
        (place / name).mkdir(parents=True)
    rules = compiled(f'(allow default)(deny file-read* file-write* (subpath "{place}/masked"))')

    def child(start: Path) -> str:
        os.chdir(start)
        enforce(make_plan(rules))
        return os.getcwd()

    assert in_child(lambda: child(place / "fine")) == str(place / "fine")
    assert in_child(lambda: child(place / "masked/deep")) == str(place / "masked")


@needs_landlock
@pytest.mark.skipif(os.geteuid() != 0, reason="chroot takes root")
def test_a_command_in_a_tree_of_its_own_sees_only_that(place: Path) -> None:
    for name in ("in", "secret"):
        (place / name).mkdir()
        (place / name / "file").write_text("text")

    def work() -> list[str]:
        return [os.getcwd(), *(outcome(os.open, path, os.O_RDONLY)
                               for path in ("/in/file", "/secret/file", "/etc/passwd"))]

    found = confined('(deny default)(allow file-read* (subpath "/in"))', work, str(place),
                     chroot=True)
    assert found == ["/", "ok", "EACCES", "ENOENT"]


@needs_landlock
@pytest.mark.parametrize("uid", USERS)
def test_who_is_confined_has_no_power_over_the_machine(uid: int | None) -> None:
    def work() -> int:
        return effective_capabilities() & ~KEPT_CAPABILITIES

    assert confined("(deny default)", work, uid=uid) == 0
    assert confined("(allow default)", work) == in_child(work)


@needs_landlock
def test_a_program_of_the_host_runs_beside_a_tree(place: Path) -> None:
    def work() -> list[str]:
        return [outcome(os.open, "/usr/bin/env", os.O_RDONLY),
                outcome(os.open, "/usr/bin/id", os.O_RDONLY)]

    text = '(deny default)(allow file-read* process-exec (literal "/usr/bin/env"))'
    assert confined(text, work, str(place)) == ["ok", "EACCES"]


def test_what_cannot_be_applied_is_refused(tree: Path) -> None:
    made = planned("(deny default)", tree)
    step = made.files.mounts[0]
    step.path, step.action = str(tree / "gone"), LAY
    with pytest.raises(Refused, match="No such file or directory|Operation not permitted"):
        in_child(lambda: enforce(made))


NETWORK = [
    # profile, (connect to a server outside, own server on localhost, bind, datagram out)
    ("(allow default)", ("ok", "ok", "ok")),
    ("(allow default)(deny network*)", ("EACCES", "EACCES", "EACCES")),
    ('(allow default)(deny network*)(allow network* (local ip "localhost:*")'
     ' (remote ip "localhost:*"))', ("ECONNREFUSED", "ok", "ok")),
    ("(allow default)(deny network-bind)", ("ok", "EACCES", "EACCES")),
]


@needs_landlock
@needs_network
@needs_seccomp
@pytest.mark.parametrize("uid", USERS)
@pytest.mark.parametrize(("text", "expected"), NETWORK)
def test_the_network_is_what_is_left_of_it(
    text: str, expected: tuple[str, ...], uid: int | None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()

        def own() -> None:
            with socket.create_server(("127.0.0.1", 0)) as mine:
                socket.socket().connect(mine.getsockname())

        def work() -> tuple[str, ...]:
            return (outcome(socket.socket().connect, address), outcome(own),
                    outcome(socket.socket().bind, ("127.0.0.1", 0)))

        found = confined(text, work, uid=uid)
    assert tuple(found) == expected


def test_links_are_resolved_as_realpath_does(tmp_path: Path) -> None:
    (tmp_path / "there/deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "there/up").symlink_to("../link/deep")
    places = Places(Root("/"))
    for name in ("link", "link/deep", "link/up/none", "there/../link/.", "none/x", "link//deep"):
        path = f"{tmp_path}/{name}"
        assert places.canonical(path) == os.path.realpath(path)
    assert places.canonical("/") == "/"
