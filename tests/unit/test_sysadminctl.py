"""sysadminctl: the command line, the log, -addUser (spec/dirserv.md 4.1 to 4.4)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from dirserv.passwords import SHADOW_AUTHORITY, authenticate
from dirserv.sysadminctl.options import USAGE, parse
from tests.support import directory, group_entries, is_root, passwd_entries, put, run
from tests.unit.accounts_support import (
    BANNER,
    converse,
    exists,
    record,
    sysadminctl,
    texts,
    values,
)

BUILD = ("/AppleInternal/Library/BuildRoots/darling-dirserv/Library/Caches/com.apple.xbs/"
         "Sources/Admin")
WRONG_PASSWORD = f"### Error:-14090 File:{BUILD}/DSAuthenticator.m Line:94"
NOT_ROOT = (
    "sysadminctl should be run as root, or in interactive mode! "
    '(Error Domain=NSOSStatusErrorDomain Code=-60007 "errAuthorizationInteractionNotAllowed: '
    'The authorization was denied since no user interaction was possible. ")'
)


def added(name: str, uid: int, gid: int = 20) -> list[str]:
    """What the log says of an account made without further ado."""
    return [*BANNER, "Creating user record…", f"Assigning UID: {uid} GID: {gid}",
            f"Creating home directory at /Users/{name}"]


# -- the command line ----------------------------------------------------------------------------

@pytest.mark.parametrize("arguments", [
    [], ["-h"], ["-addUser"], ["bob"], ["-addUser", "bob", "more"], ["-addUser", "bob", "-UID"],
    ["-addUser", "a", "-deleteUser", "b"], ["-newPassword", "x"], ["-oldPassword", "x"],
    ["-resetPasswordFor", "bob"], ["interactive"], ["-password", "x"], ["--help", "-addUser"],
    ["-screenLock", "soon"], ["-screenLock", "1" * 5000], ["-guestAccount", "perhaps"],
    ["-filesystem", "on"], ["-autologin", "set"], ["-autologin", "on"],
])
def test_a_wrong_line_shows_the_usage(root: Path, arguments: list[str]) -> None:
    done = run(root, "sysadminctl", *arguments)
    assert (done.stdout, done.returncode) == ("", 0)
    first, _, rest = done.stderr.partition("\n")
    assert texts(first) + rest.splitlines() == USAGE.splitlines()


def test_help_goes_to_standard_output(root: Path) -> None:
    done = run(root, "sysadminctl", "--help")
    assert (done.stdout, done.stderr, done.returncode) == (USAGE + "\n", "", 0)


def test_the_usage_names_every_option() -> None:
    for word in ("-addUser -deleteUser -newPassword -resetPasswordFor -secureTokenStatus "
                 "-secureTokenOn -secureTokenOff -autologin -guestAccount -afpGuestAccess "
                 "-smbGuestAccess -automaticTime -filesystem -screenLock -fullName -UID -GID "
                 "-shell -password -hint -home -admin -roleAccount -picture -secure -keepHome "
                 "-oldPassword -passwordHint -adminUser -adminPassword -userName "
                 "interactive").split():
        assert word in USAGE


def test_options_come_in_any_order() -> None:
    options = parse(["-adminUser", "a", "-admin", "-addUser", "bob", "interactive", "-UID", "-5"])
    assert options is not None
    assert (options.command, options.argument) == ("-addUser", "bob")
    assert (options.get("-UID"), options.get("-GID")) == ("-5", None)
    assert options.has("-admin") and options.has("interactive") and not options.has("-secure")


# -- who may -------------------------------------------------------------------------------------

@pytest.mark.parametrize("arguments", [
    ["-addUser", "x"], ["-deleteUser", "daemon"], ["-guestAccount", "on"],
    ["-resetPasswordFor", "root", "-newPassword", "longer"], ["-autologin", "off"],
    ["-secureTokenOn", "root", "-password", "x"], ["-screenLock", "off", "-password", "x"],
])
def test_others_than_root_are_refused(root: Path, arguments: list[str]) -> None:
    assert sysadminctl(root, *arguments, euid=501) == [NOT_ROOT]
    assert not exists(root, "Users/x")
    assert exists(root, "Users/daemon")


@pytest.mark.parametrize("arguments", [
    ["-guestAccount", "status"], ["-screenLock", "status"], ["-autologin", "status"],
    ["-filesystem", "status"], ["-secureTokenStatus", "root"],
])
def test_everybody_may_ask(root: Path, arguments: list[str]) -> None:
    assert sysadminctl(root, *arguments, euid=501) == sysadminctl(root, *arguments)


def test_wrong_credentials_are_logged_and_root_goes_on(root: Path) -> None:
    said = sysadminctl(root, "-adminUser", "a", "-adminPassword", "wrong", "-addUser", "a",
                       "-fullName", "A", "-password", "p", "-admin")
    assert said == [WRONG_PASSWORD, *BANNER, "New account password error.  (5402)"]
    assert not exists(root, "Users/a")


def test_right_credentials_spare_the_banner(root: Path) -> None:
    sysadminctl(root, "-addUser", "boss", "-password", "secret")
    for credentials in (["-adminPassword", "secret"], ["-adminPassword", "-"], ["interactive"]):
        name = "user" + credentials[-1].strip("-")
        argv = ("sysadminctl", "-addUser", name, "-adminUser", "boss", *credentials)
        asked = credentials[-1] in ("-", "interactive")
        seen, _ = converse(root, *argv, answers=("secret",) if asked else ())
        prompt, log = seen.split("\n", 1) if asked else ("Admin password:", seen)
        assert prompt == "Admin password:"
        assert texts(log)[0] == "Creating user record…"


def test_interactive_asks_for_the_name_too(root: Path) -> None:
    seen, status = converse(root, "sysadminctl", "-addUser", "bob", "interactive",
                            answers=("nobody", "x"))
    name, password, log = seen.split("\n", 2)
    assert (name, password) == ("Admin user name:", "Admin password:")
    assert texts(log)[0].startswith("### Error:-14091 File:")
    assert texts(log)[1:] == added("bob", 501)
    assert status == 0


# -- the account ---------------------------------------------------------------------------------

def test_an_account_with_nothing_given(root: Path) -> None:
    assert sysadminctl(root, "-addUser", "bob") == added("bob", 501)
    user = record(root, "Users", "bob")
    attributes = {name.partition(":")[2]: user.values(name) for name in user.attributes}
    policy = attributes.pop("accountPolicyData")[0]
    uuid = attributes.pop("GeneratedUID")[0]
    assert len(uuid) == 36 and uuid == uuid.upper()
    for key in ("creationTime", "failedLoginCount", "failedLoginTimestamp",
                "passwordLastSetTime"):
        assert f"<key>{key}</key>" in policy
    assert attributes == {
        "RecordName": ["bob"], "RealName": ["bob"], "UniqueID": ["501"],
        "PrimaryGroupID": ["20"], "NFSHomeDirectory": ["/Users/bob"], "UserShell": ["/bin/zsh"],
        "Password": ["********"], "AuthenticationAuthority": [SHADOW_AUTHORITY],
        "AuthenticationHint": [""], "AvatarRepresentation": [""], "inputSources": [""],
        "unlockOptions": ["0"], "record_daemon_version": ["9670000"],
        **{f"_writers_{own}": ["bob"] for own in (
            "AvatarRepresentation", "hint", "inputSources", "jpegphoto", "passwd", "picture",
            "unlockOptions", "UserCertificate")},
    }
    assert authenticate(directory(root), "bob", "") == 0
    assert passwd_entries(root)["bob"] == [
        "bob", "*", "501", "20", "bob", "/Users/bob", "/bin/zsh"]


def test_an_account_with_everything_given(root: Path) -> None:
    (root / "face.jpg").write_bytes(b"\xff\xd8\xff\xe0 a face")
    said = sysadminctl(
        root, "-addUser", "bob", "-fullName", "Bob Über", "-UID", "777", "-GID", "12", "-shell",
        "/bin/sh", "-password", "pass word", "-hint", "the usual", "-home", "/Users/elsewhere",
        "-picture", "/face.jpg", "-admin")
    assert said == [*BANNER, "Creating user record…", "Assigning UID: 777 GID: 12",
                    "Home directory is assigned (not created!) at /Users/elsewhere"]
    assert not (root / "Users").exists()
    assert passwd_entries(root)["bob"] == [
        "bob", "*", "777", "12", "Bob Über", "/Users/elsewhere", "/bin/sh"]
    assert values(root, "Users/bob", "AuthenticationHint") == ["the usual"]
    assert values(root, "Users/bob", "Picture") == ["/face.jpg"]
    assert record(root, "Users", "bob").attributes["dsAttrTypeStandard:JPEGPhoto"] == [
        b"\xff\xd8\xff\xe0 a face"]
    assert authenticate(directory(root), "bob", "pass word") == 0


@pytest.mark.parametrize("content", [b"GIF89a", b"\xff\xd8\xff" + bytes(300_000), None])
def test_a_picture_that_is_no_usual_jpeg_is_only_named(root: Path, content: bytes | None) -> None:
    if content is not None:
        (root / "face").write_bytes(content)
    sysadminctl(root, "-addUser", "bob", "-picture", "/face", "-home", "/h")
    assert values(root, "Users/bob", "Picture") == ["/face"]
    assert values(root, "Users/bob", "JPEGPhoto") == []


@pytest.mark.parametrize("group", ["admin", "_appserverusr", "_appserveradm"])
def test_an_administrator_is_in_three_groups(root: Path, group: str) -> None:
    before = values(root, f"Groups/{group}", "GroupMembership")
    sysadminctl(root, "-addUser", "bob", "-admin", "-home", "/h")
    uuid = values(root, "Users/bob", "GeneratedUID")
    assert values(root, f"Groups/{group}", "GroupMembership") == [*before, "bob"]
    assert values(root, f"Groups/{group}", "GroupMembers")[-1:] == uuid
    assert group_entries(root)[group][3].split(",")[-1] == "bob"


def test_the_home_is_made(root: Path) -> None:
    sysadminctl(root, "-addUser", "bob")
    status = (root / "Users/bob").stat()
    assert stat.S_IMODE(status.st_mode) == 0o700
    assert (status.st_uid, status.st_gid) == ((501, 20) if is_root() else (
        os.geteuid(), os.getegid()))
    assert (root / "Users/bob/Desktop").is_dir()


def test_a_home_that_is_there_is_kept(root: Path) -> None:
    (root / "Users/bob").mkdir(parents=True)
    (root / "Users/bob/mine").touch()
    assert sysadminctl(root, "-addUser", "bob") == [
        *added("bob", 501), "Directory at path:/Users/bob already exists"]
    assert os.listdir(root / "Users/bob") == ["mine"]


def test_a_home_that_cannot_be_made_does_not_undo_the_account(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (root / "Users").symlink_to(tmp_path / "outside")
    assert sysadminctl(root, "-addUser", "bob") == [
        *added("bob", 501), "Home directory at /Users/bob is not created: /Users: a symbolic "
        "link or a file is in the way"]
    assert exists(root, "Users/bob")
    assert os.listdir(tmp_path / "outside") == []


def test_the_lowest_free_id_is_taken(root: Path) -> None:
    for name, uid in (("a", "501"), ("b", "503")):
        put(root, f"Users/{name}", {"UniqueID": [uid], "PrimaryGroupID": ["20"]})
    assert sysadminctl(root, "-addUser", "c") == added("c", 502)
    assert sysadminctl(root, "-addUser", "d") == added("d", 504)


def test_a_taken_id_leaves_a_record_without_one(root: Path) -> None:
    put(root, "Users/web80", {"UniqueID": ["80"], "PrimaryGroupID": ["20"]})
    (root / "Users/lab15").mkdir(parents=True)
    said = sysadminctl(root, "-addUser", "lab15", "-UID", "80", "-fullName", "Lab #15")
    assert said == [
        *BANNER, "Creating user record…",
        f"### Error:-14135 File:{BUILD}/DSRecord.m Line:496",
        "Assigning UID: 80 GID: 20",
        f"### Error:-14135 File:{BUILD}/DSRecord.m Line:326",
        "Creating home directory at /Users/lab15",
        "Directory at path:/Users/lab15 already exists",
    ]
    assert values(root, "Users/lab15", "UniqueID") == []
    assert values(root, "Users/lab15", "RealName") == ["Lab #15"]
    assert "lab15" not in passwd_entries(root)


@pytest.mark.parametrize(("arguments", "refusal"), [
    (["daemon"], "User named 'daemon' already exists."),
    (["DAEMON"], "User named 'DAEMON' already exists."),
    (["postfix"], "User named 'postfix' already exists."),
    (["x", "-fullName", "System Services"],
     "User with full name 'System Services' already exists."),
    (["x", "-fullName", "daemon"], "User with full name 'daemon' already exists."),
    (["System Services"], "User with full name 'System Services' already exists."),
    (["a/b"], "'a/b' can not be the name of a user"),
    (["a:b"], "'a:b' can not be the name of a user"),
    ([".."], "'..' can not be the name of a user"),
    ([""], "'' can not be the name of a user"),
    (["a\nb"], "'a\nb' can not be the name of a user"),
    (["x", "-UID", "many"], "-UID many is not an ID"),
    (["x", "-GID", "99999999999"], "-GID 99999999999 is not an ID"),
])
def test_what_is_refused_at_once(root: Path, arguments: list[str], refusal: str) -> None:
    before = passwd_entries(root)
    done = run(root, "sysadminctl", "-addUser", *arguments)
    assert (done.stdout, done.returncode) == ("", 0)
    first, _, rest = done.stderr.partition("\n")
    assert "\n".join([*texts(first), rest]) == refusal + "\n"
    assert passwd_entries(root) == before
    assert not (root / "Users").exists()


def test_an_over_long_name_makes_no_account(root: Path) -> None:
    assert sysadminctl(root, "-addUser", "x" * 300)[-1] == (
        f"### Error:-14133 File:{BUILD}/DSRecord.m Line:563")


# -- passwords -----------------------------------------------------------------------------------

def test_a_password_is_asked_for_after_the_announcement(root: Path) -> None:
    seen, status = converse(root, "sysadminctl", "-addUser", "bob", "-password", "-",
                            answers=("typed in",))
    before, after = seen.split("User password:\n")
    assert texts(before) == [*BANNER, "Creating user record…"]
    assert texts(after) == ["Assigning UID: 501 GID: 20",
                            "Creating home directory at /Users/bob"]
    assert status == 0
    assert authenticate(directory(root), "bob", "typed in") == 0


@pytest.mark.parametrize("policy", ["", "minChars=8", "requiresNumeric=1"])
def test_a_refused_password_makes_no_account(root: Path, policy: str) -> None:
    password = "abcd" if policy else "abc"
    if policy:
        assert run(root, "pwpolicy", "-setglobalpolicy", policy).returncode == 0
    refused = "New account password error.  (5402)"
    assert sysadminctl(root, "-addUser", "bob", "-password", password) == [*BANNER, refused]
    seen, _ = converse(root, "sysadminctl", "-addUser", "bob", "-password", "-",
                       answers=(password,))
    assert texts(seen.split("User password:\n")[1]) == [refused]
    assert not exists(root, "Users/bob")
    assert not (root / "Users").exists()


# -- role accounts -------------------------------------------------------------------------------

RANGE = "Role account requires specified UID in 450-499 range"


@pytest.mark.parametrize(("arguments", "refusal"), [
    (["_svc", "-UID", "201"], RANGE), (["_svc", "-UID", "449"], RANGE),
    (["_svc", "-UID", "500"], RANGE), (["_svc"], RANGE),
    (["svc", "-UID", "450"], "Role account requires name starting with _"),
])
def test_role_accounts_are_particular(root: Path, arguments: list[str], refusal: str) -> None:
    assert sysadminctl(root, "-addUser", *arguments, "-roleAccount") == [refusal]
    assert not exists(root, f"Users/{arguments[0]}")


@pytest.mark.parametrize("uid", ["450", "499"])
def test_a_role_account(root: Path, uid: str) -> None:
    said = sysadminctl(
        root, "-addUser", "_svc", "-roleAccount", "-UID", uid, "-GID", "12", "-shell",
        "/bin/bash", "-admin", "-password", "given up", "-fullName", "A Service")
    assert said == [*BANNER, "Creating user record…", f"Assigning UID: {uid} GID: 12"]
    assert passwd_entries(root)["_svc"] == [
        "_svc", "*", uid, "12", "A Service", "/var/empty", "/usr/bin/false"]
    assert values(root, "Users/_svc", "IsHidden") == ["1"]
    assert values(root, "Users/_svc", "AuthenticationAuthority") == [SHADOW_AUTHORITY]
    assert values(root, "Users/_svc", "AuthenticationHint") == []
    assert values(root, "Groups/admin", "GroupMembership") == ["root"]
    assert authenticate(directory(root), "_svc", "") == 0
    assert not (root / "Users").exists()


def test_a_role_account_has_no_home_of_its_own(root: Path) -> None:
    said = sysadminctl(root, "-addUser", "_svc", "-roleAccount", "-UID", "450",
                       "-home", "/var/ci")
    assert said[-1].startswith("Home argument is ignored")
    assert "/var/empty" in said[-1]
    assert values(root, "Users/_svc", "NFSHomeDirectory") == ["/var/empty"]


def test_accounts_made_at_once_get_ids_of_their_own(root: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    names = [f"user{number}" for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda name: sysadminctl(root, "-addUser", name, "-admin"), names))
    entries = passwd_entries(root)
    assert sorted(entries[name][2] for name in names) == [str(501 + at) for at in range(6)]
    assert sorted(group_entries(root)["admin"][3].split(",")) == ["root", *names]
    assert sorted(os.listdir(root / "Users")) == names
