"""Accounts in a Darwin-like root: made with our commands, read back by every way there is."""

from __future__ import annotations

import multiprocessing
import os
import plistlib
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.darwin.root import DarwinRoot
from tests.faults import whole

STANDARD = "dsAttrTypeStandard:"
NATIVE = "dsAttrTypeNative:"
# What every new account has of its own.
VARYING = ("GeneratedUID", f"{NATIVE}accountPolicyData", f"{NATIVE}record_daemon_version")

Record = dict[str, list[str]]


def installer_steps(name: str, uid: int, gid: int, group: str) -> list[list[str]]:
    """The writes of Nix's installer for one build user, in its order (spec/installers.md 1.2)."""
    path = f"/Users/{name}"
    number = "".join(filter(str.isdigit, name))
    return [
        ["dscl", ".", "create", path, "UniqueID", str(uid)],
        ["dscl", ".", "-create", path, "IsHidden", "1"],
        ["dscl", ".", "-create", path, "NFSHomeDirectory", "/var/empty"],
        ["dscl", ".", "-create", path, "RealName", f"Nix build user {number}"],
        ["dscl", ".", "-create", path, "UserShell", "/sbin/nologin"],
        ["dseditgroup", "-o", "edit", "-t", "user", "-a", name, group],
        ["dscl", ".", "-create", path, "PrimaryGroupID", str(gid)],
    ]


def group_step(name: str, gid: int) -> list[str]:
    """The installer's one call that makes the build group."""
    comment = "Nix build group for nix-daemon"
    return ["dseditgroup", "-o", "create", "-r", comment, "-i", str(gid), name]


def run_steps(root: DarwinRoot, steps: Iterable[Sequence[str]]) -> None:
    """Run these commands one after the other, each as its own process; all have to succeed."""
    root.must("/bin/sh", "-e", input="".join(shlex.join(step) + "\n" for step in steps))


def make_build_accounts(root: DarwinRoot, users: dict[str, int], gid: int) -> None:
    """The group nixbld and these users (name to uid) in it, as the installer makes them."""
    run_steps(root, [group_step("nixbld", gid)])
    for name, uid in users.items():
        run_steps(root, installer_steps(name, uid, gid, "nixbld"))


def records(root: DarwinRoot, kind: str) -> dict[str, Record]:
    """All records of a kind (`Users`, `Groups`) by name, with the standard prefix left out."""
    text = root.must("dscl", "-plist", ".", "-readall", f"/{kind}")
    listed: list[dict[str, Any]] = plistlib.loads(text.encode())
    plain = [{key.removeprefix(STANDARD): record[key] for key in record} for record in listed]
    return {record["RecordName"][0]: record for record in plain}


def numbers(root: DarwinRoot, name_part: str) -> dict[str, int]:
    """Names and uids of the users whose name contains `name_part`, as a script reads them."""
    lines = root.must("dscl", ".", "list", "/Users", "UniqueID").splitlines()
    pairs = (line.split() for line in lines)
    return {name: int(uid) for name, uid in pairs if name_part in name}


def flat_file(root: DarwinRoot, name: str) -> dict[str, list[str]]:
    """The fields of /etc/passwd or /etc/group by first field; a repeated name is an error."""
    lines = [line for line in root.read(f"/etc/{name}").splitlines() if line[:1] not in ("", "#")]
    fields = [line.split(":") for line in lines]
    by_name = {field[0]: field[1:] for field in fields}
    assert len(by_name) == len(fields), f"/etc/{name} names somebody twice: {lines}"
    return by_name


def assert_placed(root: DarwinRoot, users: dict[str, int], gid: int) -> None:
    """Each user has that uid and that primary group, whoever is asked: dscl, libc, files, id."""
    directory = records(root, "Users")
    passwd = flat_file(root, "passwd")
    for name, uid in users.items():
        wanted = [str(uid), str(gid)]
        record = directory[name]
        assert [record["UniqueID"][0], record["PrimaryGroupID"][0]] == wanted, name
        assert passwd[name][1:3] == wanted, name
    entries = root.must("getent", "passwd", *users).splitlines()
    assert [entry.split(":")[:4:2] for entry in entries] == [[n, str(u)] for n, u in users.items()]
    assert root.must("id", "-u", *users).split() == [str(uid) for uid in users.values()]


def assert_members(root: DarwinRoot, group: str, gid: int, members: list[str]) -> None:
    """The group has that gid and exactly these members, whoever is asked."""
    record = records(root, "Groups")[group]
    assert record["PrimaryGroupID"] == [str(gid)]
    assert record.get("GroupMembership", []) == members
    assert flat_file(root, "group")[group][1:] == [str(gid), ",".join(members)]
    assert root.must("getent", "group", group).split(":")[3].strip() == ",".join(members)


def checkmember(root: DarwinRoot, user: str, group: str) -> int:
    """The status of dseditgroup's answer: 0 a member, 67 not a member, 64 no such user."""
    return root.run(["dseditgroup", "-o", "checkmember", "-m", user, group]).returncode


def directory(root: DarwinRoot) -> dict[str, Record]:
    """Every record by `Users/NAME` and so on, in which database, snapshot, flat files and
    property lists agree; the standard prefix is left out."""
    # SQLite does not open files by way of /proc/PID/root.
    fork = multiprocessing.get_context("fork")
    with fork.Pool(1, os.chroot, (root.path,)) as inside:
        view = inside.apply(whole.check, (Path("/"),))
    return {f"{type.rpartition(':')[2]}/{name}":
            {key.removeprefix(STANDARD): values for key, values in attributes.items()}
            for (type, name), attributes in view.items()}


def content(found: dict[str, Record], path: str) -> dict[str, object]:
    """What a record of `directory` holds but for what varies; a single value is itself."""
    record = found[path]
    assert len(record["GeneratedUID"][0]) == 36
    return {key: values[0] if len(values) == 1 else values
            for key, values in record.items() if key not in VARYING}
