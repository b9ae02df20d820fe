"""vipw-style edits of every file, in every order with our own writes: nothing is lost."""

from __future__ import annotations

import itertools
import os
import plistlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dirserv.names import GROUPS, USERS
from tests.faults import whole
from tests.faults.conftest import Stepper, copied
from tests.support import CHECKOUT, directory

DSLOCAL = "private/var/db/dslocal/nodes/Default"
STANDARD = "dsAttrTypeStandard:"


def put(path: Path, data: bytes, in_place: bool) -> None:
    """Write as an editor does: into the file, or a new file in its place."""
    if in_place:
        path.write_bytes(data)
        return
    fresh = path.with_name("edited~")
    fresh.write_bytes(data)
    fresh.chmod(path.stat().st_mode if path.exists() else 0o600)
    fresh.rename(path)


def text(file: str, change: Callable[[str], str]) -> Callable[[Path, bool], None]:
    """An edit of a flat file."""
    def edit(root: Path, in_place: bool) -> None:
        path = root / "private/etc" / file
        before = path.read_text()
        assert change(before) != before
        put(path, change(before).encode(), in_place)
    return edit


def plist(name: str, change: Callable[[dict[str, list[object]]], None],
          source: str | None = None) -> Callable[[Path, bool], None]:
    """An edit of a property list; ``source`` is the file it starts from."""
    def edit(root: Path, in_place: bool) -> None:
        content = plistlib.loads((root / DSLOCAL / (source or name)).read_bytes())
        change(content)
        put(root / DSLOCAL / name, plistlib.dumps(content, fmt=plistlib.FMT_BINARY), in_place)
    return edit


def removed(name: str) -> Callable[[Path, bool], None]:
    """An edit that takes a property list away."""
    return lambda root, in_place: (root / DSLOCAL / name).unlink()


View = whole.View
Check = Callable[[View], bool]


def has(kind: str, name: str, key: str, value: str) -> Check:
    """Whether a record has a value."""
    return lambda found: value in found.get((kind, name), {}).get(STANDARD + key, [])


def lacks(kind: str, name: str) -> Check:
    """Whether there is no such record."""
    return lambda found: (kind, name) not in found


#: What somebody does by hand to alice, bob, devs and new accounts -> how it is seen afterwards.
EDITS: dict[str, tuple[Callable[[Path, bool], None], Check]] = {
    "passwd: a shell": (text("passwd", lambda t: t.replace("/bin/alice", "/bin/hand")),
                        has(USERS, "alice", "UserShell", "/bin/hand")),
    "passwd: a new line": (text("passwd", lambda t: t + "carol:*:503:20:C:/Users/carol:/bin/sh\n"),
                           has(USERS, "carol", "UniqueID", "503")),
    "passwd: a line less": (text("passwd", lambda t: "".join(
        line for line in t.splitlines(True) if not line.startswith("gone:"))),
        lacks(USERS, "gone")),
    "master.passwd: a hash": (text("master.passwd", lambda t: t.replace(
        "alice:*:", "alice:$6$hand:")), lambda found: True),
    "master.passwd: a home": (text("master.passwd", lambda t: t.replace("/Users/bob", "/hand/bob")),
                              has(USERS, "bob", "NFSHomeDirectory", "/hand/bob")),
    "group: a member": (text("group", lambda t: t.replace(":701:alice", ":701:alice,bob")),
                        has(GROUPS, "devs", "GroupMembership", "bob")),
    "group: a new line": (text("group", lambda t: t + "hand:*:750:alice\n"),
                          has(GROUPS, "hand", "PrimaryGroupID", "750")),
    "user plist: a comment": (plist("users/bob.plist", lambda c: c.update(comment=["hand"])),
                              has(USERS, "bob", "Comment", "hand")),
    "user plist: a new one": (plist("users/dora.plist", lambda c: c.update(
        name=["dora"], uid=["509"], generateduid=["D0"]), "users/bob.plist"),
        has(USERS, "dora", "UniqueID", "509")),
    "user plist: one less": (removed("users/left.plist"), lacks(USERS, "left")),
    "group plist: a name": (plist("groups/devs.plist", lambda c: c.update(realname=["by hand"])),
                            has(GROUPS, "devs", "RealName", "by hand")),
    "group plist: a new one": (plist("groups/made.plist", lambda c: c.update(
        name=["made"], gid=["760"], generateduid=["D1"]), "groups/devs.plist"),
        has(GROUPS, "made", "PrimaryGroupID", "760")),
}

#: What we do meanwhile -> how it is seen afterwards.
WRITES: dict[str, tuple[list[str], Check]] = {
    "create": (["dscl", ".", "-create", "/Users/new", "UniqueID", "900"],
               has(USERS, "new", "UniqueID", "900")),
    "the same record": (["dscl", ".", "-create", "/Users/alice", "RealName", "Ours"],
                        has(USERS, "alice", "RealName", "Ours")),
    "another field of bob": (["dscl", ".", "-create", "/Users/bob", "UserShell", "/ours"],
                             has(USERS, "bob", "UserShell", "/ours")),
    "the group": (["dseditgroup", "-o", "edit", "-a", "extra", "-t", "user", "devs"],
                  has(GROUPS, "devs", "GroupMembership", "extra")),
    "delete": (["dscl", ".", "-delete", "/Users/extra2"], lacks(USERS, "extra2")),
}


@pytest.fixture(scope="module")
def people(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with some accounts to edit."""
    root = copied(tiny, tmp_path_factory.mktemp("people") / "root")
    with directory(root).change() as change:
        for number, name in enumerate(("alice", "bob", "gone", "left", "extra", "extra2")):
            user = change.create(USERS, name)
            for key, value in (("UniqueID", str(600 + number)), ("PrimaryGroupID", "20"),
                               ("UserShell", f"/bin/{name}"), ("RealName", name),
                               ("NFSHomeDirectory", f"/Users/{name}")):
                change.write(user, STANDARD + key, [value])
        group = change.create(GROUPS, "devs")
        change.write(group, STANDARD + "PrimaryGroupID", ["701"])
        change.write(group, STANDARD + "GroupMembership", ["alice"])
    return root


def fresh(people: Path, to: Path) -> Path:
    """A copy, in step, whose files may be written into."""
    shutil.rmtree(to, ignore_errors=True)
    return copied(people, to)


def settle(stepper: Stepper, root: Path, argv: list[str]) -> None:
    """Run a command of ours, which must do its work."""
    [done] = stepper.each(root, [argv])
    assert (done["status"], done["err"]) == (0, ""), (argv, done)


def look(stepper: Stepper, root: Path) -> whole.View:
    """What is there once somebody has looked at users and groups: who writes into a property list
    in place is noticed when its record is looked at."""
    for kind in ("/Users", "/Groups"):
        settle(stepper, root, ["dscl", ".", "-list", kind])
    return whole.check(root)


#: The default run is content with these.
QUICK = (("the same record", False), ("the group", True))


@pytest.mark.parametrize(("ours", "in_place"), [
    pytest.param(*pair, marks=() if pair in QUICK else pytest.mark.slow)
    for pair in itertools.product(WRITES, (True, False))])
def test_an_edit_before_and_after_each_write(
    people: Path, stepper: Stepper, tmp_path: Path, ours: str, in_place: bool
) -> None:
    argv, is_ours = WRITES[ours]
    edits = list(EDITS.items())
    for number, (name, (edit, adopted)) in enumerate(edits):
        for edit_first in (True, False) if number % 3 == len(ours) % 3 else (in_place,):
            root = fresh(people, tmp_path / "root")
            for step in ("edit", "write") if edit_first else ("write", "edit"):
                if step == "edit":
                    edit(root, in_place)
                else:
                    settle(stepper, root, argv)
            found = look(stepper, root)
            assert adopted(found), f"{name}: lost by {ours}"
            assert is_ours(found), f"{ours}: lost by {name}"
            if name.endswith("hash"):
                assert "alice:$6$hand:" in (root / "private/etc/master.passwd").read_text()


def orders(count: int) -> list[tuple[str, ...]]:
    """Pairs of edits with a write before, between, after: every ``count``-th of them."""
    pairs = [(*pair, ours, at) for pair in itertools.permutations(EDITS, 2) for ours in WRITES
             for at in "012"]
    return pairs[::count]


@pytest.mark.parametrize("count", [149, pytest.param(7, marks=pytest.mark.slow)])
def test_two_edits_and_a_write_in_every_order(
    people: Path, stepper: Stepper, tmp_path: Path, count: int
) -> None:
    """Two files edited before we look again: each edit counts."""
    for number, (one, other, ours, at) in enumerate(orders(count)):
        root = fresh(people, tmp_path / "root")
        steps: list[str] = [one, other]
        steps.insert(int(at), ours)
        for step in steps:
            if step in WRITES:
                settle(stepper, root, WRITES[step][0])
            else:
                EDITS[step][0](root, number % 2 == 0)
        found = look(stepper, root)
        for step in steps:
            assert (WRITES.get(step) or EDITS[step])[1](found), (steps, f"{step} is lost")


def test_an_edit_while_ptmp_is_held(people: Path, stepper: Stepper, tmp_path: Path) -> None:
    """vipw: ptmp is made, edited, renamed to master.passwd; a write of ours waits for that."""
    root = fresh(people, tmp_path / "root")
    etc = root / "private/etc"
    held = os.open(etc / "ptmp", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    writer = subprocess.Popen(
        [sys.executable, "-I", "-S", str(CHECKOUT / "bin/dscl"), *WRITES["create"][0][1:]],
        env={"DIRSERV_ROOT": str(root), "PATH": os.environ["PATH"]}, stderr=subprocess.PIPE)
    time.sleep(0.4)
    assert writer.poll() is None, "it waits"
    assert "/Users/bob" in (etc / "master.passwd").read_text()
    os.write(held, (etc / "master.passwd").read_bytes().replace(b"/Users/bob", b"/hand/bob"))
    os.close(held)
    (etc / "ptmp").rename(etc / "master.passwd")
    assert writer.communicate(timeout=20) == (None, b"") and writer.returncode == 0
    found = whole.check(root)
    assert has(USERS, "bob", "NFSHomeDirectory", "/hand/bob")(found)
    assert has(USERS, "new", "UniqueID", "900")(found)


def test_everything_is_edited_at_once(people: Path, stepper: Stepper, tmp_path: Path) -> None:
    for in_place in (True, False):
        root = fresh(people, tmp_path / "root")
        for edit, _ in EDITS.values():
            edit(root, in_place)
        settle(stepper, root, WRITES["create"][0])
        found = look(stepper, root)
        lost = [name for name, (_, adopted) in EDITS.items() if not adopted(found)]
        assert not lost and WRITES["create"][1](found)
