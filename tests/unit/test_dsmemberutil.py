"""dsmemberutil, whole: every command with every way to name somebody."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirserv.dsmemberutil import _STATISTICS, _USAGE
from tests.support import put, run

ADA = "970F8888-7E7D-4A14-99C3-C54CF160573E"
DEVS = "D33CB6F5-B012-417D-BC43-CF64F6538F93"
MACHINE = "S-1-5-21-987654321-987654321-987654321"
USAGE = _USAGE.format(name="dsmemberutil")
CHECK_USAGE = (
    "Usage: dsmemberutil checkmembership missing appropriate options\n"
    "    checkmembership  [-uUx] value [-GX] value\n"
)
UNKNOWN = "There was an unknown error.\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with a few people; no test of this module changes it."""
    path = tmp_path_factory.mktemp("root")
    put(path, "Users/ada", {
        "UniqueID": ["501"], "PrimaryGroupID": ["20"], "GeneratedUID": [ADA],
        "RecordName": ["ada", "lovelace"],
    })
    put(path, "Users/bare", {"UniqueID": ["502"], "PrimaryGroupID": ["20"]})
    put(path, "Users/empty", {})
    put(path, "Users/sid", {"UniqueID": ["503"], "SMBSID": ["S-1-5-21-1-2-3-4"]})
    put(path, "Groups/devs", {
        "PrimaryGroupID": ["701"], "GeneratedUID": [DEVS], "GroupMembership": ["ada"],
    })
    put(path, "Groups/outer", {
        "PrimaryGroupID": ["702"], "NestedGroups": [DEVS.lower()],
        "GeneratedUID": ["11111111-1111-1111-1111-111111111111"],
    })
    put(path, "Groups/circle", {
        "PrimaryGroupID": ["703"], "GeneratedUID": ["22222222-2222-2222-2222-222222222222"],
        "NestedGroups": ["22222222-2222-2222-2222-222222222222", "dangling",
                         "11111111-1111-1111-1111-111111111111"],
    })
    return path


def check(root: Path, line: str, out: str, err: str = "", status: int = 0) -> None:
    done = run(root, "dsmemberutil", *line.split())
    assert (done.stdout, done.stderr, done.returncode) == (out, err, status)


@pytest.mark.parametrize(
    ("arguments", "uuid"),
    [
        ("-U ada", ADA), ("-U lovelace", ADA), ("-U ADA", ADA), ("-u 501", ADA),
        ("-U root", "FFFFEEEE-DDDD-CCCC-BBBB-AAAA00000000"),
        ("-U bare", "FFFFEEEE-DDDD-CCCC-BBBB-AAAA000001F6"),
        ("-u 502", "FFFFEEEE-DDDD-CCCC-BBBB-AAAA000001F6"),
        ("-u 9999", "FFFFEEEE-DDDD-CCCC-BBBB-AAAA0000270F"),
        ("-u -2", "FFFFEEEE-DDDD-CCCC-BBBB-AAAAFFFFFFFE"),
        ("-u 4294967294", "FFFFEEEE-DDDD-CCCC-BBBB-AAAAFFFFFFFE"),
        ("-g 0", "ABCDEFAB-CDEF-ABCD-EFAB-CDEF00000000"),
        ("-g 701", DEVS), ("-G devs", DEVS), ("-Gdevs", DEVS),
        ("-g 9999", "ABCDEFAB-CDEF-ABCD-EFAB-CDEF0000270F"),
    ],
)
def test_getuuid(root: Path, arguments: str, uuid: str) -> None:
    check(root, f"getuuid {arguments}", uuid + "\n")


@pytest.mark.parametrize(
    ("arguments", "out", "status"),
    [
        ("-U nosuch", "There is no uuid for user nosuch\n", 5),
        ("-G nosuch", "There is no uuid for group nosuch\n", 5),
        ("-U empty", "There is no uuid for user empty\n", 5),
        # Apple's source returns the same status whether or not the SID is known.
        (f"-s {MACHINE}-2002", ADA + "\n", 7),
        (f"-S {MACHINE}-2403", DEVS + "\n", 7),
        (f"-S {MACHINE}-996", "FFFFEEEE-DDDD-CCCC-BBBB-AAAAFFFFFFFE\n", 7),
        ("-s s-1-5-21-1-2-3-4", "FFFFEEEE-DDDD-CCCC-BBBB-AAAA000001F7\n", 7),
        ("-s S-1-5-32-544", "ABCDEFAB-CDEF-ABCD-EFAB-CDEF00000050\n", 7),
        ("-s S-1-5-21-9-9-9-9", "SID not found\n", 7),
        ("-s S-2-5", "Invalid SID value\n", 7),
        ("-s S-1-5-x", "Invalid SID value\n", 7),
    ],
)
def test_getuuid_of_others(root: Path, arguments: str, out: str, status: int) -> None:
    check(root, f"getuuid {arguments}", out, status=status)


def test_a_name_that_is_too_long(root: Path) -> None:
    check(root, f"getuuid -U {'x' * 256}", "",
          "Names cannot be longer than 255 characters\n", 1)


@pytest.mark.parametrize(
    ("arguments", "out", "err", "status"),
    [
        ("-U ada", "uid: 501\n", "", 0),
        ("-U nobody", "uid: -2\n", "", 0),
        ("-G devs", "gid: 701\n", "", 0),
        (f"-x {ADA}", "uid: 501\n", "", 0),
        (f"-X {ADA.lower()}", "uid: 501\n", "", 0),
        ("-X ABCDEFAB-CDEF-ABCD-EFAB-CDEF0000000C", "gid: 12\n", "", 0),
        ("-x FFFFEEEE-DDDD-CCCC-BBBB-AAAAFFFFFF00", "uid: -256\n", "", 0),
        (f"-s {MACHINE}-2002", "uid: 501\n", "", 0),
        ("-S S-1-5-32-544", "gid: 80\n", "", 0),
        ("-U nosuch", "id not found\n", "The user nosuch cannot be found\n" + UNKNOWN, 0),
        ("-G nosuch", "id not found\n", "The group nosuch cannot be found\n" + UNKNOWN, 0),
        ("-x nonsense", "The UUID entered is not valid.\nid not found\n", "", 0),
        ("-x 00000000-0000-0000-0000-000000000000", "id not found\n", "", 0),
        ("-s S-1-5-21-9-9-9-9", "Entry not found\nid not found\n", UNKNOWN, 0),
        ("-s nonsense", "id not found\n", UNKNOWN, 0),
        ("-x 33333333-3333-3333-3333-333333333333", "", UNKNOWN, 1),
    ],
)
def test_getid(root: Path, arguments: str, out: str, err: str, status: int) -> None:
    check(root, f"getid {arguments}", out, err, status)


@pytest.mark.parametrize(
    ("arguments", "out", "err", "status"),
    [
        ("-U root", "S-1-5-18\n", "", 0),
        ("-G admin", "S-1-5-32-544\n", "", 0),
        ("-U sid", "S-1-5-21-1-2-3-4\n", "", 0),
        ("-U ada", MACHINE + "-2002\n", "", 0),
        ("-u 501", MACHINE + "-2002\n", "", 0),
        ("-u 9999", MACHINE + "-20998\n", "", 0),
        ("-U nobody", MACHINE + "-996\n", "", 0),
        ("-g 701", MACHINE + "-2403\n", "", 0),
        (f"-x {ADA}", MACHINE + "-2002\n", "", 0),
        ("-U nosuch", "no SID found\n", "The user nosuch cannot be found\n" + UNKNOWN, 0),
        ("-x 33333333-3333-3333-3333-333333333333", "no SID found\n", "", 2),
    ],
)
def test_getsid(root: Path, arguments: str, out: str, err: str, status: int) -> None:
    check(root, f"getsid {arguments}", out, err, status)


@pytest.mark.parametrize(
    ("member", "group", "inside"),
    [
        ("-U ada", "-G devs", True), ("-u 501", "-g 701", True), (f"-x {ADA}", f"-X {DEVS}", True),
        ("-U lovelace", "-G DEVS", True), (f"-s {MACHINE}-2002", f"-S {MACHINE}-2403", True),
        # a computed UUID means whoever has the id
        ("-x FFFFEEEE-DDDD-CCCC-BBBB-AAAA000001F5", "-G devs", True),
        ("-U root", "-G wheel", True), ("-u 501", "-g 0", False), ("-U bare", "-G devs", False),
        ("-U ada", "-G staff", True),  # by primary group
        ("-U ada", "-G outer", True),  # by nesting
        ("-U ada", "-G circle", True),
        ("-U bare", "-G circle", False),
        ("-U bare", "-G localaccounts", True), ("-U bare", "-G everyone", True),
        ("-U bare", "-G netaccounts", False),
        ("-u 9999", "-G everyone", True), ("-u 9999", "-G localaccounts", False),
        ("-u 501", "-g 9999", False), ("-U ada", f"-X {ADA}", False),
        # groups in groups
        (f"-x {DEVS}", "-G outer", True), (f"-x {DEVS}", "-G circle", True),
        (f"-x {DEVS}", "-G admin", False),
    ],
)
def test_checkmembership(root: Path, member: str, group: str, inside: bool) -> None:
    check(root, f"checkmembership {member} {group}",
          f"user is {'' if inside else 'not '}a member of the group\n")


@pytest.mark.parametrize(
    ("arguments", "out", "err", "status"),
    [
        ("-U nosuch -G admin", "User not found\n",
         "The user nosuch cannot be found\n" + UNKNOWN, 7),
        ("-U ada -G nosuch", "Group not found\n",
         "The group nosuch cannot be found\n" + UNKNOWN, 7),
        ("-U nosuch", "User not found\n", "The user nosuch cannot be found\n" + UNKNOWN, 7),
        ("-x nonsense -G admin", "The UUID entered is not valid.\nUser not found\n", "", 7),
        ("-U ada -X nonsense", "The UUID entered is not valid.\nGroup not found\n", "", 7),
        ("-x 00000000-0000-0000-0000-000000000000 -G admin", "User not found\n", "", 7),
        ("-s S-1-9-9 -G admin", "Entry not found\nUser not found\n", UNKNOWN, 7),
        ("-s nonsense -G admin", "", UNKNOWN + CHECK_USAGE, 22),
        ("-U ada", "", CHECK_USAGE, 22),
        ("", "", CHECK_USAGE, 22),
        ("-u x -G admin", "", "ID supplied was not a number\n"
         "dsmemberutil: illegal option -- G\n", 22),
        ("-G admin -U ada", "", "dsmemberutil: illegal option -- G\n", 22),
        ("-U", "", "dsmemberutil: option requires an argument -- U\n", 22),
    ],
)
def test_checkmembership_of_nobody(
    root: Path, arguments: str, out: str, err: str, status: int
) -> None:
    check(root, f"checkmembership {arguments}", out, err, status)


@pytest.mark.parametrize("verb", ["getuuid", "getid", "getsid"])
@pytest.mark.parametrize(
    ("arguments", "err"),
    [
        ("", "Usage: dsmemberutil {verb} must have one flag and parameter\n"),
        ("ada", "Usage: dsmemberutil {verb} must have one flag and parameter\n"),
        ("-U ada more", "Usage: dsmemberutil {verb} must have one flag and parameter\n"),
        ("-U ada -G devs", "Usage: dsmemberutil {verb} must have one flag and parameter\n"),
        ("-q", "dsmemberutil: illegal option -- q\n"),
        ("-U", "dsmemberutil: option requires an argument -- U\n"),
    ],
)
def test_misuse(root: Path, verb: str, arguments: str, err: str) -> None:
    check(root, f"{verb} {arguments}", "", err.format(verb=verb), 22)


def test_an_id_that_is_no_number(root: Path) -> None:
    check(root, "getuuid -u 5x -u 501", ADA + "\n", "ID supplied was not a number\n")
    check(root, "getuuid -g x", "", "ID supplied was not a number\n"
          "Usage: dsmemberutil getuuid must have one flag and parameter\n", 22)


@pytest.mark.parametrize(
    ("line", "out", "err", "status"),
    [
        ("", "", USAGE, 0), ("-h", "", USAGE, 0), ("-vh", "", USAGE, 0), ("--help", USAGE, "", 0),
        ("-z", "", "dsmemberutil: illegal option -- z\n" + USAGE, 22),
        ("--help -v", "", "dsmemberutil: illegal option -- -\n" + USAGE, 22),
        ("frobnicate", "", USAGE, 3), ("-v", "", USAGE, 3),
        ("flushcache", "", "", 0), ("FlushCache", "", "", 0), ("dumpstate", "", "", 0),
        ("statistics", _STATISTICS, "", 0), ("statistics -f", "", "", 0),
        ("statistics -x", _STATISTICS, "dsmemberutil: illegal option -- x\n", 0),
    ],
)
def test_the_rest(root: Path, line: str, out: str, err: str, status: int) -> None:
    check(root, line, out, err, status)


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("getuuid -U ada",
         "Attempting to convert username to UUID\nConversion successful\n"
         f"Attempting to convert the UUID to a string\n{ADA}\n"),
        ("getuuid -G nosuch",
         "Attempting to convert groupname to UUID\nThere is no uuid for group nosuch\n"),
        ("getuuid -g 701",
         "Attempting to convert the gid to a UUID\nConversion successful\n"
         f"Attempting to convert the UUID to a string\n{DEVS}\n"),
        (f"getuuid -s {MACHINE}-2002",
         "Attempting to convert the string to a SID\n"
         f"Attempting to convert the UUID to a string\n{ADA}\n"),
        ("getid -U ada",
         "Attempting to convert username to UUID\nConversion successful\n"
         "Attempting to find the id for the UUID\nid was found\nuid: 501\n"),
        ("getid -S S-1-5-32-544",
         "Attempting to find the sid for the UUID\nAttempting to find the id for the UUID\n"
         "id was found\ngid: 80\n"),
        ("getsid -u 501",
         "Attempting to find the SID for the UUID\nAttempting to convert the SID to a string\n"
         f"{MACHINE}-2002\n"),
        ("checkmembership -U ada -G devs",
         "Attempting to convert username to UUID\nConversion successful\n"
         "Attempting to convert the groupname to a UUID\nuser is a member of the group\n"),
    ],
)
def test_verbose(root: Path, line: str, out: str) -> None:
    done = run(root, "dsmemberutil", "-v", *line.split())
    assert (done.stdout, done.stderr) == (out, "")
