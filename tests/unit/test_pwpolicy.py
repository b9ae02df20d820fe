"""pwpolicy (spec/dirserv.md 5.5)."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from dirserv.passwords import SHADOW_AUTHORITY, authenticate
from dirserv.pwpolicy.options import COMMANDS, HELP, USAGE
from tests.support import directory, put, run
from tests.unit.accounts_support import converse, exists, values

NOT_PERMITTED = "Need either root privileges or valid authenticator\n"
KINDS = "SALTED-SHA512-PBKDF2\nSRP-RFC5054-4096-SHA512-PBKDF2\n"
POLICIES = {"policyCategoryPasswordContent": [{
    "policyContent": "policyAttributePassword matches '.{4,}+'", "policyIdentifier": "four"}]}


@pytest.fixture
def me(root: Path) -> Path:
    """The root, with an account me (501)."""
    put(root, "Users/me", {"UniqueID": ["501"], "AuthenticationAuthority": [SHADOW_AUTHORITY]})
    return root


def pwpolicy(root: Path, *arguments: str, stdin: str = "") -> str:
    """The standard output of a run that must go well."""
    done = run(root, "pwpolicy", *arguments, stdin=stdin)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout


# -- the command line ----------------------------------------------------------------------------

@pytest.mark.parametrize("arguments", [
    [], ["-u", "me"], ["-u"], ["-z"], ["nonsense"], ["-u", "me", "-getpolicy", "more"],
    ["-getpolicy"], ["-disableuser"], ["-u", "me", "-getpolicy", "-setpolicy", "a=1"],
    ["-u", "me", "-setpolicy"], ["-u", "me", "-setpolicy", "a=1", "b=2"],
    ["-u", "me", "-setpolicy", "nonsense"], ["-u", "me", "-setpolicy", ""],
    ["-u", "me", "-setpolicy", "expirationDateGMT=tomorrow"],
    ["-u", "me", "-setpolicy", "hardExpireDateGMT=9/9/20300"], ["-setglobalpolicy", "=1"],
    ["setaccountpolicies"], ["-u", "me", "-sethashtypes"], ["-u", "me", "-sethashtypes", "A"],
    ["-u", "me", "-sethashtypes", "A", "perhaps"], ["-setglobalhashtypes", "A", "on", "B"],
    ["-u", "me", "-2", "-2"],
])
def test_a_wrong_line_shows_the_usage(me: Path, arguments: list[str]) -> None:
    done = run(me, "pwpolicy", *arguments)
    assert (done.stdout, done.stderr, done.returncode) == (USAGE, "", 64)


def test_user_and_computer_exclude_each_other(me: Path) -> None:
    done = run(me, "pwpolicy", "-u", "me", "-c", "mac", "-getpolicy")
    assert (done.stdout, done.stderr, done.returncode) == (
        "", "-u and -c exclude each other and are given once\n", 64)


def test_help(root: Path) -> None:
    done = run(root, "pwpolicy", "--help")
    assert (done.stdout, done.stderr, done.returncode) == (HELP, "", 0)
    done = run(root, "pwpolicy", "-u", "x", "-h")
    assert (done.stdout, done.stderr, done.returncode) == ("", HELP, 1)
    assert all(f"-{command} " in HELP for command in COMMANDS)


@pytest.mark.parametrize(("arguments", "error"), [
    (["-u", "nobody2", "-getpolicy"], "Error: user <nobody2> not found\n"),
    (["-u", "nobody2", "-setpolicy", "a=1"], "Error: user <nobody2> not found\n"),
    (["-u", "nobody2", "-getaccountpolicies"], "Error: user <nobody2> not found\n"),
    (["-c", "mac", "-getpolicy"], "Error: computer <mac> not found\n"),
])
def test_an_unknown_account(root: Path, arguments: list[str], error: str) -> None:
    done = run(root, "pwpolicy", *arguments)
    assert (done.stdout, done.stderr, done.returncode) == ("", error, 1)


@pytest.mark.parametrize(("node", "out", "error"), [
    (".", "Getting policy for me /Local/Default\n\n", ""),
    ("/Local/Default", "Getting policy for me /Local/Default\n\n", ""),
    ("/LDAPv3/server", "", "Cannot access directory node.\n"),
])
def test_the_node(me: Path, node: str, out: str, error: str) -> None:
    done = run(me, "pwpolicy", "-v", "-n", node, "-u", "me", "-getpolicy")
    assert (done.stdout, done.stderr, done.returncode) == (out, error, 0)


@pytest.mark.parametrize("words", [
    ["-u", "me", "-getpolicy"], ["-getpolicy", "-u", "me"], ["getpolicy", "-u", "me"],
    ["-u", "me", "-2"], ["-vu", "me", "-getpolicy"],
])
def test_spellings_of_one_line(me: Path, words: list[str]) -> None:
    assert pwpolicy(me, *words) == "Getting policy for me /Local/Default\n\n"


# -- authorisation -------------------------------------------------------------------------------

WRITES = [
    ["-u", "me", "-setpolicy", "a=1"], ["-u", "me", "-setpolicyglobal"],
    ["-u", "me", "-disableuser"], ["-u", "me", "-enableuser"],
    ["-u", "me", "-setpassword", "x"], ["-u", "me", "-sethashtypes", "A", "on"],
    ["-setglobalpolicy", "a=1"], ["-setglobalhashtypes", "A", "on"],
    ["clearaccountpolicies"], ["setaccountpolicies", "/policy"],
]


@pytest.mark.parametrize("arguments", WRITES)
def test_others_than_root_need_more(
    me: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIRSERV_EUID", "501")
    assert converse(me, "pwpolicy", *arguments, answers=("guess",)) == (
        "Password for authenticator me:\n" + NOT_PERMITTED, 77)
    done = run(me, "pwpolicy", "-a", "boss", "-p", "x", *arguments, env={"DIRSERV_EUID": "501"})
    assert (done.stdout, done.stderr, done.returncode) == (NOT_PERMITTED, "", 77)
    done = run(me, "pwpolicy", *arguments, env={"DIRSERV_EUID": "4711"})
    assert (done.stdout, done.stderr, done.returncode) == (NOT_PERMITTED, "", 77)


def test_an_authenticator_must_be_right_for_root_as_well(me: Path) -> None:
    run(me, "dscl", ".", "-passwd", "/Users/me", "secret")
    change = ("-u", "me", "-a", "me", "-disableuser")
    assert converse(me, "pwpolicy", *change, answers=("wrong",)) == (
        "Password for authenticator me:\n" + NOT_PERMITTED, 77)
    assert pwpolicy(me, "-p", "secret", *change) == "Disabling account for user <me>\n"


def test_a_user_may_ask_about_himself(me: Path) -> None:
    for command, out in (("-getpolicy", "Getting policy for me /Local/Default\n\n"),
                         ("-authentication-allowed", "User <me> is allowed to authenticate.\n")):
        done = run(me, "pwpolicy", command, env={"DIRSERV_EUID": "501"})
        assert (done.stdout, done.stderr, done.returncode) == (out, "", 0)


# -- k=v policies --------------------------------------------------------------------------------

def test_a_policy_is_kept_merged_and_enforced(me: Path) -> None:
    policy = ("-u", "me", "-setpolicy")
    assert pwpolicy(me, *policy, "minChars=16 requiresAlpha=1") == "Setting policy for me\n"
    assert pwpolicy(me, *policy, "minChars=6  validAfter=12/31/2026") == "Setting policy for me\n"
    assert pwpolicy(me, "-u", "me", "-getpolicy") == (
        "Getting policy for me /Local/Default\nminChars=6 requiresAlpha=1 validAfter=12/31/2026\n")
    assert run(me, "dscl", ".", "-passwd", "/Users/me", "12345678").returncode == 85
    assert run(me, "dscl", ".", "-passwd", "/Users/me", "abcdef").returncode == 0
    assert pwpolicy(me, "-u", "me", "-setpolicyglobal") == ""
    assert values(me, "Users/me", "PasswordPolicyOptions") == []
    assert run(me, "dscl", ".", "-passwd", "/Users/me", "1").returncode == 0


def test_the_global_policy(me: Path) -> None:
    assert pwpolicy(me, "-getglobalpolicy") == ""
    assert pwpolicy(me, "-setglobalpolicy", "minChars=4 maxChars=9") == ""
    assert pwpolicy(me, "-setglobalpolicy", "minChars=5") == ""
    assert pwpolicy(me, "-getglobalpolicy") == "minChars=5 maxChars=9\n"
    assert pwpolicy(me, "-u", "me", "--get-effective-policy") == "minChars=5 maxChars=9\n"
    pwpolicy(me, "-u", "me", "-setpolicy", "minChars=7 usingHistory=2")
    assert pwpolicy(me, "-u", "me", "--get-effective-policy") == (
        "minChars=7 maxChars=9 usingHistory=2\n")


# -- account policies ----------------------------------------------------------------------------

@pytest.mark.parametrize(("who", "whose"), [
    ([], "global account policies"), (["-u", "me"], "account policies for user <me>"),
])
@pytest.mark.parametrize("fmt", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_account_policies(
    me: Path, who: list[str], whose: str, fmt: plistlib.PlistFormat
) -> None:
    (me / "policy.plist").write_bytes(plistlib.dumps(POLICIES, fmt=fmt))
    assert pwpolicy(me, *who, "-getaccountpolicies") == f"Getting {whose}\n\n"
    assert pwpolicy(me, *who, "setaccountpolicies", "/policy.plist") == f"Setting {whose}\n"
    assert pwpolicy(me, *who, "getaccountpolicies") == (
        f"Getting {whose}\n" + plistlib.dumps(POLICIES).decode())
    other = ["-u", "me"] if not who else []
    assert pwpolicy(me, *other, "-getaccountpolicies").endswith("\n\n")
    assert pwpolicy(me, *who, "-clearaccountpolicies") == f"Clearing {whose}\n"
    assert pwpolicy(me, *who, "-getaccountpolicies") == f"Getting {whose}\n\n"


def test_clearing_nothing_makes_nothing(root: Path) -> None:
    assert pwpolicy(root, "clearaccountpolicies") == "Clearing global account policies\n"
    assert not exists(root, "Config/shadowhash")


@pytest.mark.parametrize(("content", "error"), [
    (None, "Error: /policy: No such file or directory\n"),
    (b"", "Error: /policy is not a property list of account policies\n"),
    (b"Getting global account policies\n<plist/>",
     "Error: /policy is not a property list of account policies\n"),
    (b"<plist><array/></plist>", "Error: /policy is not a property list of account policies\n"),
    (b"<plist><dict><key>a</key>", "Error: /policy is not a property list of account policies\n"),
    (b"bplist00" + b"\xff" * 40, "Error: /policy is not a property list of account policies\n"),
])
def test_a_file_that_is_no_policy(root: Path, content: bytes | None, error: str) -> None:
    if content is not None:
        (root / "policy").write_bytes(content)
    done = run(root, "pwpolicy", "setaccountpolicies", "/policy")
    assert (done.stdout, done.stderr, done.returncode) == ("", error, 1)
    assert not exists(root, "Config/shadowhash")


# -- access --------------------------------------------------------------------------------------

def test_disabling_and_enabling(me: Path) -> None:
    run(me, "dscl", ".", "-passwd", "/Users/me", "secret")
    for _ in range(2):
        assert pwpolicy(me, "-u", "me", "-disableuser") == "Disabling account for user <me>\n"
        assert values(me, "Users/me", "AuthenticationAuthority") == [
            SHADOW_AUTHORITY, ";DisabledUser;"]
    assert authenticate(directory(me), "me", "secret") == -14167
    assert pwpolicy(me, "-u", "me", "-authentication-allowed") == (
        "User <me> is not allowed to authenticate.\n")
    assert pwpolicy(me, "-u", "me", "-enableuser") == "Enabling account for user <me>\n"
    assert values(me, "Users/me", "AuthenticationAuthority") == [SHADOW_AUTHORITY]
    assert authenticate(directory(me), "me", "secret") == 0
    assert pwpolicy(me, "-u", "me", "-enableuser") == (
        "Enabling account for user <me>\nUser <me> is not marked as disabled.\n")


def test_enabling_undoes_the_older_mark_too(root: Path) -> None:
    put(root, "Users/me", {"AuthenticationAuthority": [";DisabledUser;" + SHADOW_AUTHORITY]})
    assert pwpolicy(root, "-u", "me", "-6") == "Enabling account for user <me>\n"
    assert values(root, "Users/me", "AuthenticationAuthority") == [SHADOW_AUTHORITY]


def test_a_policy_may_forbid_to_authenticate(me: Path) -> None:
    pwpolicy(me, "-u", "me", "-setpolicy", "isDisabled=1")
    assert pwpolicy(me, "-u", "me", "authentication-allowed") == (
        "User <me> is not allowed to authenticate.\n")


def test_setting_a_password(me: Path) -> None:
    assert pwpolicy(me, "-u", "me", "-setpassword", "secret") == "Setting password for me\n"
    assert authenticate(directory(me), "me", "secret") == 0
    prompts = "Setting password for me\nEnter new password for me:\nVerify new password:\n"
    assert converse(me, "pwpolicy", "-u", "me", "-setpassword", answers=("typed", "typed")) == (
        prompts, 0)
    assert authenticate(directory(me), "me", "typed") == 0
    assert converse(me, "pwpolicy", "-u", "me", "-setpassword", answers=("a", "b")) == (
        prompts + "Password mismatch.\n", 75)
    assert authenticate(directory(me), "me", "typed") == 0


@pytest.mark.parametrize("policy", [
    ["-u", "me", "-setpolicy", "minChars=9"], ["-setglobalpolicy", "minChars=9"],
])
def test_a_refused_password(me: Path, policy: list[str]) -> None:
    run(me, "pwpolicy", *policy)
    done = run(me, "pwpolicy", "-u", "me", "-setpassword", "short")
    assert (done.stdout, done.stderr, done.returncode) == (
        "Setting password for me\n", "Error: eDSAuthPasswordQualityCheckFailed (-14165)\n", 1)
    assert authenticate(directory(me), "me", "short") == -14091


# -- hash types ----------------------------------------------------------------------------------

def test_the_hash_types_of_a_user(me: Path) -> None:
    heading, setting = "Getting hash types for user me\n\n", "Setting hash types for user me\n"
    assert pwpolicy(me, "-u", "me", "-gethashtypes") == heading + KINDS
    assert pwpolicy(me, "-u", "me", "-sethashtypes", "SMB-NT", "ON") == setting
    assert pwpolicy(me, "-u", "me", "-gethashtypes") == heading + KINDS + "SMB-NT\n"
    assert pwpolicy(me, "-u", "me", "-sethashtypes", "SMB-NT", "off", "NONE", "off",
                    "SALTED-SHA512-PBKDF2", "on") == setting
    assert values(me, "Users/me", "AuthenticationAuthority") == [SHADOW_AUTHORITY]


def test_the_global_hash_types(root: Path) -> None:
    put(root, "Users/plain", {"AuthenticationAuthority": [";Kerberosv5;", ";ShadowHash;"]})
    assert pwpolicy(root, "-getglobalhashtypes") == KINDS
    assert pwpolicy(root, "-setglobalhashtypes", "CRAM-MD5", "on") == ""
    assert pwpolicy(root, "-getglobalhashtypes") == KINDS + "CRAM-MD5\n"
    assert pwpolicy(root, "-u", "plain", "-gethashtypes") == KINDS + "CRAM-MD5\n"
    pwpolicy(root, "-u", "plain", "-sethashtypes", "SRP-RFC5054-4096-SHA512-PBKDF2", "off")
    assert values(root, "Users/plain", "AuthenticationAuthority") == [
        ";Kerberosv5;", ";ShadowHash;HASHLIST:<SALTED-SHA512-PBKDF2,CRAM-MD5>"]


def test_an_account_without_a_shadow_hash_keeps_what_it_has(root: Path) -> None:
    put(root, "Users/plain", {})
    assert pwpolicy(root, "-u", "plain", "-sethashtypes", "A", "on") == (
        "Setting hash types for user plain\n")
    assert values(root, "Users/plain", "AuthenticationAuthority") == []
