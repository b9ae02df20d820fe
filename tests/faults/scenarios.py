"""Commands that write, each on a prepared root, and the judgement on a strike at their calls."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from dirserv.admin import trail
from dirserv.names import GROUPS, MEMBERSHIP, PRIMARY_GROUP_ID, UNIQUE_ID, USERS
from dirserv.paths import Root
from tests.faults import whole
from tests.faults.conftest import Stepper, copied
from tests.support import directory

STATE = "private/var/db"
#: Brings a copy in step; has nothing else to do.
SETTLING = ["dscl", ".", "-list", "/Users"]
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
        change.append(group, MEMBERSHIP, ["victim"])


def broken_off(root: Path) -> None:
    """What a writer leaves that is killed after its commit: all but the database is old."""
    old = root.with_name("old")
    shutil.copytree(root, old)
    accounts(root)
    mark = root / STATE / ".dirserv.snapshot.new"
    (root / STATE / "dirserv.snapshot").rename(mark)
    for path in ("private/etc", f"{STATE}/dslocal"):
        shutil.rmtree(root / path)
        shutil.copytree(old / path, root / path)
    shutil.copy2(old / STATE / "dirserv.snapshot", root / STATE)


def older(root: Path) -> None:
    """The database as version 1 of its schema had it."""
    with sqlite3.connect(root / STATE / "dirserv/directory.sqlite") as database:
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
    """A command on a prepared root; ``settled``: which is in step before."""

    argv: list[str]
    prepare: Callable[[Path], None] = accounts
    settled: bool = True


CREATE = ["dscl", ".", "-create", "/Users/new", "UniqueID", "900"]
SCENARIOS = {
    "create": Scenario(CREATE),
    "edit": Scenario(["dseditgroup", "-o", "edit", "-a", "other", "-t", "user", "staff"]),
    "delete": Scenario(["dscl", ".", "-delete", "/Users/victim"]),
    "rename": Scenario(["dscl", ".", "-change", "/Users/victim", "RecordName", "victim", "won"]),
    "passwd": Scenario(["dscl", ".", "-passwd", "/Users/victim", "new"]),
    "dsimport": Scenario(["dsimport", "/accounts.txt", "/Local/Default", "I"], import_file),
    "nixbld": Scenario(["darling-dirserv", "nixbld", "create", "--count", "6"]),
    "import": Scenario(["darling-dirserv", "import", "ROOT/accounts.jsonl"], import_file),
    "initialise": Scenario(CREATE, emptied, settled=False),
    "upgrade": Scenario(CREATE, older, settled=False),
    "recover": Scenario(CREATE, broken_off, settled=False),
}


class Prepared:
    """A root before a scenario's command, and what can be seen before and after it."""

    def __init__(self, name: str, tiny: Path, stepper: Stepper, at: Path) -> None:
        self._scenario, self._stepper, self._copies = SCENARIOS[name], stepper, at
        self._at = copied(tiny, at / "prepared")
        self._scenario.prepare(self._at)
        root = self.copy()
        self._log = Log(root) if self._scenario.settled else None
        self._then(root)
        self.before = self._checked(root)
        root = self.copy()
        done = self.run(root)
        assert (done["status"], done["err"]) == (0, ""), done
        self.after: whole.View = whole.check(root)
        #: The names of the calls that can be struck.
        self.calls: list[str] = done["made"]
        assert self.before != self.after

    def copy(self) -> Path:
        """A root to strike."""
        root = self._copies / "struck"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self._at, root, copy_function=link_or_copy)
        if self._scenario.settled:
            self._stepper.run(root, SETTLING)
        return root

    def run(self, root: Path, how: str = "none", step: int = 0) -> dict[str, Any]:
        """Run the command."""
        argv = [word.replace("ROOT", str(root)) for word in self._scenario.argv]
        return self._stepper.run(root, argv, how, step)

    def strike(self, how: str, step: int) -> bool:
        """Strike one step; returns whether the change is there afterwards."""
        root, where = self.copy(), f"{how} at {step}"
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

    def _then(self, root: Path) -> None:
        done = self._stepper.run(root, NEXT)
        assert (done["status"], done["err"], done["out"]) == (0, "", ""), "the next command works"

    def _checked(self, root: Path) -> whole.View:
        """What is in a sound directory beside the next command's doing; the log tells of both."""
        found = whole.check(root)
        if self._log:
            self._log.check(root, found)
        del found[USERS, "next"]
        return found


class Log:
    """What the audit log of a root's copies tells from now on."""

    def __init__(self, root: Path) -> None:
        self._before, self._ids = whole.check(root), whole.ids(root)
        self._begun = len(trail.entries(Root(str(root))))

    def check(self, root: Path, found: whole.View) -> None:
        """Assert that it tells of every change that made a copy what it is, and of no other."""
        new = trail.entries(Root(str(root)))[self._begun:]
        assert whole.replayed(self._before, self._ids, new) == whole.told(found)


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
