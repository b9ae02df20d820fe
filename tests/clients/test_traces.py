"""Every call that Nix's installer and its Sequoia migration make, one after the other.

After each call its exit status and every value that the script would parse from it are compared
with what a Mac answers.  This needs no root and no network: it is part of the fast tests.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import trace
from tests.clients.mac import Mac
from tests.clients.trace import Seen

GROUP_LINE = "nixbld:*:350:" + ",".join(f"_nixbld{n}" for n in range(1, 33))
OLD_NUMBERS = range(305, 333)  # of _nixbld5 to _nixbld32 before the migration


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    """A directory in memory where there is one: the calls are many and each one fsyncs."""
    memory = "/dev/shm"
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="dirserv-traces-", dir=place) as directory:
        yield Path(directory)


def replay(root: Path, mac: Mac, name: str) -> list[str]:
    """Run a whole trace; returns a sentence for each call that was not as on a Mac."""
    differences = []
    for call in trace.calls(name):
        result = trace.run(root, call.argv)
        seen = Seen(result.returncode, trace.read_back(call, result.stdout))
        expected = mac.answer(call)
        if seen != expected:
            differences.append(f"{call}: {seen}, not {expected}; stderr: {result.stderr!r}")
        elif result.returncode == 0 and result.stderr:
            differences.append(f"{call}: succeeds but complains: {result.stderr!r}")
    return differences


def existing_users(root: Path) -> dict[str, dict[str, str]]:
    """The users that our commands find in a new prefix, with their numbers."""
    lines = trace.run(root, ["dscl", ".", "-list", "/Users", "UniqueID"]).stdout.splitlines()
    return {name: {"UniqueID": uid} for name, uid in map(str.split, lines)}


@pytest.fixture(scope="module")
def installed(scratch: Path) -> tuple[Path, Mac, list[str]]:
    """A prefix in which the installer has run, the model of it, and the differences on the way."""
    root = trace.new_prefix(scratch / "installed")
    mac = Mac(existing_users(root))
    return root, mac, replay(root, mac, "fresh")


def passwd_line(name: str) -> str:
    """The line of a build user; the name ends in its number."""
    number = int(name.removeprefix("_nixbld"))
    return f"{name}:*:{350 + number}:350:Nix build user {number}:/var/empty:/sbin/nologin"


def test_fresh_installation(installed: tuple[Path, Mac, list[str]]) -> None:
    root, _, differences = installed
    assert differences == []
    passwd = (root / "private/etc/passwd").read_text().splitlines()
    group = (root / "private/etc/group").read_text().splitlines()
    wanted = [passwd_line(f"_nixbld{n}") for n in range(1, 33)]
    assert [line for line in passwd if line.startswith("_nixbld")] == wanted
    assert GROUP_LINE in group


def test_installation_over_an_existing_one(
    installed: tuple[Path, Mac, list[str]], scratch: Path
) -> None:
    """The second run finds all that it looks for and leaves the flat files as they were."""
    first_root, mac, _ = installed
    root = scratch / "again"
    shutil.copytree(first_root, root)
    assert replay(root, mac, "rerun") == []
    for name in ("passwd", "group"):
        again, first = (r / "private/etc" / name for r in (root, first_root))
        assert again.read_bytes() == first.read_bytes()


def sequoia_commands(holders: list[str]) -> str:
    """Commands for dscl's standard input that make the accounts the migration starts from.

    Users 5 to 32 of an installation from uid 301 on; the first four are gone but still members.
    holders: the users that have the numbers of those 28 in a new prefix; they have to go.
    """
    names = [f"_nixbld{n}" for n in range(1, 33)]
    lines = ["create /Groups/nixbld PrimaryGroupID 30000"]
    lines += [f"delete /Users/{name}" for name in holders]
    for name, number in zip(names[4:], OLD_NUMBERS, strict=True):
        lines.append(f"create /Users/{name} UniqueID {number}")
        lines.append(f"create /Users/{name} PrimaryGroupID 30000")
    lines.append(f"create /Groups/nixbld GroupMembership {' '.join(names)}")
    return "\n".join(lines) + "\n"


def test_sequoia_migration(scratch: Path) -> None:
    root = trace.new_prefix(scratch / "sequoia")
    present = existing_users(root).items()
    holders = [name for name, user in present if int(user["UniqueID"]) in OLD_NUMBERS]
    made = trace.run(root, ["dscl", "-q", "."], stdin=sequoia_commands(holders))
    assert (made.stdout, made.stderr, made.returncode) == ("", "", 0)
    mac = Mac(existing_users(root))
    mac.groups["nixbld"] = {"PrimaryGroupID": "30000"}
    assert replay(root, mac, "sequoia") == []
    numbers = {name: user["UniqueID"] for name, user in existing_users(root).items()}
    assert {name: numbers[name] for name in numbers if name.startswith("_nixbld")} == {
        f"_nixbld{n}": str(350 + n) for n in range(1, 33)
    }


@pytest.mark.parametrize(
    ("line", "stdout", "value"),
    [
        ("dscl . -read /Users/x | awk IsHidden", "dsAttrTypeNative:IsHidden: 1\nUID: 2\n", "1"),
        ("dscl . -read /Users/x | awk RealName", "RealName:\n Nix build user 1\n", ""),
        ("dscl . -read /Users/x | awk ID", "UniqueID: 1\nPrimaryGroupID: 2\n", "1\n2"),
        ("dscl . list /Users UniqueID | grep '\\b35\\b'", "a    35\nb    351\n", "a 35"),
    ],
)
def test_values_are_read_as_the_scripts_read_them(line: str, stdout: str, value: str) -> None:
    assert trace.read_back(trace.parse(1, line), stdout) == value


def test_traces_are_complete() -> None:
    """As many calls of each command as the recorded runs made."""
    counts = {
        name: [call.argv[0] for call in trace.calls(name)] for name in ("fresh", "rerun", "sequoia")
    }
    assert [(c.count("dscl"), c.count("dseditgroup")) for c in counts.values()] == [
        (385, 65),
        (258, 32),
        (236, 0),
    ]
