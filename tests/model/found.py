"""Sequences that every run tries: those that once showed a fault, and what was wrong there."""

from __future__ import annotations

from tests.model import commands
from tests.model.model import GROUPS, USERS
from tests.model.steps import Dscl, Dseditgroup, Step

UPPER = "0A1B2C3D-0000-4000-8000-00000000000F"


def user(name: str, uid: str = "600", gid: str = "20") -> list[Step]:
    """A user with what a line of passwd needs."""
    return [Dscl("create", USERS, name, ("UniqueID", uid)),
            Dscl("create", USERS, name, ("PrimaryGroupID", gid))]


# A C library passes over the white space before a name: " lead" came out as the user "lead", and
# the member " alice" made alice one.
LEADING_SPACE = [
    *user("alice"), *user(" lead", "601"), *user("\tbob", "602"),
    Dscl("create", GROUPS, "devs", ("PrimaryGroupID", "600")),
    Dscl("append", GROUPS, "devs", ("GroupMembership", " alice", "bob")),
    Dscl("create", GROUPS, " lead", ("PrimaryGroupID", "601")),
]

# A group without a gid was in the way of every -i whose value is no 32-bit number.
GID_THAT_IS_NONE = [
    Dscl("create", GROUPS, "devs"),
    Dseditgroup("create", "alice", (("-i", "4294967296"),)),
]

# Of two groups with such a gid the second was not made at all, instead of without a gid; and an
# edit to the gid that the group has was no error.
GID_THAT_IS_NONE_TWICE = [
    Dseditgroup("create", "alice", (("-i", "4294967296"),)),
    Dseditgroup("create", "devs", (("-i", "4294967296"), ("-r", "Developers"))),
    Dseditgroup("edit", "alice", (("-i", "4294967296"),)),
]

# checkmember compared the digits of two gids, libc and id(1) compare the numbers.
GIDS_OF_ANOTHER_SPELLING = [
    *user("alice", gid="600"), Dscl("create", GROUPS, "devs", ("gid", "0600")),
    Dseditgroup("checkmember", "devs", (("-m", "alice"),)),
    Dscl("create", USERS, "alice", ("gid", "4294967294")),
    Dseditgroup("checkmember", "nobody", (("-m", "alice"),)),
]

# -a and -d looked for a UUID in the letters in which the user has it, checkmember in any.
UUID_OF_ANOTHER_CASE = [
    *user("alice"), Dscl("create", USERS, "alice", ("GeneratedUID", UPPER)),
    Dscl("create", GROUPS, "devs", ("GroupMembers", UPPER.lower())),
    Dseditgroup("edit", "devs", (("-a", "alice"),)),
    Dseditgroup("edit", "devs", (("-d", "alice"),)),
    Dseditgroup("checkmember", "devs", (("-m", "alice"),)),
]

# Apple's client library takes the empty value for one that is never there.
EMPTY_VALUES_MERGED = [*user("alice"), Dscl("merge", USERS, "alice", ("Comment", "", ""))]

# Both had the file a%2Fb.plist, and one of the two users was lost.
FILES_OF_ONE_NAME = [*user("a/b"), *user("a%2Fb", "601"), Dscl("create", USERS, "a/b", ("home",))]

# Not faults, but what no run is to leave out: every awkward name, text and number once.
EVERY_NAME = [
    step
    for uid, name in enumerate(commands.AWKWARD, 600)
    for step in (*user(name, str(uid)), Dseditgroup("create", name, (("-i", str(uid)),)),
                 Dscl("append", GROUPS, "staff", ("GroupMembership", name)))
]
EVERY_TEXT = [
    *user("alice"),
    *(Dscl("create", USERS, "alice", (key, text))
      for key in ("RealName", "NFSHomeDirectory", "UserShell")
      for text in (*commands.PATHS, *commands.TEXTS)),
]
INJECTION = [
    *user("alice"), *(Dscl("create", USERS, "alice", (key, "x\nroot::0:0::/:/bin/sh"))
                      for key in ("RealName", "NFSHomeDirectory", "UserShell")),
    *user("bob", "601"), *(Dscl("create", USERS, "bob", (key, "/x:y"))
                           for key in ("RealName", "NFSHomeDirectory", "UserShell")),
]
EVERY_ID = [
    step
    for number, id in enumerate(commands.IDS)
    for step in (*user(f"u{number}", id, id), Dscl("create", GROUPS, f"g{number}", ("gid", id)),
                 Dscl("append", USERS, f"u{number}", ("UniqueID", str(700 + number))))
]

CASES = {
    "leading space": LEADING_SPACE,
    "gid that is none": GID_THAT_IS_NONE,
    "gid that is none, twice": GID_THAT_IS_NONE_TWICE,
    "gids spelled otherwise": GIDS_OF_ANOTHER_SPELLING,
    "UUID of another case": UUID_OF_ANOTHER_CASE,
    "empty values merged": EMPTY_VALUES_MERGED,
    "files of one name": FILES_OF_ONE_NAME,
    "every name": EVERY_NAME,
    "every text": EVERY_TEXT,
    "injection": INJECTION,
    "every id": EVERY_ID,
}
