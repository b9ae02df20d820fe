"""dsimport, whole: what a file of records makes of the directory."""

from __future__ import annotations

import base64
import os
import plistlib
from pathlib import Path

import pytest

from dirserv import __version__
from dirserv.dsimport.main import LARGEST_FILE
from dirserv.dsimport.options import USAGE
from dirserv.names import MASTER_PASSWORD, SHADOW_HASH, STANDARD_TYPE, USERS, qualified
from dirserv.passwords import SHADOW_AUTHORITY, shadow_hash
from tests.support import directory, passwd_entries, put, run

HEAD = "0x0A 0x5C 0x3A 0x2C dsRecTypeStandard:"
BAD_NAMES = "Users not imported because of bad short names"


def users(*columns: str) -> str:
    """A description line for users."""
    return f"{HEAD}Users {len(columns)} {' '.join(columns)}\n"


def groups(*columns: str) -> str:
    """A description line for groups."""
    return f"{HEAD}Groups {len(columns)} {' '.join(columns)}\n"


def load(root: Path, content: str | bytes, mode: str = "M", *options: str) -> dict[str, list[str]]:
    """Import a file; expects success and silence, returns the lists of the output file."""
    data = content.encode() if isinstance(content, str) else content
    (root / "import").write_bytes(data)
    done = run(root, "dsimport", "/import", "/Local/Default", mode,
               "--outputfile", "/result", *options)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    return plistlib.loads((root / "result").read_bytes())


def values(root: Path, path: str, *keys: str) -> list[list[str]] | None:
    """The values of a record's attributes; None if there is no record."""
    kind, _, name = path.partition("/")
    record = directory(root).find(STANDARD_TYPE + kind, name)
    return record and [record.values(qualified(key)) for key in keys]


def secrets(root: Path, name: str) -> dict:
    """The secret attributes of a user."""
    where = directory(root)
    return where.secrets(where.find(USERS, name))


def lists(**changed: list[str]) -> dict[str, list[str]]:
    """The whole content of an output file."""
    empty = {key: [] for key in ("Deleted", "Failed", "Groups", "Succeeded", "Users", BAD_NAMES)}
    return {**empty, **changed}


# -- the file ------------------------------------------------------------------------------------

def test_a_user_with_everything(root: Path) -> None:
    text = users("dsAttrTypeStandard:RecordName", "UniqueID", "PrimaryGroupID", "RealName",
                 "NFSHomeDirectory", "UserShell", "dsAttrTypeNative:IsHidden")
    result = load(root, text + "ada,lovelace:501:20:Ada \\: Ex\\,am\\\\ple:/Users/ada:/bin/zsh:1\n")
    assert result == lists(Succeeded=["ada"], Users=["ada"])
    assert values(root, "Users/ada", "RecordName", "UniqueID", "PrimaryGroupID", "RealName",
                  "NFSHomeDirectory", "UserShell", "IsHidden") == [
        ["ada", "lovelace"], ["501"], ["20"], ["Ada : Ex,am\\ple"], ["/Users/ada"], ["/bin/zsh"],
        ["1"],
    ]
    assert passwd_entries(root)["ada"][2:] == ["501", "20", "Ada   Ex,am\\ple", "/Users/ada",
                                               "/bin/zsh"]


@pytest.mark.parametrize(
    "text",
    [
        groups("RecordName", "GroupMembership") + "devs:ada,bob",
        "# made by hand\n\n" + groups("RecordName", "GroupMembership") + "# none\n\ndevs:ada,bob\n",
        (groups("RecordName", "GroupMembership") + "devs:ada,bob\n").replace("\n", "\r\n"),
        "\ufeff" + groups("RecordName", "GroupMembership") + "devs:ada,bob\n",
        "0x0A 0x5c 0x3a 0x2c DSRecTypeStandard:Groups 2 RecordName GroupMembership \ndevs:ada,bob",
        "0x0A 0x5C 0x3A 0x2C groups 2 RecordName GroupMembership\ndevs:ada,bob\n",
        "0x23 0x7E 0x7C 0x3B dsRecTypeStandard:Groups 2 RecordName GroupMembership\n"
        "devs|ada;bob#",
        groups("RecordName", "IGNORE", "GroupMembership", "RecordType")
        + "devs:what:ada,bob:dsRecTypeStandard:Users".replace("d:U", "d\\:U"),
        groups("RecordName", "GroupMembership", "Comment") + "devs:ada,,bob,\n",
        groups("RecordName", "base64:GroupMembership") + "devs:YWRh,Ym9i\n",
    ],
    ids=["plain", "comments", "dos", "bom", "old-guide", "native-type", "other-separators",
         "ignored", "empty-values", "base64"],
)
def test_forms_of_one_group(root: Path, text: str) -> None:
    assert load(root, text) == lists(Succeeded=["devs"], Groups=["devs"])
    assert values(root, "Groups/devs", "RecordName", "GroupMembership", "Comment",
                  "RecordType") == [["devs"], ["ada", "bob"], [], []]


def test_escaped_ends_of_records(root: Path) -> None:
    text = users("RecordName", "Comment") + "ada:one\\\ntwo\nbob:three\\\\\ncy:four\\"
    assert load(root, text)["Succeeded"] == ["ada", "bob", "cy"]
    assert [values(root, f"Users/{name}", "Comment") for name in ("ada", "bob", "cy")] == [
        [["one\ntwo"]], [["three\\"]], [["four\\"]],
    ]


def test_several_descriptions_in_one_file(root: Path) -> None:
    text = "StandardUserRecord\nada:*:501:20:Ada::\nStandardGroupRecord\ndevs:*:701:ada\n"
    result = load(root, text)
    assert result == lists(Succeeded=["ada", "devs"], Users=["ada"], Groups=["devs"])
    assert values(root, "Users/ada", "Password", "RealName", "UserShell") == [["*"], ["Ada"], []]
    assert values(root, "Groups/devs", "Password", "PrimaryGroupID") == [["*"], ["701"]]


@pytest.mark.parametrize(
    "options",
    [["--template", "StandardGroup"], ["--template", "xDSStandardGroup"], ["-T", "StandardGroup"],
     ["--recordformat", groups("RecordName", "Password", "PrimaryGroupID", "GroupMembership")]],
)
def test_a_file_without_description(root: Path, options: list[str]) -> None:
    assert load(root, "devs:*:701:ada,bob\n", "M", *options)["Groups"] == ["devs"]
    assert values(root, "Groups/devs", "GroupMembership") == [["ada", "bob"]]


def test_binary_values(root: Path) -> None:
    picture = bytes(range(256))
    (root / "ada.jpg").write_bytes(picture)
    text = users("RecordName", "externalbinary:dsAttrTypeStandard:JPEGPhoto", "base64:Picture")
    load(root, text + f"ada:/ada.jpg:{base64.b64encode(picture).decode()}\n")
    record = directory(root).find(USERS, "ada")
    assert record.attributes[qualified("JPEGPhoto")] == [picture]
    assert record.attributes[qualified("Picture")] == [picture]


@pytest.mark.parametrize(
    ("record", "failed", "reason"),
    [
        ("bad:x:%%%", "bad", "dsAttrTypeStandard:Comment: a value is not base64"),
        ("bad:x:YQ", "bad", "dsAttrTypeStandard:Comment: a value is not base64"),
        ("bad:x:YQ==:more", "bad", "4 fields, but the description names 3"),
        (":x:YQ==", "", "it has no RecordName, or one with a NUL in it"),
        ("bad\0:x:YQ==", "bad\0", "it has no RecordName, or one with a NUL in it"),
    ],
)
def test_one_bad_record_does_not_stop_the_others(
    root: Path, record: str, failed: str, reason: str
) -> None:
    text = groups("RecordName", "RealName", "base64:Comment") + f"one:1:YQ==\n{record}\ntwo:2\n"
    (root / "import").write_text(text)
    done = run(root, "dsimport", "/import", ".", "I", "--loglevel", "1")
    assert (done.stdout, done.returncode) == ("", 0)
    assert done.stderr == f"dsimport: {failed or 'a record'}: {reason}\n"
    assert values(root, "Groups/one", "Comment") == [["a"]]
    assert values(root, "Groups/two", "RealName") == [["2"]]
    assert values(root, "Groups/bad") is None


@pytest.mark.parametrize("path", ["/nosuch", "/private", "/pipe"])
def test_a_file_that_a_record_names_and_that_is_none(root: Path, path: str) -> None:
    os.mkfifo(root / "pipe")
    result = load(root, users("RecordName", "externalbinary:JPEGPhoto") + f"ada:{path}\n")
    assert result == lists(Failed=["ada"])
    assert values(root, "Users/ada") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file holds no record description"),
        ("# only\n", "the file holds no record description"),
        ("ada:501\n", "the first line is no record description: four separators like 0x0A, a "
                      "record type, a number and attribute names"),
        (HEAD + "Users 3 RecordName UniqueID\n", "the description says 3 attributes and names 2"),
        (HEAD + "Users x RecordName UniqueID\n", "the description says x attributes and names 2"),
        (HEAD + "Nonsense 1 RecordName\n",
         "the local node has no record type dsRecTypeStandard:Nonsense"),
        ("0x0A 0x3A 0x3A 0x2C Users 1 RecordName\n",
         "two of the separators are the same character"),
        ("0x0A 0x5C 0xZZ 0x2C Users 1 RecordName\n", "0xZZ is no separator; write one like 0x0A"),
        ("0x0A 0x5C 0xE9 0x2C Users 1 RecordName\n",
         "the separator 0xE9 is no ASCII character"),
        (b"\xff\xfe0\0x\0", "the file is not UTF-8 text (byte 0)"),
        ("<?xml version='1.0'?>\n<plist/>\n",
         "the first line is no record description: four separators like 0x0A, a "
         "record type, a number and attribute names"),
    ],
)
def test_files_that_are_none(root: Path, content: str | bytes, said: str) -> None:
    (root / "import").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = run(root, "dsimport", "/import", ".", "I")
    assert (done.stdout, done.stderr, done.returncode) == ("", f"dsimport: {said}\n", 65)


@pytest.mark.parametrize("name", ["/nosuch", "/private", "/pipe", "/huge"])
def test_files_that_cannot_be_opened(root: Path, name: str) -> None:
    os.mkfifo(root / "pipe")
    with open(root / "huge", "wb") as file:
        file.truncate(LARGEST_FILE + 1)  # sparse
    done = run(root, "dsimport", name, ".", "I")
    assert (done.stdout, done.stderr, done.returncode) == (
        "", f"Unable to open import file '{name}'\n", 65)


def test_standard_input(root: Path) -> None:
    text = users("RecordName", "UniqueID") + "ada:501\n"
    done = run(root, "dsimport", "/dev/stdin", "/Local/Default", "I", stdin=text)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert values(root, "Users/ada", "UniqueID") == [["501"]]


# -- the modes -----------------------------------------------------------------------------------

@pytest.fixture
def ada(root: Path) -> Path:
    """A root with one user and one group."""
    put(root, "Users/ada", {
        "RecordName": ["ada", "lovelace"], "UniqueID": ["501"], "PrimaryGroupID": ["20"],
        "RealName": ["Ada"], "Comment": ["old"], "GeneratedUID": ["A"], "Keywords": ["k"],
    })
    put(root, "Groups/devs", {"PrimaryGroupID": ["701"], "GroupMembership": ["ada"]})
    return root


@pytest.mark.parametrize(
    ("mode", "record", "result", "comment", "keywords"),
    [
        # the same name
        ("O", "ada:501:X:new", lists(Succeeded=["ada"], Users=["ada"], Deleted=["ada"]),
         ["new"], []),
        ("M", "ada:501:X:new", lists(Succeeded=["ada"], Users=["ada"]), ["new"], ["k"]),
        ("I", "ada:502:X:new", lists(Failed=["ada"]), ["old"], ["k"]),
        ("A", "ada:501:X:new,old", lists(Succeeded=["ada"], Users=["ada"]), ["old", "new"], ["k"]),
        ("N", "ada:502:X:new", lists(Failed=["ada"]), ["old"], ["k"]),
        # an alias
        ("M", "lovelace:501:X:new", lists(Succeeded=["lovelace"], Users=["lovelace"]),
         ["new"], ["k"]),
        ("I", "Lovelace:502:X:new", lists(Failed=["Lovelace"]), ["old"], ["k"]),
        # only the same id or full name
        ("M", "eve:501:X:new", lists(Failed=["eve"]), ["old"], ["k"]),
        ("I", "eve:501:X:new", lists(Failed=["eve"]), ["old"], ["k"]),
        ("I", "eve:502:ADA:new", lists(Failed=["eve"]), ["old"], ["k"]),
        ("N", "eve:501:X:new", lists(Failed=["eve"]), ["old"], ["k"]),
        ("A", "eve:502:X:new", lists(Failed=["eve"]), ["old"], ["k"]),
    ],
)
def test_a_record_that_is_there(
    ada: Path, mode: str, record: str, result: dict[str, list[str]],
    comment: list[str], keywords: list[str],
) -> None:
    text = users("RecordName", "UniqueID", "RealName", "Comment") + record + "\n"
    assert load(ada, text, mode) == result
    assert values(ada, "Users/ada", "Comment", "Keywords") == [comment, keywords]
    assert values(ada, "Users/eve") is None


@pytest.mark.parametrize("mode", ["O", "M", "I", "N"])
def test_a_record_that_is_not_there(ada: Path, mode: str) -> None:
    result = load(ada, users("RecordName", "UniqueID", "GeneratedUID") + "eve:502:E\n", mode)
    assert result == lists(Succeeded=["eve"], Users=["eve"])
    assert values(ada, "Users/eve", "UniqueID", "PrimaryGroupID", "GeneratedUID", "Password",
                  "UserShell", "NFSHomeDirectory") == [["502"], ["20"], ["E"], ["********"], [], []]


@pytest.mark.parametrize("record", ["eve:501:E", "eve:4294967797:E", "eve:502:a"])
def test_overwriting_who_has_the_id(ada: Path, record: str) -> None:
    result = load(ada, users("RecordName", "UniqueID", "GeneratedUID") + record + "\n", "O")
    if "4294967797" in record:  # no 32 bit number: somebody else's id
        assert result["Deleted"] == []
    else:
        assert result == lists(Deleted=["ada"], Succeeded=["eve"], Users=["eve"])
        assert values(ada, "Users/ada") is None
        assert "ada" not in passwd_entries(ada)


def test_names_are_only_added(ada: Path) -> None:
    load(ada, users("RecordName", "UniqueID") + "ada,countess:501\n", "M")
    assert values(ada, "Users/countess", "RecordName") == [["ada", "lovelace", "countess"]]
    load(ada, users("RecordName") + "lovelace,augusta\n", "A")
    assert values(ada, "Users/ada", "RecordName") == [["ada", "lovelace", "countess", "augusta"]]


def test_a_failed_record_leaves_nothing_behind(ada: Path) -> None:
    put(ada, "Users/bob", {"UniqueID": ["502"], "PrimaryGroupID": ["20"]})
    before = run(ada, "dscl", ".", "-readall", "/Users", "RecordName", "UniqueID", "Comment",
                 "RealName").stdout
    text = users("RecordName", "Comment", "RealName", "base64:dsAttrTypeNative:ShadowHashData",
                 "UniqueID")
    result = load(ada, text + "ada:new:new:YQ==:502\ncy:new:new:YQ==:502\n", "M")
    assert result == lists(Failed=["ada", "cy"])
    after = run(ada, "dscl", ".", "-readall", "/Users", "RecordName", "UniqueID", "Comment",
                "RealName").stdout
    assert after == before
    assert secrets(ada, "ada") == {}


def test_an_overwrite_that_fails_brings_everything_back(ada: Path) -> None:
    put(ada, "Users/bob", {"UniqueID": ["502"], "PrimaryGroupID": ["20"]})
    run(ada, "dscl", ".", "-passwd", "/Users/ada", "secret")
    kept = secrets(ada, "ada")
    text = users("RecordName", "UniqueID", "PasswordPolicyOptions", "Password")
    result = load(ada, text + "ada:502:minChars=9:short\n", "O")
    assert result == lists(Failed=["ada"])
    assert values(ada, "Users/lovelace", "RecordName", "UniqueID", "Comment", "Keywords") == [
        ["ada", "lovelace"], ["501"], ["old"], ["k"]]
    assert values(ada, "Users/bob", "UniqueID") == [["502"]]
    assert secrets(ada, "ada") == kept and SHADOW_HASH in kept
    assert passwd_entries(ada)["ada"][2] == "501" and passwd_entries(ada)["bob"][2] == "502"


def test_groups_by_their_gid(ada: Path) -> None:
    result = load(ada, groups("RecordName", "PrimaryGroupID") + "makers:701\n", "I")
    assert result == lists(Failed=["makers"])
    result = load(ada, groups("RecordName", "PrimaryGroupID") + "makers:701\n", "O")
    assert result == lists(Deleted=["devs"], Succeeded=["makers"], Groups=["makers"])


# -- what is new in a record ---------------------------------------------------------------------

def test_ids_that_the_file_lacks(root: Path) -> None:
    put(root, "Users/taken", {"UniqueID": ["1025"], "PrimaryGroupID": ["20"]})
    result = load(root, users("RecordName", "UniqueID") + "a:\nb\nc:1027\nd:\n", "I")
    assert result["Succeeded"] == ["a", "b", "c", "d"]
    ids = [values(root, f"Users/{name}", "UniqueID")[0][0] for name in "abcd"]
    assert ids == ["1026", "1028", "1027", "1029"]
    load(root, groups("RecordName") + "g\n", "I", "--startid", "2000")
    assert values(root, "Groups/g", "PrimaryGroupID") == [["2000"]]
    load(root, users("RecordName") + "e\n", "I", "--startid", "1024", "--groupid", "80")
    assert values(root, "Users/e", "UniqueID", "PrimaryGroupID") == [["1024"], ["80"]]


def test_other_types_have_no_id(root: Path) -> None:
    result = load(root, f"{HEAD}Mounts 2 RecordName VFSType\nserver:nfs\n")
    assert result == lists(Succeeded=["server"])
    assert values(root, "Mounts/server", "VFSType", "UniqueID", "PrimaryGroupID") == [
        ["nfs"], [], []]


@pytest.mark.parametrize("name", ["bad name", "a/b", "ä", "a+b"])
def test_bad_short_names(root: Path, name: str) -> None:
    assert load(root, users("RecordName") + f"{name}\n") == lists(
        Failed=[name], **{BAD_NAMES: [name]})
    assert load(root, groups("RecordName") + f"{name}\n")["Succeeded"] == [name]


def test_an_over_long_name_is_silently_not_there(root: Path) -> None:
    assert load(root, users("RecordName") + "x" * 245 + "\n") == lists()
    assert load(root, users("RecordName") + "x" * 244 + "\n")["Succeeded"] == ["x" * 244]


def test_forced_values_and_types(root: Path) -> None:
    load(root, users("RecordName", "UserShell") + "ada:/bin/sh\nbob\n", "I",
         "--force", "UserShell", "/bin/zsh", "--force", "IsHidden", "1")
    for name in ("ada", "bob"):
        assert values(root, f"Users/{name}", "UserShell", "IsHidden") == [["/bin/zsh"], ["1"]]
    load(root, f"{HEAD}ComputerGroups 1 RecordName\nroom\n", "I",
         "--recordtype", "dsRecTypeStandard:ComputerLists")
    assert values(root, "ComputerLists/room", "RecordName") == [["room"]]


# -- passwords -----------------------------------------------------------------------------------

def authonly(root: Path, name: str, password: str) -> int:
    return run(root, "dscl", ".", "-authonly", name, password).returncode


@pytest.mark.parametrize("existing", [True, False])
def test_a_shadow_hash_lets_its_password_in(root: Path, existing: bool) -> None:
    """What Chef and Puppet do to set a password."""
    if existing:
        put(root, "Users/ada", {"UniqueID": ["501"], "PrimaryGroupID": ["20"]})
    data = shadow_hash("secret")
    text = users("dsAttrTypeStandard:RecordName", "base64:dsAttrTypeNative:ShadowHashData")
    load(root, text + f"ada:{base64.b64encode(data).decode()}\n")
    assert secrets(root, "ada") == {SHADOW_HASH: [data]}
    assert values(root, "Users/ada", "AuthenticationAuthority") == [[SHADOW_AUTHORITY]]
    assert (authonly(root, "ada", "secret"), authonly(root, "ada", "wrong")) == (0, 10)


def test_a_shadow_hash_in_text_form_stays_bytes(root: Path) -> None:
    data = plistlib.dumps(plistlib.loads(shadow_hash("secret")))
    load(root, users("RecordName", "base64:dsAttrTypeNative:ShadowHashData",
                     "AuthenticationAuthority")
         + f"ada:{base64.b64encode(data).decode()}:;DisabledTags;SecureToken\n")
    assert secrets(root, "ada") == {SHADOW_HASH: [data]}
    assert values(root, "Users/ada", "AuthenticationAuthority") == [
        [SHADOW_AUTHORITY, ";DisabledTags;SecureToken"]]
    assert authonly(root, "ada", "secret") == 0


def test_a_password_in_clear(root: Path) -> None:
    load(root, users("RecordName", "Password", "AuthMethod")
         + "ada:se\\:cret:dsAuthMethodStandard\\:dsAuthClearText\n")
    assert values(root, "Users/ada", "Password", "AuthMethod") == [["********"], []]
    assert authonly(root, "ada", "se:cret") == 0


@pytest.mark.parametrize("mark", ["*", "********"])
def test_marks_that_are_no_passwords(root: Path, mark: str) -> None:
    load(root, users("RecordName", "Password") + f"ada:{mark}\n")
    assert values(root, "Users/ada", "Password", "AuthenticationAuthority") == [[mark], []]
    assert authonly(root, "ada", mark) == 11


@pytest.mark.parametrize(
    ("password", "options"),
    [("{CRYPT}xxuD1aQo", []), ("xxuD1aQo", ["--crypt"]), ("{CRYPT}xxuD1aQo", ["--crypt"])],
)
def test_crypt_hashes(root: Path, password: str, options: list[str]) -> None:
    load(root, users("RecordName", "Password") + f"ada:{password}\n", "I", *options)
    assert secrets(root, "ada") == {MASTER_PASSWORD: ["xxuD1aQo::0:0"]}
    assert values(root, "Users/ada", "Password") == [["********"]]
    master = (root / "private/etc/master.passwd").read_text()
    assert "ada:xxuD1aQo:1025:20::0:0::/var/empty:/usr/bin/false\n" in master
    assert "xxuD1aQo" not in (root / "private/etc/passwd").read_text()


def test_a_crypt_hash_that_is_none(root: Path) -> None:
    text = users("RecordName", "Password") + "ada:{CRYPT}a\\:b\n"
    assert load(root, text) == lists(Failed=["ada"])
    assert values(root, "Users/ada") is None


# -- the command line ----------------------------------------------------------------------------

@pytest.mark.parametrize(
    ("line", "out", "err", "status"),
    [
        ("--help", USAGE, "", 0), ("--version", f"dsimport {__version__}\n", "", 0),
        ("", "", USAGE, 64), ("/import .", "", USAGE, 64), ("/import . M more", "", USAGE, 64),
        ("--help more", "", "dsimport: unknown option --help; see dsimport --help\n", 64),
        ("/import . X", "", "dsimport: X is not one of the modes O, M, I, A, N\n", 64),
        ("/import . m", "", "dsimport: m is not one of the modes O, M, I, A, N\n", 64),
        ("/import . M --frob", "", "dsimport: unknown option --frob; see dsimport --help\n", 64),
        ("/import . M --outputfile", "", "dsimport: --outputfile needs 1 more argument(s)\n", 64),
        ("/import . M --force a", "", "dsimport: --force needs 2 more argument(s)\n", 64),
        ("/import . M --startid 500", "", "--startid must be 1024 or greater\n", 64),
        ("/import . M --startid x", "", "dsimport: --startid needs a number, not x\n", 64),
        ("/import . M --groupid 20x", "", "dsimport: --groupid needs a number, not 20x\n", 64),
        ("/import . M --template Foo", "", "dsimport: there is no template Foo\n", 64),
        ("/import . M --userpreset x", "",
         "dsimport: --userpreset cannot be used: the local node has no presets\n", 64),
        ("/import . M --remotehost x", "",
         "dsimport: --remotehost cannot be used: only the local node can be reached\n", 64),
        ("-s /import . M", "", "dsimport: XML files cannot be imported, only delimited text\n", 64),
        ("/import /LDAPv3/host M", "", "dsimport: there is no node /LDAPv3/host here\n", 69),
        ("/import . M --recordtype Foo", "",
         "dsimport: the local node has no record type Foo\n", 65),
        ("/import . M --outputfile /no/such/place", "",
         "dsimport: imported, but /no/such/place cannot be written: No such file or directory\n",
         73),
    ],
)
def test_command_lines(root: Path, line: str, out: str, err: str, status: int) -> None:
    (root / "import").write_text(users("RecordName") + "ada\n")
    done = run(root, "dsimport", *line.split())
    assert (done.stdout, done.stderr, done.returncode) == (out, err, status)
    assert (values(root, "Users/ada") is not None) == (status == 73)


def test_the_form_of_10_5(root: Path) -> None:
    (root / "import").write_text("ada:*:::Ada::\n")
    done = run(root, "dsimport", "-g", "/import", "/Local/Default", "I",
               "-T", "xDSStandardUser", "-s", "3000", "-r", "80")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert values(root, "Users/ada", "UniqueID", "PrimaryGroupID") == [["3000"], ["80"]]


@pytest.mark.parametrize("node", [".", "/Local/Default", "/Local", "/Search"])
def test_nodes(root: Path, node: str) -> None:
    (root / "import").write_text(users("RecordName") + "ada\n")
    done = run(root, "dsimport", "/import", node, "I")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert values(root, "Users/ada", "UniqueID") == [["1025"]]


@pytest.mark.parametrize(
    ("name", "password", "err", "status"),
    [
        ("boss", "secret", "", 0),
        ("boss", "wrong", "dsimport: boss is not authenticated: eDSAuthFailed (-14090)\n", 77),
        ("nosuch", "x", "dsimport: nosuch is not authenticated: eDSAuthFailed (-14090)\n", 77),
    ],
)
def test_credentials(root: Path, name: str, password: str, err: str, status: int) -> None:
    put(root, "Users/boss", {"UniqueID": ["501"], "PrimaryGroupID": ["20"]})
    run(root, "dscl", ".", "-passwd", "/Users/boss", "secret")
    (root / "import").write_text(users("RecordName") + "ada\n")
    for options in (["--username", name, "--password", password], ["-u", name, "-p", password]):
        done = run(root, "dsimport", "/import", ".", "M", *options)
        assert (done.stdout, done.stderr, done.returncode) == ("", err, status)
    assert (values(root, "Users/ada") is None) == (status != 0)


def test_who_may_not_write(root: Path) -> None:
    (root / "import").write_text(users("RecordName") + "ada\n")
    done = run(root, "dsimport", "/import", ".", "M", "--outputfile", "/result",
               env={"DIRSERV_EUID": "501"})
    assert (done.stdout, done.stderr, done.returncode) == (
        "", "dsimport: eDSPermissionError (-14120)\n", 77)
    assert values(root, "Users/ada") is None and not (root / "result").exists()


def test_the_output_file_is_written_whole(root: Path) -> None:
    (root / "result").write_text("x" * 10_000)
    load(root, users("RecordName") + "ada\n")
    text = (root / "result").read_text()
    assert text == """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" \
"http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Deleted</key>
	<array/>
	<key>Failed</key>
	<array/>
	<key>Groups</key>
	<array/>
	<key>Succeeded</key>
	<array>
		<string>ada</string>
	</array>
	<key>Users</key>
	<array>
		<string>ada</string>
	</array>
	<key>Users not imported because of bad short names</key>
	<array/>
</dict>
</plist>
"""


def test_an_empty_import_changes_nothing(root: Path) -> None:
    before = (root / "private/var/db/dirserv.snapshot").read_bytes()
    assert load(root, users("RecordName")) == lists()
    assert (root / "private/var/db/dirserv.snapshot").read_bytes() == before
