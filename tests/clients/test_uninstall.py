"""Taking a multi-user Nix away again, as its manual tells the owner of a Mac to."""

from __future__ import annotations

import pytest

from tests.clients import accounts
from tests.darwin.root import DarwinRoot

pytestmark = pytest.mark.root

USERS = {f"_nixbld{n}": 350 + n for n in range(1, 9)}
# The manual's steps about accounts: the group first, then whoever the list still names.
STEPS = """
sudo dscl . -delete /Groups/nixbld
for user in $(sudo dscl . -list /Users | grep _nixbld); do sudo dscl . -delete /Users/$user; done
"""


def flat_files(root: DarwinRoot) -> list[str]:
    """The texts of the three flat files."""
    return [root.read(f"/etc/{name}") for name in ("passwd", "master.passwd", "group")]


@pytest.fixture
def installed(darwin_root: DarwinRoot) -> tuple[DarwinRoot, list[str]]:
    """A root with build accounts, and the flat files as they were without them."""
    darwin_root.must("dscl", ".", "-list", "/Users")  # seeds what macOS always has
    before = flat_files(darwin_root)
    accounts.make_build_accounts(darwin_root, USERS, 350)
    assert flat_files(darwin_root) != before
    return darwin_root, before


def test_nothing_is_left(installed: tuple[DarwinRoot, list[str]]) -> None:
    root, before = installed
    result = root.run(["/bin/bash", "-e"], input=STEPS)
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)
    assert flat_files(root) == before
    assert accounts.numbers(root, "nixbld") == {}
    assert root.run(["id", "_nixbld1"]).returncode == 1
    assert "nixbld" not in root.must("find", "/private/var/db/dslocal/nodes/Default/")


def test_a_second_time_says_that_they_are_gone(
    installed: tuple[DarwinRoot, list[str]],
) -> None:
    """The texts and the status that uninstallers recognise as `already done`."""
    root, _ = installed
    root.must("/bin/bash", "-e", input=STEPS)
    result = root.run(["dscl", ".", "-delete", "/Groups/nixbld"])
    assert result.stdout == "delete: Invalid Path\n"
    assert result.stderr == "<dscl_cmd> DS Error: -14009 (eDSUnknownNodeName)\n"
    assert result.returncode == 185


def test_reinstalled(installed: tuple[DarwinRoot, list[str]]) -> None:
    root, _ = installed
    root.must("/bin/bash", "-e", input=STEPS)
    accounts.make_build_accounts(root, USERS, 350)
    accounts.assert_placed(root, USERS, 350)
    accounts.assert_members(root, "nixbld", 350, list(USERS))
