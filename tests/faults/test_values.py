"""Hostile values in every command that writes: the real error or a clear sentence, nothing lost,
and nobody else's line changed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dirserv.names import GROUPS, MEMBERSHIP, REAL_NAME, UNIQUE_ID, USERS
from tests.faults import whole
from tests.faults.conftest import Stepper
from tests.support import CHECKOUT, directory, passwd_entries

#: What stands for the hostile value below.
V = "\0VALUE\0"
EVIL = "evil:*:0:0:Evil:/:/bin/sh"

VALUES = {
    "newline": f"x\n{EVIL}",
    "newline first": f"\n{EVIL}",
    "colon": "x:*:0:0::/:/bin/sh",
    "NUL": f"x\0\n{EVIL}",
    "only NUL": "\0",
    "CR": f"x\r{EVIL}",
    "CRLF": f"x\r\n{EVIL}\r\n",
    "other line ends": f"x\x85{EVIL}\u2028{EVIL}\x0b{EVIL}\x0c{EVIL}\x1c{EVIL}",
    "invalid UTF-8": "x\udcff\udc80",
    "half of a pair": "x\udced\udca0\udc80",
    "comma": "victim,evil,other",
    "1 MB": "v" * (1 << 20),
    "1 MB of lines": f"{EVIL}\n" * 40_000,
    "a long name": "n" * 245,
    "as long as may be": "n" * 244,
    "ANSI": "\x1b[2J\x1b]0;title\x07\x1b[31mroot",
    "backspaces": "evil\b\b\b\broot",
    "upwards": "../../../../../../etc/passwd",
    "upwards once": "..",
    "dot": ".",
    "absolute": "/etc/passwd",
    "slashes": "a/b/c",
    "escaped slash": "a%2Fb",
    "escaped upwards": "%2e%2e%2fpasswd",
    "backslash": "a\\/b\\",
    "another case": "VICTIM",
    "composed": "m\u00fcller",
    "decomposed": "mu\u0308ller",
    "zero width": "ro\u200bot",
    "right to left": "\u202etoor",
    "full width": "\uff52\uff4f\uff4f\uff54",
    "option": "-delete",
    "options": "--",
    "help": "--help",
    "dash": "-",
    "NIS": "+::0:0:::",
    "comment": "#root",
    "blank": " root",
    "empty": "",
    "negative": "-1",
    "most negative": "-2147483649",
    "2^31": "2147483648",
    "2^32": "4294967296",
    "2^32-2": "4294967294",
    "2^64": "18446744073709551616",
    "zero padded": "00",
    "hex": "0x0",
    "other digits": "\u0660",
    "exponent": "1e3",
    "format": "%s%n{0}$(id)`id`;id",
    "SQL": "x'; DELETE FROM record; --",
}

#: With these the default run is content.
QUICK = ("newline", "invalid UTF-8", "upwards")

_DSCL = ["dscl", "."]
COMMANDS: dict[str, list[str]] = {
    "create user": [*_DSCL, "-create", f"/Users/{V}"],
    "create user with key": [*_DSCL, "-create", f"/Users/{V}", "UniqueID", "4711"],
    "create group": [*_DSCL, "-create", f"/Groups/{V}", "PrimaryGroupID", "4711"],
    "create path": [*_DSCL, "-create", V, "RealName", V],
    "create below": [*_DSCL, "-create", "/Users", V],
    **{f"create {key}": [*_DSCL, "-create", "/Users/victim", key, V] for key in (
        "RealName", "RecordName", "UserShell", "NFSHomeDirectory", "UniqueID", "PrimaryGroupID",
        "GeneratedUID", "Password", "Picture", "dsAttrTypeNative:master_passwd",
        "dsAttrTypeNative:ShadowHashData")},
    **{f"group {key}": [*_DSCL, "-create", "/Groups/crowd", key, V] for key in (
        "RealName", "RecordName", "PrimaryGroupID", "GroupMembership", "GroupMembers")},
    "create key": [*_DSCL, "-create", "/Users/victim", V, V],
    "append": [*_DSCL, "-append", "/Groups/crowd", "GroupMembership", V, V],
    "append name": [*_DSCL, "-append", "/Users/victim", "RecordName", V],
    "merge": [*_DSCL, "-merge", "/Groups/crowd", "GroupMembership", V, "victim"],
    "change": [*_DSCL, "-change", "/Users/victim", "RealName", "Victim", V],
    "change from": [*_DSCL, "-change", "/Users/victim", "RealName", V, "Victim"],
    "changei": [*_DSCL, "-changei", "/Users/victim", "RealName", V, V],
    "rename": [*_DSCL, "-change", "/Users/victim", "RecordName", "victim", V],
    "delete value": [*_DSCL, "-delete", "/Users/victim", "RealName", V],
    "delete key": [*_DSCL, "-delete", "/Users/victim", V],
    "delete user": [*_DSCL, "-delete", f"/Users/no{V}"],
    "createpl": [*_DSCL, "-createpl", "/Users/victim", "Comment", V, V],
    "deletepl": [*_DSCL, "-deletepl", "/Users/victim", "Comment", V],
    "passwd": [*_DSCL, "-passwd", "/Users/victim", V],
    "datasource": ["dscl", V, "-create", "/Users/x"],
    "target": ["dscl", "-f", V, "localonly", "-create", "/Local/Target/Users/x"],
    "group create": ["dseditgroup", "-o", "create", "-r", V, "-c", V, "-k", V, V],
    "group create gid": ["dseditgroup", "-q", "-o", "create", "-i", V, "other"],
    "group add": ["dseditgroup", "-o", "edit", "-a", V, "-t", "user", "crowd"],
    "group remove": ["dseditgroup", "-o", "edit", "-d", V, "-t", "user", "crowd"],
    "group uuid": ["dseditgroup", "-o", "edit", "-g", V, "-S", V, "-s", V, "crowd"],
    "group delete": ["dseditgroup", "-o", "delete", f"no{V}"],
    "addUser": ["sysadminctl", "-addUser", V, "-home", "/var/empty", "-password", ""],
    "addUser values": ["sysadminctl", "-addUser", "added", "-fullName", V, "-shell", V,
                       "-hint", V, "-home", V, "-picture", V, "-password", ""],
    "addUser ids": ["sysadminctl", "-addUser", "added", "-UID", V, "-GID", V, "-password", ""],
    "deleteUser": ["sysadminctl", "-deleteUser", f"no{V}"],
    "resetPassword": ["sysadminctl", "-resetPasswordFor", "victim", "-newPassword", V],
    "createhomedir": ["createhomedir", "-c", "-u", V],
    "dsimport": ["dsimport", "/accounts.txt", V, "I"],
    "dsimport file": ["dsimport", V, "/Local/Default", "I"],
    "dsimport force": ["dsimport", "/accounts.txt", "/Local/Default", "O", "--force", V, V],
    "dsimport format": ["dsimport", "/plain.txt", "/Local/Default", "M", "--recordformat", V],
    "pwpolicy": ["pwpolicy", "-u", "victim", "-setpolicy", V],
    "pwpolicy user": ["pwpolicy", "-u", V, "-disableuser"],
    "dsenableroot": ["dsenableroot", "-u", V, "-p", V, "-r", V],
    "nixbld": ["darling-dirserv", "nixbld", "create", "--count", "1", f"--group={V}",
               f"--user-prefix={V}"],
    "nixbld ids": ["darling-dirserv", "nixbld", "create", "--count", "1", f"--gid={V}"],
    "import": ["darling-dirserv", "import", V],
}
LAST = {"create RecordName", "rename", "append name", "create UniqueID", "create PrimaryGroupID",
        "group RecordName", "group PrimaryGroupID"}
#: These read no standard input, and no process gets a NUL as an argument.
NEVER_NUL = {"target", "import"}
#: What an import file holds with the value in it.
FILES = {
    "accounts.txt": ("0x0A 0x5C 0x3A 0x2C dsRecTypeStandard:Users 3 RecordName UniqueID RealName\n"
                     f"{V}:4712:{V}\n"),
    "plain.txt": f"{V}:4713:{V}\n",
}


@pytest.fixture
def victim(little: Path) -> Path:
    """A root with a user and a group to attack."""
    with directory(little).change() as change:
        user = change.create(USERS, "victim")
        for key, value in (("UniqueID", "777"), ("PrimaryGroupID", "20"), ("RealName", "Victim")):
            change.write(user, "dsAttrTypeStandard:" + key, [value])
        group = change.create(GROUPS, "crowd")
        change.write(group, "dsAttrTypeStandard:PrimaryGroupID", ["888"])
    return little


@pytest.mark.parametrize("kind", [
    kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.slow) for kind in VALUES])
def test_a_value_in_every_command(victim: Path, stepper: Stepper, kind: str) -> None:
    value = VALUES[kind]
    before = others(victim)
    for name, text in FILES.items():
        text = text.replace(V, value)
        (victim / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    # What takes the victim's name or id away, and with it his line, comes last.
    for names in (COMMANDS.keys() - LAST, LAST):
        wanted = [name for name in COMMANDS if name in names
                  and not ("\0" in value and name in NEVER_NUL)]
        argvs = [[word.replace(V, value) for word in COMMANDS[name]] for name in wanted]
        for name, done in zip(wanted, stepper.each(victim, argvs), strict=True):
            spoken(done, f"{name} with {kind}")
        lines(victim, whole.check(victim))
    assert others(victim) == before, "somebody else was changed"


def spoken(done: dict[str, Any], where: str) -> None:
    """No traceback, no fault of ours."""
    said = done["out"] + done["err"]
    assert "Traceback" not in said and "internal error" not in said, f"{where}: {said[-500:]}"


def others(root: Path) -> list[str]:
    """The lines of the accounts that nobody spoke of."""
    kept = ("root:", "daemon:", "_www:", "wheel:", "staff:", "admin:")
    return [line for file in ("passwd", "master.passwd", "group")
            for line in (root / "private/etc" / file).read_text().split("\n")
            if line.startswith(kept)]


def lines(root: Path, found: whole.View) -> None:
    """Every line of the flat files is a whole one of a record, and only root has root's id."""
    for file, fields in (("passwd", 7), ("master.passwd", 10), ("group", 4)):
        data = (root / "private/etc" / file).read_bytes()
        assert not {0, 13} & set(data), file
        rows = [line.split(":") for line in data.decode().split("\n")[:-1] if line[0] != "#"]
        assert {len(row) for row in rows} == {fields}, file
        type = GROUPS if file == "group" else USERS
        names = [row[0] for row in rows]
        assert len(set(names)) == len(names) <= len([key for key in found if key[0] == type])
        assert all((type, name) in found for name in names), file
        assert [row[0] for row in rows if row[2] == "0"] == [
            "wheel" if file == "group" else "root"], file


def test_every_value_in_an_interactive_session(victim: Path) -> None:
    """One line for each; what breaks a line makes two commands of it, and no more."""
    text = "".join(f"create Users/victim Comment {value}\ncd {value}\ncreate Groups/{value}\n"
                   for name, value in VALUES.items() if len(value) < 1000)
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(CHECKOUT / "bin/dscl"), "."],
        input=text.encode("utf-8", "surrogateescape"), capture_output=True, check=False,
        timeout=120, env={"DIRSERV_ROOT": str(victim), "PATH": "/bin"})
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    spoken({"out": said, "err": ""}, "session")
    lines(victim, whole.check(victim))


def test_every_value_in_an_import(victim: Path, stepper: Stepper) -> None:
    """As name, id and value of an export: taken as it is, or the whole file is refused."""
    argvs = []
    for value in VALUES.values():
        for key in ("RecordName", "UniqueID", "GeneratedUID", "RealName"):
            attributes = {"dsAttrTypeStandard:RecordName": ["imported"],
                          f"dsAttrTypeStandard:{key}": [value]}
            path = victim / f"{len(argvs)}.jsonl"
            path.write_text("\n".join([json.dumps({"darling-dirserv": 1}), json.dumps(
                {"type": "dsRecTypeStandard:Users", "attributes": attributes})]))
            argvs.append(["darling-dirserv", "import", str(path)])
    for argv, done in zip(argvs, stepper.each(victim, argvs), strict=True):
        spoken(done, Path(argv[2]).read_text()[:300])
    lines(victim, whole.check(victim))


def test_names_that_differ_by_their_form_only(victim: Path, stepper: Stepper) -> None:
    """Another case is the same name; another Unicode form is another one, in every file."""
    forms = {"m\u00fcller": "4801", "mu\u0308ller": "4802", "\uff4d\u00fcller": "4803"}
    argvs = [["dscl", ".", "-create", f"/Users/{name}", key, value] for name, id in forms.items()
             for key, value in (("UniqueID", id), ("PrimaryGroupID", "20"))]
    argvs += [["dscl", ".", "-create", "/Users/M\u00dcLLER", "RealName", "The first"],
              ["dseditgroup", "-o", "edit", "-a", "mu\u0308ller", "-t", "user", "crowd"]]
    for done in stepper.each(victim, argvs):
        assert (done["status"], done["err"]) == (0, "")
    found = whole.check(victim)
    assert {name: found[USERS, name][UNIQUE_ID] for name in forms} == {
        name: [id] for name, id in forms.items()}
    assert found[USERS, "m\u00fcller"][REAL_NAME] == ["The first"]
    assert found[GROUPS, "crowd"][MEMBERSHIP] == ["mu\u0308ller"]
    assert {name: fields[2] for name, fields in passwd_entries(victim).items()
            if name in forms} == forms
