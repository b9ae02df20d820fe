"""darling-dirserv nixbld: all build users in one transaction."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dirserv.admin import trail
from dirserv.paths import Root
from tests.support import directory, group_entries, passwd_entries, put, run
from tests.unit.admin.conftest import Called

TWO = """\
group nixbld: created with gid 350
user _nixbld1: created, listed in nixbld
user _nixbld2: created, listed in nixbld
"""
TABLE = """\
group nixbld: gid 350, 2 listed
NAME             UID         GID  FIT FOR NIX
_nixbld1         351         350  yes
_nixbld2         352         350  yes
"""


def test_create_status_remove(root: Path, called: Called) -> None:
    before = (root / "private/etc/passwd").read_bytes()
    assert called("nixbld", "status") == (
        1, "no group nixbld\nno users _nixbld1 …\n", "")
    assert called("nixbld", "create", "--count", "2") == (0, TWO, "")
    assert called("nixbld", "create", "--count", "2") == (0, "nothing to do\n", "")
    assert called("nixbld", "status") == (0, TABLE, "")
    assert passwd_entries(root)["_nixbld2"] == [
        "_nixbld2", "*", "352", "350", "Nix build user 2", "/var/empty", "/sbin/nologin"]
    assert group_entries(root)["nixbld"] == ["nixbld", "*", "350", "_nixbld1,_nixbld2"]
    assert called("nixbld", "remove") == (
        0, "user _nixbld1: deleted\nuser _nixbld2: deleted\ngroup nixbld: deleted\n", "")
    assert (root / "private/etc/passwd").read_bytes() == before


def test_it_is_one_transaction(root: Path, called: Called) -> None:
    called("nixbld", "create")
    entries = trail.entries(Root(str(root)))
    assert len(entries) == 2, "the seed and all of the 32"


def test_it_makes_what_the_installer_makes(
    pristine: Path, tmp_path: Path, root: Path, called: Called
) -> None:
    """The same attributes as through the installer's own calls, but for what is random."""
    from dirserv.admin.rehearse import Rehearsal

    shutil.copytree(pristine, tmp_path / "other", symlinks=True)
    Rehearsal(directory(tmp_path / "other"), users=1).run()
    called("nixbld", "create", "--count", "1")
    random = {"dsAttrTypeStandard:GeneratedUID", "dsAttrTypeNative:accountPolicyData",
              "dsAttrTypeStandard:GroupMembers"}
    for path in (("dsRecTypeStandard:Users", "_nixbld1"), ("dsRecTypeStandard:Groups", "nixbld")):
        ours, theirs = (directory(place).find(*path) for place in (root, tmp_path / "other"))
        assert ours is not None and theirs is not None
        assert ours.attributes.keys() == theirs.attributes.keys()
        assert ({name: values for name, values in ours.attributes.items() if name not in random}
                == {name: values for name, values in theirs.attributes.items()
                    if name not in random})


def test_dry_run_changes_nothing(root: Path, called: Called) -> None:
    before = (root / "private/etc/passwd").read_bytes()
    assert called("nixbld", "create", "--count", "2", "--dry-run") == (
        0, "".join(f"would do: {line}\n" for line in TWO.splitlines()), "")
    assert (root / "private/etc/passwd").read_bytes() == before
    assert called("nixbld", "status")[0] == 1
    status, out, _ = called("nixbld", "create", "--count", "2", "--dry-run", "--json")
    assert json.loads(out) == {"dry_run": True, "done": TWO.splitlines()}


@pytest.mark.parametrize(("arguments", "said"), [
    (["create", "--count", "2", "--first-uid", "70"],
     "nothing was changed: uid 70 is _www's, uid 71 is _eppc's; choose others with --first-uid "
     "and --gid"),
    (["create", "--gid", "20"],
     "nothing was changed: gid 20 is staff's; choose others with --first-uid and --gid"),
    (["create", "--group", "staff"],
     "the group staff has gid 20, not 350; say --gid, or remove it first"),
    (["renumber"],
     "there are no users _nixbld1 … in a group nixbld; `darling-dirserv nixbld create` makes "
     "them"),
])
def test_refusals(root: Path, called: Called, arguments: list[str], said: str) -> None:
    before = (root / "private/etc/passwd").read_bytes()
    status, out, err = called("nixbld", *arguments)
    assert (status, out) == (2, "")
    assert err == f"darling-dirserv: {said}\n"
    assert (root / "private/etc/passwd").read_bytes() == before


def _as_before_sequoia(root: Path, *numbers: int) -> None:
    """What an old installation is after macOS 15 took uids 301 to 304."""
    for number in numbers:
        put(root, f"Users/_nixbld{number}", {
            "UniqueID": [str(300 + number)], "PrimaryGroupID": ["30000"], "IsHidden": ["1"],
            "GeneratedUID": [f"00000000-0000-4000-8000-0000000000{number:02}"],
            "NFSHomeDirectory": ["/var/empty"], "UserShell": ["/sbin/nologin"],
            "RealName": [f"Nix build user {number}"]})
    put(root, "Groups/nixbld", {"PrimaryGroupID": ["30000"], "GroupMembership": [
        f"_nixbld{number}" for number in range(1, 9)]})


def test_renumber_is_where_the_migration_ends(root: Path, called: Called) -> None:
    assert run(root, "dscl", ".", "-delete", "/Users/_modelmanagerd").returncode == 0
    _as_before_sequoia(root, 5, 6, 7, 8)
    called("nixbld", "renumber", "--dry-run")
    status, out, err = called("nixbld", "renumber")
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == "user _nixbld1: created"
    assert out.splitlines()[-1] == "user _nixbld8: uid 308 → 358"
    assert {name: fields[2:4] for name, fields in passwd_entries(root).items()
            if "nixbld" in name} == {f"_nixbld{n}": [str(350 + n), "30000"] for n in range(1, 9)}
    assert len(group_entries(root)["nixbld"][3].split(",")) == 8
    assert called("nixbld", "renumber") == (0, "nothing to do\n", "")
    assert called("nixbld", "status")[0] == 0


def test_status_says_what_a_user_lacks(root: Path, called: Called) -> None:
    called("nixbld", "create", "--count", "1")
    run(root, "dscl", ".", "-create", "/Users/_nixbld1", "PrimaryGroupID", "20")
    run(root, "dscl", ".", "-create", "/Users/_nixbld1", "UniqueID", "999")
    run(root, "dscl", ".", "-delete", "/Groups/nixbld", "GroupMembership")
    assert called("nixbld", "status") == (
        1,
        "group nixbld: gid 350, 0 listed\n"
        "NAME             UID         GID  FIT FOR NIX\n"
        "_nixbld1         999          20  another uid, another primary group, not listed in the "
        "group\n", "")


@pytest.mark.parametrize("argument", ["--count=0", "--count=10001", "--first-uid=x", "--gid=-1",
                                      "--group=a:b", "--user-prefix="])
def test_nonsense_is_refused(
    called: Called, capsys: pytest.CaptureFixture[str], argument: str
) -> None:
    with pytest.raises(SystemExit) as left:
        called("nixbld", "create", argument)
    assert left.value.code == 2
    option = argument.partition("=")[0]
    assert capsys.readouterr().err.splitlines()[-1].startswith(
        f"darling-dirserv nixbld: error: argument {option}: ")
