"""Passwords: ShadowHashData (SALTED-SHA512-PBKDF2), AuthenticationAuthority, policy.

Sources: spec/dirserv.md 2.11, 5.5 and 6.2.
"""

from __future__ import annotations

import os

from dirserv.errors import (
    ACCOUNT_DISABLED,
    AUTH_FAILED,
    AUTH_METHOD_NOT_SUPPORTED,
    PASSWORD_QUALITY,
    PERMISSION,
    DSError,
)
from dirserv.names import (
    ACCOUNT_POLICY,
    AUTHENTICATION_AUTHORITY,
    NATIVE,
    PASSWORD,
    SHADOW_HASH,
    STANDARD,
    STANDARD_TYPE,
    USERS,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from dirserv.change import Change
    from dirserv.record import Attributes, Record

    class Accounts(Protocol):
        """Where users and their secrets are found."""

        def find(self, type: str, name: str) -> Record | None: ...
        def secrets(self, record: Record) -> Attributes: ...


SHADOW_AUTHORITY = ";ShadowHash;HASHLIST:<SALTED-SHA512-PBKDF2,SRP-RFC5054-4096-SHA512-PBKDF2>"
DISABLED_AUTHORITY = ";DisabledUser;"
POLICY = STANDARD + "PasswordPolicyOptions"
#: The record that holds the global policies (pwpolicy), if any were ever set.
GLOBAL_POLICIES = (STANDARD_TYPE + "Config", "shadowhash")

_SCHEME = "SALTED-SHA512-PBKDF2"
_ITERATIONS = 121_951  # of a macOS 26 record
_SALT_BYTES, _ENTROPY_BYTES = 32, 128


def shadow_hash(password: str) -> bytes:
    """ShadowHashData for a password: a binary property list."""
    import plistlib

    salt = os.urandom(_SALT_BYTES)
    hashed = {
        "entropy": _derive(password, salt, _ITERATIONS, _ENTROPY_BYTES),
        "iterations": _ITERATIONS,
        "salt": salt,
    }
    return plistlib.dumps({_SCHEME: hashed}, fmt=plistlib.FMT_BINARY)


def verify(data: object, password: str) -> bool | None:
    """Whether a password fits ShadowHashData; None if there is no usable hash in it."""
    import hmac

    from dirserv import plist

    if not isinstance(data, bytes):
        return None
    try:
        hashed = plist.loads(data)[_SCHEME]
        entropy, salt, iterations = hashed["entropy"], hashed["salt"], hashed["iterations"]
        derived = _derive(password, salt, iterations, len(entropy))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return None
    return hmac.compare_digest(derived, entropy)


def _derive(password: str, salt: bytes, iterations: int, length: int) -> bytes:
    import hashlib

    data = password.encode("utf-8", "surrogateescape")
    return hashlib.pbkdf2_hmac("sha512", data, salt, iterations, length)


def authenticate(accounts: Accounts, name: str, password: str) -> int:
    """0, or the status with which the service refuses a name and password."""
    user = accounts.find(USERS, name)
    if user is None:
        return AUTH_FAILED
    authority = user.values(AUTHENTICATION_AUTHORITY)
    if any(value.startswith(DISABLED_AUTHORITY) for value in authority):
        return ACCOUNT_DISABLED
    if SHADOW_HASH not in user.secret or not any(";ShadowHash;" in value for value in authority):
        return AUTH_METHOD_NOT_SUPPORTED
    secrets = accounts.secrets(user)
    if not secrets:
        return PERMISSION  # only root sees the hash, so nobody else can compare
    fits = verify(secrets[SHADOW_HASH][0], password)
    if fits is None:
        return AUTH_METHOD_NOT_SUPPORTED
    return 0 if fits else AUTH_FAILED


def set_password(
    change: Change, user: Record, password: str, hashed: bytes | None = None
) -> None:
    """Give a user a password, with everything that the service notes about it.

    ``hashed`` is its ShadowHashData where the caller made that before taking the lock: it takes
    longer than all the rest. Raises DSError eDSAuthPasswordQualityCheckFailed if the user's or
    the global policy refuses the password.
    """
    for policy in (user.first(POLICY), global_policy(change)):
        if not fulfils(policy, password):
            raise DSError(PASSWORD_QUALITY)
    change.write(user, SHADOW_HASH, [hashed or shadow_hash(password)])
    change.write(user, PASSWORD, ["********"])
    change.write(user, NATIVE + "_writers_passwd", [user.name])
    _note_password_time(change, user)
    authority = user.values(AUTHENTICATION_AUTHORITY)
    if not any(";ShadowHash;" in value for value in authority):
        change.write(user, AUTHENTICATION_AUTHORITY, [SHADOW_AUTHORITY, *authority])


def _note_password_time(change: Change, user: Record) -> None:
    import time

    from dirserv.defaults import account_policy

    policy = {"failedLoginCount": 0, "failedLoginTimestamp": 0,
              "passwordLastSetTime": time.time()}
    created = _creation_time(user.first(ACCOUNT_POLICY))
    if created is not None:
        policy["creationTime"] = created
    change.write(user, ACCOUNT_POLICY, [account_policy(policy)])


def _creation_time(policy: str) -> float | None:
    _, key, rest = policy.partition("<key>creationTime</key>")
    _, tag, rest = rest.partition("<real>")
    number = rest.partition("</real>")[0]
    try:
        return float(number) if key and tag else None
    except ValueError:
        return None


def global_policy(accounts: Accounts) -> str:
    """The global ``k=v k=v`` policy, empty if there is none."""
    record = accounts.find(*GLOBAL_POLICIES)
    return "" if record is None else record.first(POLICY)


def fulfils(policy: str, password: str) -> bool:
    """Whether a password satisfies a ``k=v k=v`` policy (pwpolicy -setpolicy)."""
    rules = dict(pair.split("=", 1) for pair in policy.split() if "=" in pair)
    try:
        shortest, longest = int(rules.get("minChars", 0)), int(rules.get("maxChars", 0))
    except ValueError:
        return True
    return not (
        len(password) < shortest
        or (longest and len(password) > longest)
        or (rules.get("requiresAlpha") == "1" and not any(char.isalpha() for char in password))
        or (rules.get("requiresNumeric") == "1" and not any(char.isdigit() for char in password))
    )
