"""Random command lines over small pools, so that the commands of one example meet each other."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.model.model import GROUPS, LONGEST_NAME, USERS
from tests.model.steps import Dscl, Dseditgroup, Step, Sysadminctl

#: Hypothesis shrinks towards the first, so the plain ones come first.
PLAIN = ["alice", "bob", "devs", "_nixbld1"]
AWKWARD = [
    "ALICE", "carol smith", "a:b", "a,b", "new\nline", "müller", "MÜLLER", "-dash", "+plus",
    "#hash", "a/b", "a%2Fb", "back\\slash", "501", " lead", "\tbob", "trail ", ".dot", "'quote\"",
    "root:*:0:0::/:/bin/sh", "日本", "n" * LONGEST_NAME, "n" * (LONGEST_NAME + 1),
]
BUILT_IN = ["Root", "www", "staff", "admin", "nobody"]

IDS = ["600", "601", "501", "-2", "4294967294", "4294967295", "4294967296", "0", "20", "0600",
       "-1", "-600", "6x", "", " 600", "99999999999", "²"]
UUIDS = ["0A1B2C3D-0000-4000-8000-00000000000F", "0a1b2c3d-0000-4000-8000-00000000000f",
         "ABCDEFAB-CDEF-ABCD-EFAB-CDEF00000050", "no-uuid", ""]
PATHS = ["/bin/zsh", "/Users/alice", "/bin/s:h", "/with space", "/new\nline", "", "relative"]
TEXTS = ["Alice Liddell", "a:b", "two\nlines", "x\nroot::0:0::/:/bin/sh", "", "Ünï", " x ", "*"]

#: A key under the names by which it is known, and what it is usually given; None: a name.
VALUES: dict[tuple[str, ...], list[str] | None] = {
    ("UniqueID", "uid"): IDS,
    ("PrimaryGroupID", "gid", "dsAttrTypeNative:gid"): IDS,
    ("NFSHomeDirectory", "home"): PATHS,
    ("UserShell", "shell", "dsAttrTypeStandard:UserShell"): PATHS,
    ("RealName", "realname"): TEXTS,
    ("GroupMembership", "users"): None,
    ("RecordName", "name"): None,
    ("GroupMembers", "groupmembers", "NestedGroups"): UUIDS,
    ("GeneratedUID", "generateduid"): UUIDS,
    ("IsHidden", "Comment", "RecordType"): TEXTS,
}
VERBS = ["create", "create", "append", "append", "merge", "change", "changei", "delete", "read"]

every_name = st.one_of(*map(st.sampled_from, (PLAIN, AWKWARD, AWKWARD, AWKWARD, BUILT_IN)))
kinds = st.sampled_from([USERS, GROUPS])
Names = st.SearchStrategy[str]


@st.composite
def keyed(draw: st.DrawFn, names: Names, least: int, most: int) -> tuple[str, list[str]]:
    """A key and some values that suit it."""
    keys = draw(st.sampled_from(list(VALUES)))
    suited = VALUES[keys]
    pool = names | st.just("") if suited is None else st.sampled_from(suited)
    # Nobody knows what a Mac answers to a change to a name that is too long.
    pool = pool.filter(lambda value: len(value) <= LONGEST_NAME)
    return draw(st.sampled_from(keys)), draw(st.lists(pool, min_size=least, max_size=most))


@st.composite
def dscl(draw: st.DrawFn, names: Names) -> Step:
    """A dscl command on one record."""
    verb, kind, name = draw(st.sampled_from(VERBS)), draw(kinds), draw(names)
    if verb == "read":
        return Dscl(verb, kind, name.replace("/", "-"))
    if verb in ("create", "delete") and draw(st.integers(0, 4)) == 4:
        return Dscl(verb, kind, name)
    least, most = {"change": (2, 2), "changei": (1, 1), "create": (0, 3), "delete": (0, 2)}.get(
        verb, (1, 2)
    )
    key, values = draw(keyed(names, least, most))
    if verb == "changei":
        values = [str(draw(st.integers(0, 3))), *values]
    if key == "RecordType":  # what the other verbs say of a computed attribute is not settled
        verb = "create"
    return Dscl(verb, kind, name, (key, *values))


@st.composite
def identity(draw: st.DrawFn, names: Names) -> Step:
    """An id that is likely to be somebody's, or the other half of what a line needs."""
    verb, kind = draw(st.sampled_from(["create", "create", "append", "merge"])), draw(kinds)
    key = draw(st.sampled_from(["UniqueID", "PrimaryGroupID"] if kind == USERS else ["gid"]))
    return Dscl(verb, kind, draw(names), (key, draw(st.sampled_from(IDS[:6]))))


@st.composite
def dseditgroup(draw: st.DrawFn, names: Names) -> Step:
    """A dseditgroup command, with any of its usual options."""
    operation = draw(st.sampled_from(["edit", "edit", "edit", "checkmember", "create", "delete"]))
    group = draw(names)
    if operation == "checkmember":
        return Dseditgroup(operation, group, (("-m", draw(names)),))
    if operation == "delete":
        return Dseditgroup(operation, group)
    acts = draw(st.lists(st.sampled_from(["-a", "-d", "-i", "-r", "-q"]), max_size=3, unique=True))
    gids = [gid for gid in IDS if gid.lstrip("-").isdecimal()]
    values = {"-a": names, "-d": names, "-i": st.sampled_from(gids), "-q": st.just(""),
              "-r": st.sampled_from(TEXTS)}
    options = [(option, draw(values[option])) for option in acts]
    if draw(st.integers(0, 3)) == 3:
        options.append(("-t", "group"))
    return Dseditgroup(operation, group, tuple(options))


@st.composite
def sysadminctl(draw: st.DrawFn, names: Names) -> Step:
    """A sysadminctl command that leaves homes alone."""
    name = draw(names)
    if draw(st.booleans()):
        return Sysadminctl("-deleteUser", name, (("-keepHome", ""),))
    options = draw(st.fixed_dictionaries({"-home": st.just("/Users/shared")}, optional={
        "-UID": st.sampled_from(["600", "601", "0"]), "-shell": st.sampled_from(PATHS[:4]),
        "-fullName": st.sampled_from(TEXTS), "-admin": st.just(""),
    }))
    return Sysadminctl("-addUser", name, tuple(options.items()))


def opening(cast: list[str]) -> list[Step]:
    """Two users and two groups that are complete enough for a line; the first is a member."""
    steps: list[Step] = []
    for number, name in zip(("600", "601"), cast, strict=False):
        steps += [Dscl("create", USERS, name, ("UniqueID", number)),
                  Dscl("create", USERS, name, ("PrimaryGroupID", "20")),
                  Dseditgroup("create", name, (("-i", number), ("-a", cast[0])))]
    return steps


@st.composite
def sequences(draw: st.DrawFn, most: int = 25) -> list[Step]:
    """5 to `most` commands about a few names, of which the first two may be made at once."""
    cast = draw(st.lists(every_name, min_size=2, max_size=5, unique=True))
    names = st.one_of(*map(st.sampled_from, (cast, cast[:2], cast, cast[:2])), every_name)
    begun = draw(st.sampled_from([0, 1, 2, 2, 2]))
    steps = opening(cast[:begun]) if begun else []
    usual = (dscl, dscl, identity, identity, dseditgroup, dseditgroup, sysadminctl)
    one = st.one_of(*(strategy(names) for strategy in usual))
    return steps + draw(st.lists(one, min_size=5, max_size=most - len(steps)))
