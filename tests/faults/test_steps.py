"""Every kind of write, struck before and after each call that changes the disk."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dirserv.names import GROUPS, PRIMARY_GROUP_ID, UNIQUE_ID, USERS
from tests.faults import whole
from tests.faults.conftest import Stepper, copied
from tests.support import directory

DATABASE = "private/var/db/dirserv/directory.sqlite"
#: How a call is struck; the slow run does all of it at every step.
HOWS = ("kill", "kill-after", "ENOSPC", "EIO", "EROFS", "EINTR", "short",
        "ENOSPC-after", "EIO-after", "EROFS-after", "EINTR-after")
#: Brings a copy in step; has nothing else to do.
SETTLING = ["darling-dirserv", "status"]
NEXT = ["dscl", ".", "-create", "/Users/next", "UniqueID", "4000"]


def accounts(root: Path) -> None:
    """What some scenarios change."""
    with directory(root).change() as change:
        for name, uid in (("victim", "777"), ("other", "778")):
            user = change.create(USERS, name)
            change.write(user, UNIQUE_ID, [uid])
            change.write(user, PRIMARY_GROUP_ID, ["20"])
        group = change.find(GROUPS, "staff")
        assert group is not None
        change.append(group, "dsAttrTypeStandard:GroupMembership", ["victim"])


def older(root: Path) -> None:
    """The database as version 1 of its schema had it."""
    with sqlite3.connect(root / DATABASE) as database:
        database.execute("DROP TABLE log")
        database.execute("PRAGMA user_version = 1")
    database.close()


def emptied(root: Path) -> None:
    """A root that was never used, but for one line in its passwd."""
    shutil.rmtree(root)
    (root / "private/etc").mkdir(parents=True)
    (root / "private/etc/passwd").write_text("root:*:0:0:Mine:/root:/bin/bash\n")


def import_file(root: Path) -> None:
    """Twenty accounts for dsimport, and what `darling-dirserv export` would write."""
    lines = [f"i{number}:{3000 + number}:20:No. {number}" for number in range(20)]
    description = ("0x0A 0x5C 0x3A 0x2C dsRecTypeStandard:Users 4 RecordName UniqueID "
                   "PrimaryGroupID RealName")
    (root / "accounts.txt").write_text("\n".join([description, *lines]) + "\n")
    rows = [{"darling-dirserv": 1}, *(
        {"type": "dsRecTypeStandard:Users", "attributes": {
            "dsAttrTypeStandard:RecordName": [f"j{number}"],
            "dsAttrTypeStandard:UniqueID": [str(3100 + number)],
            "dsAttrTypeStandard:PrimaryGroupID": ["20"]}} for number in range(5))]
    (root / "accounts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


class Scenario(NamedTuple):
    """A command on a prepared root. ``stride``: how many steps the default run passes over."""

    argv: list[str]
    prepare: Callable[[Path], None] = accounts
    stride: int = 3


SCENARIOS = {
    "create": Scenario(["dscl", ".", "-create", "/Users/new", "UniqueID", "900"]),
    "edit": Scenario(["dseditgroup", "-o", "edit", "-a", "other", "-t", "user", "staff"]),
    "delete": Scenario(["dscl", ".", "-delete", "/Users/victim"]),
    "rename": Scenario(["dscl", ".", "-change", "/Users/victim", "RecordName", "victim", "won"]),
    "dsimport": Scenario(["dsimport", "/accounts.txt", "/Local/Default", "I"], import_file, 37),
    "nixbld": Scenario(["darling-dirserv", "nixbld", "create", "--count", "6"], stride=23),
    "import": Scenario(["darling-dirserv", "import", "ROOT/accounts.jsonl"], import_file, 19),
    "initialise": Scenario(["dscl", ".", "-create", "/Users/new", "UniqueID", "900"], emptied,
                           999),
    "upgrade": Scenario(["dscl", ".", "-create", "/Users/new", "UniqueID", "900"], older),
}
#: With these the default run is content.
QUICK = ("create", "rename", "import", "initialise")


class Prepared:
    """A root before a scenario's command, and what can be seen before and after it."""

    def __init__(self, name: str, tiny: Path, stepper: Stepper, at: Path) -> None:
        self._scenario, self._stepper = SCENARIOS[name], stepper
        self._unused = name in ("initialise", "upgrade")
        self._at = copied(tiny, at / "prepared")
        self._scenario.prepare(self._at)
        self._copies = at
        root = self.copy()
        self._then(root)
        self.before = self._checked(root)
        root = self.copy()
        done = self.run(root)
        assert (done["status"], done["err"]) == (0, ""), done
        self.after, self.steps = whole.check(root), done["made"]
        assert self.before != self.after

    def copy(self) -> Path:
        """A root to strike."""
        root = self._copies / "struck"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self._at, root, copy_function=link_or_copy)
        if not self._unused:
            self._stepper.run(root, SETTLING)
        return root

    def run(self, root: Path, how: str = "none", step: int = 0) -> dict[str, Any]:
        """Run the command."""
        argv = [word.replace("ROOT", str(root)) for word in self._scenario.argv]
        return self._stepper.run(root, argv, how, step)

    def _then(self, root: Path) -> None:
        done = self._stepper.run(root, NEXT)
        assert (done["status"], done["err"], done["out"]) == (0, "", ""), "the next command works"

    def strike(self, how: str, step: int) -> bool:
        """Strike one step; returns whether the change is there afterwards."""
        root = self.copy()
        where = f"{how} at {step}"
        visible = whole.published(root)
        done = self.run(root, how, step)
        assert "Traceback" not in done["err"] and "internal error" not in done["err"], done
        now = whole.published(root)
        assert now == visible or _drawn(now) == _drawn(self.after), f"{where}: half visible"
        self._then(root)
        found = self._checked(root)
        present = _drawn(found) == _drawn(self.after)
        assert present or _drawn(found) == _drawn(self.before), f"{where}: half done"
        if done["status"] == 0:
            assert present, f"{where}: an acknowledged change is lost"
        elif done["status"] > 0:
            assert len(done["err"].splitlines()) <= 3 and done["err"], f"{where}: {done}"
        return present

    def _checked(self, root: Path) -> whole.View:
        """What is in a sound directory beside the next command's doing."""
        found = whole.check(root)
        del found["dsRecTypeStandard:Users", "next"]
        return found


def _drawn(found: whole.View | None) -> whole.View:
    """A view without what is drawn by lot: two runs make the same otherwise."""
    drawn = ("dsAttrTypeStandard:GeneratedUID", "dsAttrTypeStandard:GroupMembers",
             "dsAttrTypeNative:accountPolicyData")
    return {key: {name: len(values) if name in drawn else values
                  for name, values in attributes.items()}
            for key, attributes in (found or {}).items()}


def link_or_copy(source: str, target: str) -> None:
    """What is only ever replaced and never written into may be a link."""
    (shutil.copy2 if "/dirserv/" in source else os.link)(source, target)


@pytest.fixture(scope="module", params=[
    pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in SCENARIOS])
def prepared(
    request: pytest.FixtureRequest, tiny: Path, stepper: Stepper,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, Prepared]:
    at = tmp_path_factory.mktemp(request.param)
    return request.param, Prepared(request.param, tiny, stepper, at)


def test_struck_at_some_steps(prepared: tuple[str, Prepared]) -> None:
    """The default run: every HOW, at steps that differ from one to the next, and at the ends."""
    name, scenario = prepared
    stride, seen = min(SCENARIOS[name].stride * 19, scenario.steps), set()
    for at, how in enumerate(HOWS):
        for step in range(1 + at * stride // len(HOWS), scenario.steps + 1, stride):
            seen.add(scenario.strike(how, step))
    for step in range(max(1, scenario.steps - 2), scenario.steps + 1):
        seen.add(scenario.strike("kill", step))
    seen.add(scenario.strike("EIO", 1))
    assert seen == {True, False}, "both sides of the commit were reached"


@pytest.mark.slow
@pytest.mark.parametrize("how", HOWS)
def test_struck_at_every_step(prepared: tuple[str, Prepared], how: str) -> None:
    name, scenario = prepared
    stride = max(1, scenario.steps // 400)
    for step in [*range(1, scenario.steps, stride), scenario.steps]:
        scenario.strike(how, step)


def test_interrupted_all_the_time(prepared: tuple[str, Prepared]) -> None:
    """Five thousand signals a second, so that the kernel itself returns EINTR and short."""
    _, scenario = prepared
    assert scenario.strike("storm", 0), "done all the same"


def test_a_reader_at_every_step(prepared: tuple[str, Prepared]) -> None:
    """Between any two calls of the writer: the whole directory as it was, then as it is; and each
    flat file by itself likewise."""
    name, scenario = prepared
    root = scenario.copy()
    done = scenario.run(root, "watch")
    assert done["status"] == 0
    seen = [json.loads(text) for text in done["seen"]]
    for at in range(3):
        states = [look[at] for look in seen]
        changes = [states[0], *(b for a, b in zip(states, states[1:]) if a != b)]
        assert len(changes) <= 2, f"{name}: {len(changes)} states"
    whole.check(root)
