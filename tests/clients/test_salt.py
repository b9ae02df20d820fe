"""Salt's service module for macOS, unmodified and through Salt's own loader, on our launchd."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator

import pytest

from tests.clients import salt
from tests.clients.conftest import fetched
from tests.clients.salt import says, table
from tests.darwin import tree
from tests.darwin.fixture import counted_root
from tests.darwin.layout import USER, USER_ID
from tests.darwin.root import DarwinRoot

pytestmark = pytest.mark.root

DAEMON, IDLE, AGENT = "org.example.kept", "org.example.idle", "org.example.agent"
# Salt takes the owner of the console for the user who is logged in.
CONSOLE = f"install -o {USER_ID} -m 0600 /dev/null /dev/console"
# Its module only asks whether this program of macOS is there.
PLUTIL = "#!/bin/sh\nexit 1\n"


@pytest.fixture(scope="module")
def salt_root(root_possible: None, request: pytest.FixtureRequest) -> Iterator[DarwinRoot]:
    """A root with Salt, two daemons and an agent; launchd does not run yet."""
    packages = fetched(salt.source), fetched(salt.needed)
    with counted_root(request.node.nodeid) as root:
        salt.prepare(root, *packages)
        root.install([tree.program("/usr/bin/plutil", PLUTIL)])
        root.must("sh", "-c", CONSOLE)
        plist(root, "LaunchDaemons", DAEMON, KeepAlive=True)
        plist(root, "LaunchDaemons", IDLE)
        plist(root, "LaunchAgents", AGENT, RunAtLoad=True)
        yield root


def plist(root: DarwinRoot, kind: str, label: str, **keys: object) -> None:
    """Put a property list into the root; its file is called by the last word of the label."""
    content = plistlib.dumps({"Label": label, "ProgramArguments": ["/bin/sleep", "1000"], **keys})
    root.install([tree.text(path_of(kind, label), content.decode())])


def path_of(kind: str, label: str) -> str:
    """Where that property list lies."""
    return f"/Library/{kind}/{label.rpartition('.')[2]}.plist"


def test_daemons(salt_root: DarwinRoot) -> None:
    """The first call boots our launchd, which loads the daemons."""
    kept = ["service.status", DAEMON]
    table(
        salt_root,
        (["service.list"], lambda text: text.splitlines()[0] == "PID\tStatus\tLabel"
         and {row.split("\t")[2] for row in text.splitlines()[1:]} == {DAEMON, IDLE}),
        (["service.list", DAEMON], lambda text: f'"Label" = "{DAEMON}";' in text
         and '"PID" = ' in text),
        (["service.available", DAEMON], True), (["service.available", "kept"], True),
        (["service.available", path_of("LaunchDaemons", DAEMON).lower()], True),
        (["service.missing", DAEMON], False), (["service.missing", "org.example.no"], True),
        (["service.loaded", IDLE], True), (kept, True), (["service.status", IDLE], True),
        (["service.status", "org.example.no"], False),
        (["service.get_enabled"], [IDLE, DAEMON]),
        (["service.get_all"], sorted([AGENT, DAEMON, IDLE])),
        # stop is bootout by path, start is bootstrap.
        (["service.stop", DAEMON], True), (["service.loaded", DAEMON], False), (kept, False),
        (["service.stop", DAEMON], says("Boot-out failed: 5: Input/output error", "retcode: 5")),
        (["service.start", DAEMON], True), (["service.loaded", DAEMON], True), (kept, True),
        (["service.start", DAEMON], says("Bootstrap failed: 5: Input/output error")),
        (["service.restart", DAEMON], True), (["service.restart", "kept"], True), (kept, True),
    )


def test_disabled_daemons(salt_root: DarwinRoot) -> None:
    """Salt asks for `print-disabled system/LABEL`, reads its rows, and may not start it."""
    table(
        salt_root,
        (["service.enabled", IDLE], True), (["service.disabled", IDLE], False),
        (["service.disable", IDLE], True), (["service.disabled", IDLE], True),
        (["service.enabled", IDLE], False), (["service.loaded", IDLE], True),
        (["service.stop", IDLE], True), (["service.start", IDLE], says("retcode: 5")),
        (["service.enable", IDLE], True), (["service.enabled", IDLE], True),
        (["service.start", IDLE], True),
        (["service.launchctl", "kickstart", f"system/{IDLE}"], True),
        (["service.launchctl", "kickstart", "system/org.example.no"],
         says("Could not find service", "retcode: 113")),
    )


def test_agents_of_the_console_user(salt_root: DarwinRoot) -> None:
    """Their domain is gui/UID; root bootstraps into it, the user lists."""
    table(
        salt_root,
        (["service.start", AGENT], True), (["service.list", AGENT, USER], lambda text:
                                           '"PID" = ' in text),
        (["service.disabled", AGENT], False), (["service.disable", AGENT], True),
        (["service.disabled", AGENT], True), (["service.enable", AGENT], True),
        (["service.stop", AGENT], True), (["service.loaded", AGENT, USER], False),
    )
