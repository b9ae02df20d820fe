"""Passwords: written, verified, refused, kept secret."""

from __future__ import annotations

import plistlib
from pathlib import Path

import pytest

from dirserv import errors, passwords
from dirserv.names import AUTHENTICATION_AUTHORITY, SHADOW_HASH, USERS
from tests.support import directory, put, run


@pytest.fixture
def account(root: Path) -> Path:
    """A root with the user alice, whose password is "geheim é"."""
    put(root, "Users/alice", {"uid": ["501"], "gid": ["20"], "passwd": ["********"]})
    assert run(root, "dscl", ".", "-passwd", "/Users/alice", "geheim é").returncode == 0
    return root


def status(root: Path, user: str, password: str) -> int:
    return passwords.authenticate(directory(root), user, password)


def test_shadow_hash_data_has_apples_shape() -> None:
    data = plistlib.loads(passwords.shadow_hash("x"))
    hashed = data["SALTED-SHA512-PBKDF2"]
    assert {key: type(value) for key, value in hashed.items()} == {
        "entropy": bytes, "iterations": int, "salt": bytes
    }
    assert (len(hashed["entropy"]), len(hashed["salt"])) == (128, 32)


def test_a_hash_made_elsewhere_is_understood() -> None:
    import hashlib

    salt = bytes(range(32))
    entropy = hashlib.pbkdf2_hmac("sha512", b"pw", salt, 1000, 128)
    data = plistlib.dumps(
        {"SALTED-SHA512-PBKDF2": {"entropy": entropy, "iterations": 1000, "salt": salt}},
        fmt=plistlib.FMT_BINARY,
    )
    assert passwords.verify(data, "pw") is True
    assert passwords.verify(data, "pW") is False


@pytest.mark.parametrize("data", ["text", b"", b"bplist00", plistlib.dumps({}),
                                  plistlib.dumps({"SALTED-SHA512-PBKDF2": {"salt": b""}})])
def test_a_value_that_is_no_hash_fits_nothing(data: object) -> None:
    assert passwords.verify(data, "") is None


def test_the_right_password_only(account: Path) -> None:
    assert status(account, "alice", "geheim é") == 0
    assert status(account, "ALICE", "geheim é") == 0
    assert status(account, "alice", "geheim e") == errors.AUTH_FAILED
    assert status(account, "nobody here", "x") == errors.AUTH_FAILED
    assert status(account, "daemon", "x") == errors.AUTH_METHOD_NOT_SUPPORTED


def test_setting_a_password_notes_all_that_apple_notes(account: Path) -> None:
    found = directory(account).find(USERS, "alice")
    assert found is not None
    assert found.values(AUTHENTICATION_AUTHORITY) == [passwords.SHADOW_AUTHORITY]
    assert found.values("dsAttrTypeNative:_writers_passwd") == ["alice"]
    policy = plistlib.loads(found.first("dsAttrTypeNative:accountPolicyData").encode())
    assert set(policy) >= {"failedLoginCount", "failedLoginTimestamp", "passwordLastSetTime"}


def test_an_empty_password_is_one(account: Path) -> None:
    assert run(account, "dscl", ".", "-passwd", "/Users/alice", "").returncode == 0
    assert status(account, "alice", "") == 0
    assert status(account, "alice", "x") == errors.AUTH_FAILED


def test_a_disabled_account_and_one_without_authority(account: Path) -> None:
    run(account, "dscl", ".", "-append", "/Users/alice", "AuthenticationAuthority",
        ";DisabledUser;")
    assert status(account, "alice", "geheim é") == errors.ACCOUNT_DISABLED
    run(account, "dscl", ".", "-delete", "/Users/alice", "AuthenticationAuthority")
    assert status(account, "alice", "geheim é") == errors.AUTH_METHOD_NOT_SUPPORTED


def test_the_hash_is_in_no_file_that_others_may_read(account: Path) -> None:
    found = directory(account)
    record = found.find(USERS, "alice")
    assert record is not None
    secret = found.secrets(record)[SHADOW_HASH][0]
    assert isinstance(secret, bytes)
    entropy = plistlib.loads(secret)["SALTED-SHA512-PBKDF2"]["entropy"]
    holders = [path for path in account.rglob("*") if path.is_file()
               and entropy in path.read_bytes()]
    assert sorted(path.name for path in holders) == ["alice.plist", "directory.sqlite"]
    for path in holders:
        assert path.stat().st_mode & 0o077 == 0 and path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("policy", "password", "fine"),
    [
        ("", "", True),
        ("minChars=4", "abc", False),
        ("minChars=4", "abcd", True),
        ("maxChars=4", "abcde", False),
        ("requiresAlpha=1", "1234", False),
        ("requiresNumeric=1", "abcd", False),
        ("minChars=4 requiresAlpha=1 requiresNumeric=1", "abc1", True),
        ("minChars=x", "", True),
    ],
)
def test_policies(policy: str, password: str, fine: bool) -> None:
    assert passwords.fulfils(policy, password) is fine


def test_a_password_that_the_policy_refuses_changes_nothing(account: Path) -> None:
    run(account, "dscl", ".", "-create", "/Users/alice", "PasswordPolicyOptions", "minChars=9")
    result = run(account, "dscl", ".", "-passwd", "/Users/alice", "short")
    assert (result.returncode, result.stdout, result.stderr) == (
        85,
        "passwd: DS error: eDSAuthPasswordQualityCheckFailed\n",
        "<dscl_cmd> DS Error: -14165 (eDSAuthPasswordQualityCheckFailed)\n",
    )
    assert status(account, "alice", "geheim é") == 0
