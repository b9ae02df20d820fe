"""Ansible's own user and group modules for macOS work through our commands, and only once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients import accounts, ansible
from tests.clients.conftest import fetched
from tests.darwin.fixture import counted_root
from tests.darwin.root import DarwinRoot

pytestmark = [pytest.mark.root, pytest.mark.slow]

GROUP = {"name": "builders", "gid": 720}
USER = {
    "name": "worker",
    "uid": 721,
    "group": "builders",
    "comment": "A worker",
    "shell": "/bin/zsh",
    "home": "/Users/worker",
    "create_home": False,
    "groups": ["staff"],
    "append": True,
}


@pytest.fixture(scope="module")
def ansible_root(root_possible: None, request: pytest.FixtureRequest) -> Iterator[DarwinRoot]:
    """A root with ansible in it."""
    library = fetched(ansible.library)
    with counted_root(request.node.nodeid) as root:
        if not root.add_uname_library():
            pytest.skip("needs a C compiler (gcc) for the uname library")
        ansible.prepare(root, library)
        yield root


def twice(root: DarwinRoot, module: str, /, **arguments: object) -> None:
    """The first run changes something, the second finds nothing to change."""
    first = ansible.module(root, module, **arguments)
    assert first["changed"], first
    second = ansible.module(root, module, **arguments)
    assert not second["changed"], second


@pytest.fixture(scope="module")
def worker(ansible_root: DarwinRoot) -> DarwinRoot:
    """The root after ansible made the group and the user."""
    twice(ansible_root, "group", **GROUP)
    twice(ansible_root, "user", **USER)
    return ansible_root


def test_user_and_group_are_there(worker: DarwinRoot) -> None:
    accounts.assert_placed(worker, {"worker": 721}, 720)
    record = accounts.records(worker, "Users")["worker"]
    assert record["RealName"] == ["A worker"]
    assert record["UserShell"] == ["/bin/zsh"]
    assert record["NFSHomeDirectory"] == ["/Users/worker"]
    assert accounts.checkmember(worker, "worker", "staff") == 0
    assert "staff" in worker.must("id", "-Gn", "worker").split()


def test_user_is_changed(worker: DarwinRoot) -> None:
    twice(worker, "user", name="worker", shell="/bin/bash", hidden=True)
    assert accounts.flat_file(worker, "passwd")["worker"][-1] == "/bin/bash"
    assert accounts.records(worker, "Users")["worker"][f"{accounts.NATIVE}IsHidden"] == ["1"]


def test_password_is_set(worker: DarwinRoot) -> None:
    report = ansible.module(worker, "user", name="worker", password="correct horse")
    assert report["changed"], report
    authentication = ["dscl", ".", "-authonly", "worker"]
    assert worker.run([*authentication, "correct horse"]).returncode == 0
    assert worker.run([*authentication, "wrong"]).returncode == 10


def test_next_free_uid(worker: DarwinRoot) -> None:
    """Without a uid the module takes the first one that no line of the list has."""
    taken = set(accounts.numbers(worker, "").values())
    report = ansible.module(worker, "user", name="second", create_home=False)
    assert report["uid"] not in taken
    assert accounts.numbers(worker, "second") == {"second": report["uid"]}


def test_user_and_group_are_removed(worker: DarwinRoot) -> None:
    worker.must("dseditgroup", "-o", "create", "-i", "730", "leavers")
    worker.must("dscl", ".", "-create", "/Users/leaver", "UniqueID", "731")
    worker.must("dscl", ".", "-create", "/Users/leaver", "PrimaryGroupID", "730")
    worker.must("id", "leaver")
    twice(worker, "user", name="leaver", state="absent")
    twice(worker, "group", name="leavers", state="absent")
    assert "leavers" not in accounts.records(worker, "Groups")
    assert worker.run(["id", "leaver"]).returncode == 1
