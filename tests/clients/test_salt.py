"""Salt's service module for macOS, unmodified and through Salt's own loader, on our launchd."""

from __future__ import annotations

import json
import plistlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients import registry
from tests.clients.conftest import fetched
from tests.darwin import tree
from tests.darwin.layout import USER, USER_ID
from tests.darwin.requirements import PYTHON
from tests.darwin.root import DarwinRoot

pytestmark = pytest.mark.root

SALT = "salt==3008.3"
NEEDED = ("distro", "jinja2", "looseversion", "msgpack", "packaging", "psutil", "pyyaml",
          "tornado")
DRIVER = Path(__file__).with_name("salt_driver.py")
PLACE, HOME = "/opt/salt", "/var/root/salt"
DAEMON, IDLE, AGENT = "org.example.kept", "org.example.idle", "org.example.agent"
# Salt takes the owner of the console for the user who is logged in.
CONSOLE = f"install -o {USER_ID} -m 0600 /dev/null /dev/console"
# Its module only asks whether this program of macOS is there.
PLUTIL = "#!/bin/sh\nexit 1\n"


def salt_source() -> Path:
    """A directory with Salt as its source has it; fetched once.  Raises RegistryUnreachable."""
    def fill(directory: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="salt-") as scratch:
            registry.download_source(SALT, Path(scratch))
            (package,) = Path(scratch).iterdir()
            registry.unpack(package, directory, "salt")

    return registry.kept(SALT, (), fill)


@pytest.fixture(scope="module")
def salt_root(root_possible: None) -> Iterator[DarwinRoot]:
    """A root with Salt, two daemons and an agent; launchd does not run yet."""
    source = fetched(salt_source)
    needed = fetched(lambda: registry.python_packages("salt-needs", *NEEDED))
    with DarwinRoot() as root:
        root.install([*tree.copy_of(source, PLACE), *tree.copy_of(needed, PLACE)])
        root.install([tree.program("/usr/bin/plutil", PLUTIL),
                      tree.text(f"{PLACE}/driver.py", DRIVER.read_text()),
                      tree.directory(HOME)])
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


def salt(root: DarwinRoot, *calls: list[Any]) -> list[Any]:
    """What these calls of Salt's functions give, one after the other in one process."""
    command = [PYTHON, "-W", "ignore", f"{PLACE}/driver.py", HOME, json.dumps(calls)]
    result = root.run(command, env={"PYTHONPATH": PLACE})
    assert result.returncode == 0, result
    return json.loads(result.stdout.splitlines()[-1])


def table(root: DarwinRoot, *rows: tuple[list[Any], Any]) -> None:
    """Make the calls of the rows and compare with their answers; a callable answer is asked."""
    answers = salt(root, *(call for call, _ in rows))
    for (call, expected), answer in zip(rows, answers, strict=True):
        right = expected(answer) if callable(expected) else answer == expected
        assert right, (call, answer)


def says(*parts: str) -> Any:
    """An error of Salt that holds these parts."""
    return lambda answer: "error" in answer and all(part in answer["error"] for part in parts)


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
