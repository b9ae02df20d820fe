"""Ansible's community.general.launchd, unmodified, on jobs under our launchd."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients import ansible
from tests.clients.conftest import fetched
from tests.darwin import tree
from tests.darwin.fixture import counted_root
from tests.darwin.root import DarwinRoot

pytestmark = pytest.mark.root

MODULE = "community.general.launchd"
DAEMONS = "/Library/LaunchDaemons"
SLEEP = ["/bin/sh", "-c", "exec sleep 1000"]


@pytest.fixture(scope="module")
def ansible_root(root_possible: None, request: pytest.FixtureRequest) -> Iterator[DarwinRoot]:
    """A root with ansible and the module in it."""
    library, collection = fetched(ansible.library), fetched(ansible.collection)
    with counted_root(request.node.nodeid) as root:
        if not root.add_uname_library():
            pytest.skip("needs a C compiler (gcc) for the uname library")
        ansible.prepare(root, library)
        root.install(tree.copy_of(collection, ansible.LIBRARY))
        yield root


def job(root: DarwinRoot, label: str, program: list[str] = SLEEP, **keys: object) -> None:
    """Put a daemon's property list where the module looks for it."""
    content = plistlib.dumps({"Label": label, "ProgramArguments": program, **keys})
    root.install([tree.text(f"{DAEMONS}/{label}.plist", content.decode())])


def launchd(root: DarwinRoot, label: str, changed: bool, **arguments: object) -> dict[str, Any]:
    """Run the module and return its `status`; whether it reports a change is checked."""
    report = ansible.module(root, MODULE, name=label, **arguments)
    assert "status" in report, report
    assert report["changed"] is changed, report
    return report["status"]


def test_loaded_found_running_and_unloaded(ansible_root: DarwinRoot) -> None:
    """What the module does without its pauses; every second run finds nothing to do."""
    label = "org.example.quick"
    job(ansible_root, label)
    # The module's first `launchctl list` boots our launchd, which loads the job.
    status = launchd(ansible_root, label, True, state="reloaded", enabled=True)
    assert (status["previous_state"], status["current_state"]) == ("stopped", "started")
    assert ansible_root.exists(f"/proc/{status['current_pid']}")
    stored = plistlib.loads(ansible_root.read(f"{DAEMONS}/{label}.plist").encode())
    assert stored["RunAtLoad"] is True
    again = launchd(ansible_root, label, False, state="started", enabled=True)
    assert again["current_pid"] == status["current_pid"]
    status = launchd(ansible_root, label, True, state="unloaded")
    assert (status["current_state"], status["current_pid"]) == ("unloaded", "-")
    assert not ansible_root.exists(f"/proc/{again['current_pid']}")
    launchd(ansible_root, label, False, state="unloaded")


def test_an_unknown_service_is_the_modules_own_error(ansible_root: DarwinRoot) -> None:
    report = ansible.module(ansible_root, MODULE, name="org.example.none", state="reloaded")
    assert report["msg"].startswith("Unable to find the plist file org.example.none.plist")


@pytest.mark.slow
def test_started_stopped_restarted(ansible_root: DarwinRoot) -> None:
    label = "org.example.full"
    job(ansible_root, label)
    started = launchd(ansible_root, label, True, state="started")
    assert (started["previous_state"], started["current_state"]) == ("unloaded", "started")
    launchd(ansible_root, label, False, state="started")
    restarted = launchd(ansible_root, label, True, state="restarted")
    assert restarted["current_state"] == "started"
    assert restarted["current_pid"] not in ("-", started["current_pid"])
    stopped = launchd(ansible_root, label, True, state="stopped")
    assert (stopped["current_state"], stopped["status_code"]) == ("stopped", "-15")
    launchd(ansible_root, label, False, state="stopped")
    launchd(ansible_root, label, True, state="started")


@pytest.mark.slow
def test_a_kept_alive_job_stays_stopped_only_by_force(ansible_root: DarwinRoot) -> None:
    label = "org.example.kept"
    job(ansible_root, label, KeepAlive=True, ThrottleInterval=1)
    before = launchd(ansible_root, label, True, state="reloaded")
    assert before["current_state"] == "started"
    status = launchd(ansible_root, label, True, state="stopped")
    assert status["current_state"] == "started", "launchd has started it again"
    assert status["current_pid"] != before["current_pid"]
    status = launchd(ansible_root, label, True, state="stopped", force_stop=True)
    assert status["current_state"] == "stopped"


@pytest.mark.slow
def test_a_failing_job_is_unknown_to_it(ansible_root: DarwinRoot) -> None:
    label = "org.example.failing"
    job(ansible_root, label, ["/bin/sh", "-c", "exit 3"])
    status = launchd(ansible_root, label, True, state="started")
    assert (status["current_state"], status["status_code"]) == ("unknown", "3")
