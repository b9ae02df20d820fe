"""Puppet's own providers for users, groups and services on macOS work here, and only once."""

from __future__ import annotations

import hashlib
import plistlib
from collections.abc import Iterator

import pytest

from tests.clients import accounts, puppet
from tests.clients.accounts import content
from tests.clients.conftest import fetched
from tests.clients.puppet import CHANGED, NO_CHANGE, apply, resource
from tests.darwin import tree
from tests.darwin.fixture import counted_root
from tests.darwin.root import DarwinRoot

pytestmark = [pytest.mark.root, pytest.mark.slow]

KEPT, IDLE = "org.example.kept", "org.example.idle"
ITERATIONS = 45000
SALTS = {"correct horse": bytes(range(32)), "battery staple": bytes(range(32, 64))}


def entropy(password: str) -> str:
    """What macOS keeps of a password, as Puppet has it: hexadecimal."""
    salt = SALTS[password]
    return hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS, 128).hex()


def accounts_wanted(members: str, password: str, **user: str) -> str:
    """A manifest with a group and a user; the values are as Puppet writes them."""
    user |= {"password": f"'{entropy(password)}'", "salt": f"'{SALTS[password].hex()}'",
             "iterations": str(ITERATIONS)}
    attributes = "".join(f", {key} => {value}" for key, value in user.items())
    return f"""
group {{ 'builders': ensure => present, gid => 720, members => {members},
         auth_membership => true }}
-> user {{ 'worker': ensure => present{attributes} }}
"""


def services_wanted(**services: tuple[str, str]) -> str:
    """A manifest with what each job is to be: ensure and enable."""
    return "".join(
        f"service {{ 'org.example.{name}': ensure => {ensure}, enable => {enable} }}\n"
        for name, (ensure, enable) in services.items())


CREATED = accounts_wanted(
    "['me']", "correct horse", uid="721", gid="720", comment="'A worker'", shell="'/bin/zsh'",
    home="'/Users/worker'", groups="['admin', 'staff']")
ALTERED = accounts_wanted(
    "['root', 'daemon']", "battery staple", gid="20", comment="'Ä <b>'", shell="'/bin/bash'",
    groups="['admin', 'wheel', 'staff']")
GONE = "user { 'worker': ensure => absent } -> group { 'builders': ensure => absent }"


@pytest.fixture(scope="module")
def puppet_root(root_possible: None, request: pytest.FixtureRequest) -> Iterator[DarwinRoot]:
    """A root with Puppet and two jobs; the boot loads both."""
    debs = fetched(puppet.packages)
    with counted_root(request.node.nodeid) as root:
        puppet.prepare(root, debs)
        for label in (KEPT, IDLE):
            keys = {"Label": label, "ProgramArguments": ["/bin/sleep", "1000"],
                    "KeepAlive": label == KEPT}
            root.install([tree.text(f"/Library/LaunchDaemons/{label}.plist",
                                    plistlib.dumps(keys).decode())])
        yield root


def once(root: DarwinRoot, manifest: str) -> str:
    """The first run changes something, the second finds nothing to change; what was changed."""
    first = apply(root, manifest)
    assert first.returncode == CHANGED, first
    second = apply(root, manifest)
    assert second.returncode == NO_CHANGE, second
    return first.stdout


def authenticates(root: DarwinRoot, password: str) -> bool:
    """Whether this is the user's password."""
    return root.run(["dscl", ".", "-authonly", "worker", password]).returncode == 0


@pytest.fixture(scope="module")
def worker(puppet_root: DarwinRoot) -> DarwinRoot:
    """The root after Puppet made the group and the user, and saw to the jobs."""
    said = once(puppet_root, CREATED + services_wanted(kept=("running", "true"),
                                                       idle=("stopped", "false")))
    for change in ("Group[builders]/ensure: created", "User[worker]/ensure: created",
                   f"Service[{IDLE}]/ensure: ensure changed 'running' to 'stopped'"):
        assert change in said, said
    return puppet_root


def test_accounts_are_there(worker: DarwinRoot) -> None:
    found = accounts.directory(worker)
    user = content(found, "Users/worker")
    assert user.pop("AuthenticationAuthority").startswith(";ShadowHash;HASHLIST:")
    assert user == {
        "RecordName": "worker", "UniqueID": "721", "PrimaryGroupID": "720",
        "RealName": "A worker", "NFSHomeDirectory": "/Users/worker", "UserShell": "/bin/zsh",
        "Password": "********"}
    assert content(found, "Groups/builders") == {
        "RecordName": "builders", "PrimaryGroupID": "720", "GroupMembership": "me",
        "GroupMembers": found["Users/me"]["GeneratedUID"][0]}
    accounts.assert_placed(worker, {"worker": 721}, 720)
    for group in ("admin", "staff"):
        assert found[f"Groups/{group}"]["GroupMembership"][-1] == "worker"
        assert found[f"Groups/{group}"]["GroupMembers"][-1] in found["Users/worker"][
            "GeneratedUID"]


def test_password_is_the_hash(worker: DarwinRoot) -> None:
    assert [authenticates(worker, word) for word in SALTS] == [True, False]


def test_puppet_reads_what_there_is(worker: DarwinRoot) -> None:
    """It takes the hash from `dscl -plist . readall /Users`, where ShadowHashData is hexadecimal.
    """
    read = resource(worker, "user", "worker")
    assert read == {
        "ensure": "'present'", "comment": "'A worker'", "gid": "720", "uid": "721",
        "groups": "['admin', 'staff']", "home": "'/Users/worker'", "shell": "'/bin/zsh'",
        "iterations": str(ITERATIONS), "password": f"'{entropy('correct horse')}'",
        "salt": f"'{SALTS['correct horse'].hex()}'", "provider": "'directoryservice'"}
    assert resource(worker, "group", "builders") == {
        "ensure": "'present'", "gid": "720", "members": "['me']",
        "provider": "'directoryservice'"}


def test_services_are_as_wanted(worker: DarwinRoot) -> None:
    assert '"PID" = ' in worker.must("launchctl", "list", KEPT)
    assert worker.run(["launchctl", "list", IDLE]).returncode == 113
    assert f'"{IDLE}" => disabled' in worker.must("launchctl", "print-disabled", "system")
    assert resource(worker, "service", KEPT) == {
        "ensure": "'running'", "enable": "'true'", "provider": "'launchd'"}


def test_all_is_changed(worker: DarwinRoot) -> None:
    said = once(worker, ALTERED + services_wanted(kept=("stopped", "false"),
                                                  idle=("running", "true")))
    assert "User[worker]/shell: shell changed '/bin/zsh' to '/bin/bash'" in said
    found = accounts.directory(worker)
    user = content(found, "Users/worker")
    assert [user[key] for key in ("UniqueID", "PrimaryGroupID", "RealName", "UserShell")] == [
        "721", "20", "Ä <b>", "/bin/bash"]
    assert content(found, "Groups/builders")["GroupMembership"] == ["root", "daemon"]
    assert found["Groups/wheel"]["GroupMembership"][-1] == "worker"
    assert [authenticates(worker, word) for word in SALTS] == [False, True]
    assert worker.run(["launchctl", "list", KEPT]).returncode == 113
    assert '"Label" = ' in worker.must("launchctl", "list", IDLE)
    disabled = worker.must("launchctl", "print-disabled", "system")
    assert f'"{KEPT}" => disabled' in disabled and f'"{IDLE}" => disabled' not in disabled


def test_accounts_are_removed(worker: DarwinRoot) -> None:
    once(worker, GONE)
    found = accounts.directory(worker)
    assert not {"Users/worker", "Groups/builders"} & set(found)
    assert worker.run(["id", "worker"]).returncode == 1
