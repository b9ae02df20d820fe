"""Nix's own migration scripts, unmodified, move build users that our commands made."""

from __future__ import annotations

import pytest

from tests.clients import accounts
from tests.clients.accounts import NATIVE, Record
from tests.darwin import tree
from tests.darwin.root import DarwinRoot, Result

pytestmark = pytest.mark.root

SEQUOIA = "sequoia-nixbld-user-migration.sh"
BIG_SUR = "bigsur-nixbld-user-migration.sh"
FIRST_UID = 351  # where both scripts put the first user
OLD_GID = 30000
COUNT = 32
MIGRATED_ALREADY = "_nixbld users already appear to be migrated.\n"
# macOS 15 brought users with these names on the uids that Nix had used for its first four.
NEWCOMERS = {
    "_modelmanagerd": 301,
    "_reportsystemmemory": 302,
    "_swtransparencyd": 303,
    "_naturallanguaged": 304,
}


def run_script(root: DarwinRoot, scripts: dict[str, bytes], name: str) -> Result:
    """Lay the script into the root and run it there as its documentation says."""
    place = f"/tmp/{name}"
    root.install([tree.Entry(place, data=scripts[name], mode=0o755)])
    result = root.run([place], env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"})
    assert result.stderr == ""
    return result


def run_unchanging(root: DarwinRoot, scripts: dict[str, bytes], name: str) -> Result:
    """Run a script that has nothing left to do, and make sure that it did nothing."""
    before = snapshot(root)
    result = run_script(root, scripts, name)
    assert snapshot(root) == before
    return result


def build_users(count: int, first_uid: int, prefix: str = "_nixbld") -> dict[str, int]:
    """Names and uids of `count` build users, from `first_uid` on."""
    return {f"{prefix}{n}": first_uid + n - 1 for n in range(1, count + 1)}


def snapshot(root: DarwinRoot) -> tuple[object, ...]:
    """Everything about accounts that a script could change."""
    flat = [root.read(f"/etc/{name}") for name in ("passwd", "master.passwd", "group")]
    return accounts.records(root, "Users"), accounts.records(root, "Groups"), flat


def delete_users_at(root: DarwinRoot, uids: range) -> None:
    """Remove whoever has these uids: the users that a newer macOS has seeded there."""
    holders = [name for name, uid in accounts.numbers(root, "").items() if uid in uids]
    accounts.run_steps(root, [["dscl", ".", "-delete", f"/Users/{name}"] for name in holders])


def upgrade_to_sequoia(root: DarwinRoot) -> None:
    """What the upgrade to macOS 15 did: system users replace the first four build users."""
    for number, (name, uid) in enumerate(NEWCOMERS.items(), start=1):
        accounts.run_steps(
            root,
            [
                ["dscl", ".", "-delete", f"/Users/_nixbld{number}"],
                ["dscl", ".", "-create", f"/Users/{name}", "UniqueID", str(uid)],
                ["dscl", ".", "-create", f"/Users/{name}", "PrimaryGroupID", str(uid)],
            ],
        )


def old_installation(root: DarwinRoot, count: int) -> dict[str, Record]:
    """Build users as Nix up to 2.24 made them, from uid 301; returns their records."""
    delete_users_at(root, range(301, 301 + count))
    users = build_users(count, 301)
    accounts.make_build_accounts(root, users, OLD_GID)
    accounts.assert_placed(root, users, OLD_GID)
    return accounts.records(root, "Users")


@pytest.fixture
def sequoia(darwin_root: DarwinRoot) -> tuple[DarwinRoot, dict[str, Record]]:
    """A root with the accounts of an old installation after the upgrade, and those before it."""
    before = old_installation(darwin_root, COUNT)
    upgrade_to_sequoia(darwin_root)
    return darwin_root, before


def test_sequoia(
    sequoia: tuple[DarwinRoot, dict[str, Record]], migration_scripts: dict[str, bytes]
) -> None:
    root, before = sequoia
    result = run_script(root, migration_scripts, SEQUOIA)
    assert result.returncode == 0
    assert_sequoia_told(result.stdout)
    accounts.assert_placed(root, build_users(COUNT, FIRST_UID), OLD_GID)
    accounts.assert_members(root, "nixbld", OLD_GID, list(build_users(COUNT, FIRST_UID)))
    assert_recreated(root, [f"_nixbld{n}" for n in range(1, 5)])
    assert_kept(root, before, [f"_nixbld{n}" for n in range(5, COUNT + 1)])
    assert accounts.numbers(root, "") | NEWCOMERS == accounts.numbers(root, "")
    again = run_unchanging(root, migration_scripts, SEQUOIA)
    assert (again.stdout, again.returncode) == (MIGRATED_ALREADY, 0)


def assert_sequoia_told(output: str) -> None:
    """The script says of each user what it did with it."""
    for number in range(1, COUNT + 1):
        uid = FIRST_UID + number - 1
        if number <= len(NEWCOMERS):
            assert f"_nixbld{number} was missing; created with uid: {uid}" in output
        else:
            moved = f"Temporarily moved _nixbld{number} from uid {300 + number} -> {30995 + number}"
            assert moved in output
            assert f"_nixbld{number} migrated to uid: {uid}" in output
    assert f"Migrated {COUNT} users." in output


def assert_recreated(root: DarwinRoot, names: list[str]) -> None:
    """Users that the script made anew have every attribute it gave them, and are members."""
    records = accounts.records(root, "Users")
    for name in names:
        record = records[name]
        assert record["RealName"] == [f"Nix build user {name}"]
        assert record["NFSHomeDirectory"] == ["/var/empty"]
        assert record["UserShell"] == ["/sbin/nologin"]
        assert record[f"{NATIVE}IsHidden"] == ["1"]
        assert accounts.checkmember(root, name, "nixbld") == 0


def assert_kept(root: DarwinRoot, before: dict[str, Record], names: list[str]) -> None:
    """Users that were moved are still the same records, but for the number."""
    records = accounts.records(root, "Users")
    for name in names:
        old, new = before[name], records[name]
        assert {**old, "UniqueID": []} == {**new, "UniqueID": []}


def test_sequoia_steps_over_a_taken_number(
    darwin_root: DarwinRoot, migration_scripts: dict[str, bytes]
) -> None:
    """A uid in the destination range that somebody else holds is left to its holder."""
    old_installation(darwin_root, 3)
    taken = [["dscl", ".", "-create", "/Users/other", key, "352"] for key in ("UniqueID", "gid")]
    accounts.run_steps(darwin_root, taken)
    result = run_script(darwin_root, migration_scripts, SEQUOIA)
    assert result.returncode == 0
    placed = {"_nixbld1": 351, "_nixbld2": 353, "_nixbld3": 354}
    accounts.assert_placed(darwin_root, placed, OLD_GID)
    accounts.assert_placed(darwin_root, {"other": 352}, 352)


def test_sequoia_without_build_users(
    darwin_root: DarwinRoot, migration_scripts: dict[str, bytes]
) -> None:
    result = run_script(darwin_root, migration_scripts, SEQUOIA)
    assert "Didn't find any _nixbld users." in result.stdout
    assert result.returncode == 1


@pytest.fixture
def big_sur(darwin_root: DarwinRoot) -> tuple[DarwinRoot, dict[str, Record]]:
    """A root with build users as Nix before 2.4 made them, upgraded to macOS 11, and them.

    That macOS had appended to the home of some users and made password writers of others.
    """
    users = build_users(COUNT, OLD_GID + 1, "nixbld")
    accounts.make_build_accounts(darwin_root, users, OLD_GID)
    accounts.run_steps(darwin_root, traces_of_the_upgrade(users))
    accounts.assert_placed(darwin_root, users, OLD_GID)
    return darwin_root, accounts.records(darwin_root, "Users")


def traces_of_the_upgrade(users: dict[str, int]) -> list[list[str]]:
    """The commands that leave the attributes which the script cleans up."""
    steps = []
    for name, uid in users.items():
        if uid % 2:
            home = ["NFSHomeDirectory", "/private/var/empty 1"]
            steps.append(["dscl", ".", "-create", f"/Users/{name}", *home])
        else:
            writer = [f"{NATIVE}_writers_passwd", name]
            steps.append(["dscl", ".", "-create", f"/Users/{name}", *writer])
    return steps


def test_big_sur(
    big_sur: tuple[DarwinRoot, dict[str, Record]], migration_scripts: dict[str, bytes]
) -> None:
    root, before = big_sur
    result = run_script(root, migration_scripts, BIG_SUR)
    assert result.returncode == 0
    users = build_users(COUNT, FIRST_UID)
    for name, uid in users.items():
        assert f"{name[1:]} migrated to {name} (uid: {uid})" in result.stdout
    assert list(accounts.numbers(root, "nixbld")) == sorted(users)
    accounts.assert_placed(root, users, OLD_GID)
    accounts.assert_members(root, "nixbld", OLD_GID, list(users))
    assert_renamed(root, before, list(users))
    again = run_unchanging(root, migration_scripts, BIG_SUR)
    assert again.stdout.count("has already been renamed--skipping.") == COUNT


def assert_renamed(root: DarwinRoot, before: dict[str, Record], names: list[str]) -> None:
    """Each record goes on under its new name, cleaned; the old name is gone everywhere."""
    records = accounts.records(root, "Users")
    old_names = [name.removeprefix("_") for name in names]
    for old_name, name in zip(old_names, names, strict=True):
        record = records[name]
        assert record["GeneratedUID"] == before[old_name]["GeneratedUID"]
        assert record["RecordName"] == [name]
        assert record["NFSHomeDirectory"] == ["/var/empty"]
        assert f"{NATIVE}_writers_passwd" not in record
    assert not set(old_names) & (set(records) | set(accounts.flat_file(root, "passwd")))
    assert root.run(["getent", "passwd", *old_names]).stdout == ""
    assert accounts.checkmember(root, old_names[0], "nixbld") == 64
    assert accounts.checkmember(root, names[0], "nixbld") == 0
