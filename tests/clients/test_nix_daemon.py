"""Debian's real nix-daemon builds as the users that our commands made, or says why it cannot."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import accounts, nix_daemon
from tests.darwin.fixture import counted_root
from tests.darwin.root import DarwinRoot

pytestmark = pytest.mark.root

USERS = {f"_nixbld{n}": 350 + n for n in range(1, 5)}
GID = 350


@pytest.fixture(scope="module")
def daemon_root(nix_packages: list[Path], request: pytest.FixtureRequest) -> Iterator[DarwinRoot]:
    """A root in which the daemon runs; its accounts are `build_accounts`'s business."""
    with counted_root(request.node.nodeid) as root:
        accounts.make_build_accounts(root, USERS, GID)
        nix_daemon.prepare(root, nix_packages)
        nix_daemon.start(root)
        yield root


@pytest.fixture
def build_accounts(daemon_root: DarwinRoot) -> DarwinRoot:
    """The root with the group and its users as the installer makes them, whatever was before."""
    for path in ["/Groups/nixbld", *(f"/Users/{name}" for name in USERS)]:
        daemon_root.run(["dscl", ".", "-delete", path])  # fails when a test deleted it
    accounts.make_build_accounts(daemon_root, USERS, GID)
    return daemon_root


def fresh_names(count: int) -> list[str]:
    """Names that were never built in this root, as a finished build is not done again."""
    return [f"job-{uuid.uuid4().hex[:12]}" for _ in range(count)]


def failure(root: DarwinRoot) -> str:
    """What Nix says to a build that has to fail."""
    result = nix_daemon.build(root, fresh_names(1))
    assert result.returncode != 0, result.stdout
    return result.stderr


def test_accounts_are_in_place(build_accounts: DarwinRoot) -> None:
    accounts.assert_placed(build_accounts, USERS, GID)
    accounts.assert_members(build_accounts, "nixbld", GID, list(USERS))
    assert build_accounts.must("stat", "-c", "%U:%G %a", "/nix/store") == "root:nixbld 1775\n"


def test_two_builds_at_once_as_different_users(build_accounts: DarwinRoot) -> None:
    result = nix_daemon.build(build_accounts, fresh_names(2))
    assert result.returncode == 0, result.stderr
    outputs = result.stdout.split()
    said = sorted(build_accounts.read(output) for output in outputs)
    assert said == [
        "uid=351(_nixbld1) gid=350(nixbld) groups=350(nixbld)\n_nixbld1 nixbld\n",
        "uid=352(_nixbld2) gid=350(nixbld) groups=350(nixbld)\n_nixbld2 nixbld\n",
    ]
    owners = build_accounts.must("stat", "-c", "%u:%g %a", *outputs).splitlines()
    assert owners == ["0:0 444", "0:0 444"]
    assert {"351", "352"} <= set(build_accounts.must("ls", "/nix/var/nix/userpool").split())


def test_one_build_after_another_uses_the_first_user_again(build_accounts: DarwinRoot) -> None:
    for name in fresh_names(2):
        result = nix_daemon.build(build_accounts, [name])
        assert result.returncode == 0, result.stderr
        assert build_accounts.read(result.stdout.strip()).startswith("uid=351(_nixbld1) ")


def test_group_is_missing(build_accounts: DarwinRoot) -> None:
    build_accounts.must("dscl", ".", "-delete", "/Groups/nixbld")
    said = "the group 'nixbld' specified in 'build-users-group' does not exist"
    assert said in failure(build_accounts)


def test_group_is_empty(build_accounts: DarwinRoot) -> None:
    """Emptied of names and UUIDs, with every user's primary group elsewhere."""
    for name in USERS:
        build_accounts.must("dscl", ".", "-create", f"/Users/{name}", "PrimaryGroupID", "20")
    for key in ("GroupMembership", "GroupMembers"):
        build_accounts.must("dscl", ".", "-create", "/Groups/nixbld", key)
    assert "the build users group 'nixbld' has no members" in failure(build_accounts)


def test_member_does_not_exist(build_accounts: DarwinRoot) -> None:
    """Deleting a user leaves its name in the group, as on macOS."""
    build_accounts.must("dscl", ".", "-delete", "/Users/_nixbld1")
    said = "the user '_nixbld1' in the group 'nixbld' does not exist"
    assert said in failure(build_accounts)


def test_a_recreated_user_builds_again(build_accounts: DarwinRoot) -> None:
    build_accounts.must("dscl", ".", "-delete", "/Users/_nixbld1")
    steps = accounts.installer_steps("_nixbld1", 360, GID, "nixbld")
    accounts.run_steps(build_accounts, steps)
    result = nix_daemon.build(build_accounts, fresh_names(1))
    assert result.returncode == 0, result.stderr
    said = build_accounts.read(result.stdout.strip())
    assert said.startswith("uid=360(_nixbld1) gid=350(nixbld)")
