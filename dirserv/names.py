"""Names of attributes and record types: what a user types, what is stored, what lies on disk.

Sources: spec/dirserv.md 2.4 and 2.5; tables in ``attribute_names``.
"""

from __future__ import annotations

from dirserv.attribute_names import (
    LOCAL_RECORD_TYPES,
    ON_DISK_KEYS,
    STANDARD_ATTRIBUTES,
    STANDARD_RECORD_TYPES,
)

STANDARD = "dsAttrTypeStandard:"
NATIVE = "dsAttrTypeNative:"
STANDARD_TYPE = "dsRecTypeStandard:"
NATIVE_TYPE = "dsRecTypeNative:"

USERS = STANDARD_TYPE + "Users"
GROUPS = STANDARD_TYPE + "Groups"
COMPUTERS = STANDARD_TYPE + "Computers"
COMPUTER_LISTS = STANDARD_TYPE + "ComputerLists"
COMPUTER_GROUPS = STANDARD_TYPE + "ComputerGroups"

RECORD_NAME = STANDARD + "RecordName"
RECORD_TYPE = STANDARD + "RecordType"
META_NODE = STANDARD + "AppleMetaNodeLocation"
GENERATED_UID = STANDARD + "GeneratedUID"
UNIQUE_ID = STANDARD + "UniqueID"
PRIMARY_GROUP_ID = STANDARD + "PrimaryGroupID"
REAL_NAME = STANDARD + "RealName"
PASSWORD = STANDARD + "Password"
HOME = STANDARD + "NFSHomeDirectory"
SHELL = STANDARD + "UserShell"
MEMBERSHIP = STANDARD + "GroupMembership"
MEMBERS = STANDARD + "GroupMembers"
NESTED_GROUPS = STANDARD + "NestedGroups"
AUTHENTICATION_AUTHORITY = STANDARD + "AuthenticationAuthority"
SHADOW_HASH = NATIVE + "ShadowHashData"
#: The password and class fields that an admin wrote into master.passwd by hand.
MASTER_PASSWORD = NATIVE + "master_passwd"
ACCOUNT_POLICY = NATIVE + "accountPolicyData"
DAEMON_VERSION = NATIVE + "record_daemon_version"

#: Attributes that only root sees (spec/dirserv.md 2.6).
SECRETS = frozenset(
    (SHADOW_HASH, MASTER_PASSWORD, NATIVE + "KerberosKeys", NATIVE + "HeimdalSRPKey",
     NATIVE + "passwordHistory")
)

_STANDARD_BY_KEY = {key: name for name, key in ON_DISK_KEYS.items()}
_TYPE_BY_KEY = {key: name for name, key in reversed(LOCAL_RECORD_TYPES.items()) if name != "NFS"}


def qualified(key: str) -> str:
    """The full attribute name for a typed key: as it is, standard if known, else native."""
    if key.startswith((STANDARD, NATIVE)):
        return key
    return (STANDARD if key in STANDARD_ATTRIBUTES else NATIVE) + key


def stored(attribute: str) -> str:
    """The name an attribute is stored under: a native key that is a standard attribute's
    on-disk name *is* that attribute."""
    if attribute.startswith(NATIVE):
        standard = _STANDARD_BY_KEY.get(attribute[len(NATIVE):])
        if standard is not None:
            return STANDARD + standard
    return attribute


def on_disk(attribute: str) -> str:
    """The key of a stored attribute in a dslocal plist."""
    if attribute.startswith(NATIVE):
        return attribute[len(NATIVE):]
    bare = attribute[len(STANDARD):]
    return ON_DISK_KEYS.get(bare, attribute)


def from_disk(key: str) -> str:
    """The stored name of a dslocal plist key."""
    return stored(key if key.startswith((STANDARD, NATIVE)) else NATIVE + key)


def record_type(text: str) -> str | None:
    """The full record type for one path component, or None if the local node has no such type.

    Accepted are full constants, standard names and native names, letters in any case.
    """
    if text.startswith(STANDARD_TYPE):
        bare = text[len(STANDARD_TYPE):]
        return text if bare in STANDARD_RECORD_TYPES else None
    if text.startswith(NATIVE_TYPE):
        bare = text[len(NATIVE_TYPE):]
        return STANDARD_TYPE + _TYPE_BY_KEY[bare] if bare in _TYPE_BY_KEY else text
    if text in LOCAL_RECORD_TYPES:
        return STANDARD_TYPE + text
    wanted = text.lower()
    for name, key in LOCAL_RECORD_TYPES.items():
        if wanted in (name.lower(), key.lower()):
            return STANDARD_TYPE + name
    return None


def without_prefix(constant: str) -> str:
    """A standard constant without its prefix; native ones keep theirs."""
    if constant.startswith("ds") and not constant.startswith((NATIVE, NATIVE_TYPE)):
        return constant[constant.rfind(":") + 1:]
    return constant
