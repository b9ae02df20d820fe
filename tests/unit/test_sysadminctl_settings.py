"""sysadminctl: passwords, secure tokens and settings (spec/dirserv.md 4.6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirserv.passwords import authenticate
from tests.support import directory, put
from tests.unit.accounts_support import BANNER, converse, sysadminctl, texts, values
from tests.unit.test_sysadminctl import BUILD, WRONG_PASSWORD

DENIED = "Operation is not permitted without secure token unlock."
DONE = "- Done!"


@pytest.fixture
def owner(root: Path) -> Path:
    """A root with an administrator owner, whose password is secret; returns the root."""
    sysadminctl(root, "-addUser", "owner", "-fullName", "The Owner", "-password", "secret",
                "-admin", "-home", "/h")
    return root


ADMIN = ("-adminUser", "owner", "-adminPassword", "secret")


# -- passwords -----------------------------------------------------------------------------------

def test_an_administrator_resets_a_password(owner: Path) -> None:
    assert sysadminctl(owner, "-resetPasswordFor", "owner", "-newPassword", "other",
                       "-passwordHint", "not the old") == [*BANNER, DONE]
    assert authenticate(directory(owner), "owner", "other") == 0
    assert authenticate(directory(owner), "owner", "secret") == -14090
    assert values(owner, "Users/owner", "AuthenticationHint") == ["not the old"]


def test_with_credentials_there_is_no_banner(owner: Path) -> None:
    assert sysadminctl(owner, *ADMIN, "-resetPasswordFor", "owner", "-newPassword", "other"
                       ) == [DONE]


def test_the_new_password_is_asked_for(owner: Path) -> None:
    seen, _ = converse(owner, "sysadminctl", "-resetPasswordFor", "owner", "-newPassword", "-",
                       answers=("typed",))
    before, after = seen.split("New password:\n")
    assert (texts(before), texts(after)) == ([*BANNER], [DONE])
    assert authenticate(directory(owner), "owner", "typed") == 0


def test_an_unknown_user_has_no_password(root: Path) -> None:
    assert sysadminctl(root, "-resetPasswordFor", "nobody2", "-newPassword", "x"
                       ) == ["Unknown user nobody2"]


def test_the_users_policy_holds(owner: Path) -> None:
    put(owner, "Users/carl", {"UniqueID": ["502"], "PasswordPolicyOptions": ["minChars=9"]})
    assert sysadminctl(owner, "-resetPasswordFor", "carl", "-newPassword", "short") == [
        *BANNER, f"### Error:-14165 File:{BUILD}/DSRecord.m Line:563"]
    assert values(owner, "Users/carl", "AuthenticationAuthority") == []


def test_a_token_holder_needs_credentials(root: Path) -> None:
    put(root, "Users/ec2-user", {
        "UniqueID": ["501"], "AuthenticationAuthority": [";ShadowHash;", ";SecureToken;"]})
    assert sysadminctl(root, "-resetPasswordFor", "ec2-user", "-newPassword", "x") == [DENIED]


def test_the_own_password(owner: Path) -> None:
    sysadminctl(owner, "-resetPasswordFor", "root", "-newPassword", "toor")
    own = ("-newPassword", "changed", "-oldPassword")
    assert sysadminctl(owner, *own, "wrong") == [WRONG_PASSWORD]
    assert sysadminctl(owner, *own, "toor") == [*BANNER, DONE]
    assert authenticate(directory(owner), "root", "changed") == 0


def test_the_own_password_of_somebody_who_may_not_write(owner: Path) -> None:
    assert sysadminctl(owner, "-newPassword", "x", "-oldPassword", "secret", euid=501) == [
        f"### Error:-14120 File:{BUILD}/DSAuthenticator.m Line:94"]
    assert sysadminctl(owner, "-newPassword", "x", "-oldPassword", "x", euid=4711) == [
        "Unknown user 4711"]


# -- secure tokens -------------------------------------------------------------------------------

def test_nobody_has_a_token_at_first(owner: Path) -> None:
    assert sysadminctl(owner, "-secureTokenStatus", "owner") == [
        "Secure token is DISABLED for user The Owner"]
    assert sysadminctl(owner, "-secureTokenStatus", "nosuchuser") == ["Unknown user nosuchuser"]


def test_the_status_falls_back_to_the_name(root: Path) -> None:
    put(root, "Users/carl", {"AuthenticationAuthority": [";ShadowHash;", ";SecureToken;"]})
    assert sysadminctl(root, "-secureTokenStatus", "carl") == [
        "Secure token is ENABLED for user carl"]


def test_wrong_credentials_do_not_stop_a_question(owner: Path) -> None:
    assert sysadminctl(owner, "-adminUser", "owner", "-adminPassword", "null",
                       "-secureTokenStatus", "owner") == [
        WRONG_PASSWORD, "Secure token is DISABLED for user The Owner"]


def test_a_token_is_given_once_and_taken(owner: Path) -> None:
    before = values(owner, "Users/owner", "AuthenticationAuthority")
    user = ("owner", "-password", "secret")
    for _ in range(2):
        assert sysadminctl(owner, *ADMIN, "-secureTokenOn", *user) == [DONE]
        assert values(owner, "Users/owner", "AuthenticationAuthority") == [
            *before, ";SecureToken;"]
    assert sysadminctl(owner, *ADMIN, "-secureTokenOff", *user) == [DONE]
    assert values(owner, "Users/owner", "AuthenticationAuthority") == before


@pytest.mark.parametrize(("arguments", "said"), [
    (["-secureTokenOn", "owner", "-password", "secret"], [DENIED]),
    (["-secureTokenOff", "owner", "-password", "secret"], [DENIED]),
    (["-secureTokenOn", "nobody2", "-password", "x", *ADMIN], ["Unknown user nobody2"]),
    (["-secureTokenOn", "owner", *ADMIN], ["Password is required!"]),
    (["-secureTokenOn", "owner", "-password", "wrong", *ADMIN], [WRONG_PASSWORD]),
])
def test_tokens_that_are_not_given(owner: Path, arguments: list[str], said: list[str]) -> None:
    assert sysadminctl(owner, *arguments) == said
    assert "ENABLED" not in sysadminctl(owner, "-secureTokenStatus", "owner")[0]


# -- settings ------------------------------------------------------------------------------------

@pytest.mark.parametrize(("option", "label", "state"), [
    ("-guestAccount", "Guest account", "disabled"),
    ("-afpGuestAccess", "AFP guest access", "disabled"),
    ("-smbGuestAccess", "SMB guest access", "disabled"),
    ("-automaticTime", "Automatic time", "enabled"),
])
def test_a_switch(root: Path, option: str, label: str, state: str) -> None:
    words = {"enabled": "on", "disabled": "off"}
    other = "disabled" if state == "enabled" else "enabled"
    assert sysadminctl(root, option, "status") == [f"{label} {state}."]
    assert sysadminctl(root, option, words[state]) == [f"{label} is already {state}"]
    assert sysadminctl(root, option, words[other].upper()) == [f"{label} {other}."]
    assert sysadminctl(root, option, "status") == [f"{label} {other}."]
    assert sysadminctl(root, option, words[state]) == [f"{label} {state}."]
    assert sysadminctl(root, option, "Status") == [f"{label} {state}."]


def test_settings_do_not_touch_each_other(root: Path) -> None:
    sysadminctl(root, "-smbGuestAccess", "on")
    sysadminctl(root, "-automaticTime", "off")
    assert sysadminctl(root, "-smbGuestAccess", "status") == ["SMB guest access enabled."]
    assert sysadminctl(root, "-guestAccount", "status") == ["Guest account disabled."]


def test_no_volume_is_encrypted(root: Path) -> None:
    assert sysadminctl(root, "-filesystem", "status") == [
        "Boot volume CS FDE: NO", "Boot volume APFS FDE: NO"]


@pytest.mark.parametrize(("wanted", "said"), [
    ("immediate", "screenLock delay is immediate"), ("0", "screenLock delay is immediate"),
    ("300", "screenLock delay is 300 seconds"), ("007", "screenLock delay is 7 seconds"),
    ("off", "screenLock is off"),
])
def test_the_screen_lock(root: Path, wanted: str, said: str) -> None:
    assert sysadminctl(root, "-screenLock", "status") == ["screenLock delay is immediate"]
    assert sysadminctl(root, "-screenLock", wanted, "-password", "any") == [said]
    assert sysadminctl(root, "-screenLock", "status") == [said]


def test_the_screen_lock_wants_the_own_password(root: Path) -> None:
    assert sysadminctl(root, "-screenLock", "off") == ["Password is required!"]
    sysadminctl(root, "-resetPasswordFor", "root", "-newPassword", "toor")
    assert sysadminctl(root, "-screenLock", "off", "-password", "wrong") == [WRONG_PASSWORD]
    assert sysadminctl(root, "-screenLock", "status") == ["screenLock delay is immediate"]
    assert sysadminctl(root, "-screenLock", "off", "-password", "toor") == ["screenLock is off"]


def test_automatic_login(owner: Path) -> None:
    off, on = ["Automatic login is OFF."], ["Automatic login user: owner"]
    login = ("-autologin", "set", "-userName")
    assert sysadminctl(owner, "-autologin", "status") == off
    assert sysadminctl(owner, *login, "nobody2") == ["Unknown user nobody2"]
    assert sysadminctl(owner, *login, "owner", "-password", "wrong") == [WRONG_PASSWORD]
    assert sysadminctl(owner, "-autologin", "status") == off
    assert sysadminctl(owner, *login, "owner", "-password", "secret") == on
    assert sysadminctl(owner, "-autologin", "status") == on
    assert sysadminctl(owner, "-autologin", "off") == off
    assert sysadminctl(owner, *login, "owner") == on
    assert values(owner, "Config/sysadminctl", "autologin") == ["owner"]
