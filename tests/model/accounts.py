"""What sysadminctl makes of the model (spec/dirserv.md 4); its exit status is always 0."""

from __future__ import annotations

from collections.abc import Mapping

from tests.model import groups
from tests.model.model import (
    GROUPS,
    NATIVE,
    TAKEN,
    USERS,
    Model,
    Record,
    Refused,
    Unknown,
    first,
    number,
)

FIRST_UID, STAFF, FIRST_PERSON = 501, "20", 500
ADMIN_GROUPS = ("admin", "_appserverusr", "_appserveradm")
OWN = ("AvatarRepresentation", "hint", "inputSources", "jpegphoto", "passwd", "picture",
       "unlockOptions", "UserCertificate")
SHADOW = ";ShadowHash;HASHLIST:<SALTED-SHA512-PBKDF2,SRP-RFC5054-4096-SHA512-PBKDF2>"
POLICY = ("creationTime", "failedLoginCount", "failedLoginTimestamp", "passwordLastSetTime")


def add_user(model: Model, name: str, options: Mapping[str, str]) -> None:
    """-addUser with -home, so that no home is made."""
    if _refused(model, name, options):
        return
    user = model.make(USERS, name)
    if user is None:
        return
    user.update({
        "RealName": [options.get("-fullName") or name],
        "PrimaryGroupID": [STAFF],
        "NFSHomeDirectory": [options["-home"]],
        "UserShell": [options.get("-shell", "/bin/zsh")],
        "AuthenticationHint": [""],
        "AuthenticationAuthority": [SHADOW],
        NATIVE + "AvatarRepresentation": [""],
        NATIVE + "inputSources": [""],
        NATIVE + "unlockOptions": ["0"],
        NATIVE + "ShadowHashData": [Unknown("[0-9a-f]{8}( [0-9a-f]{1,8})+")],
        NATIVE + "accountPolicyData": [Unknown("".join(f".*<key>{key}</key>" for key in POLICY)
                                               + ".*")],
    })
    for own in OWN:
        user[f"{NATIVE}_writers_{own}"] = [name]
    _give_uid(model, user, options)
    if "-admin" in options:
        for group_name in ADMIN_GROUPS:
            group = model.find(GROUPS, group_name)
            if group is not None:
                model.merge(GROUPS, group_name, "GroupMembership", [name])
                group["GroupMembers"] = [*group.get("GroupMembers", []), user["GeneratedUID"][0]]


def _give_uid(model: Model, user: Record, options: Mapping[str, str]) -> None:
    """The uid asked for, or the lowest free one; with one in use the record stays without."""
    taken = [number(first(other, "UniqueID")) for other in model.state[USERS]]
    uid = FIRST_UID
    while uid in taken:
        uid += 1
    try:
        model.put(USERS, user, "UniqueID", [options.get("-UID", str(uid))])
    except Refused as refused:
        assert refused.status == TAKEN  # noqa: S101 - the model's own consistency


def _refused(model: Model, name: str, options: Mapping[str, str]) -> bool:
    if model.find(USERS, name) is not None or any(char in "/:\n\t" for char in name):
        return True
    full_name = options.get("-fullName") or name
    return any(full_name in [*other.get("RealName", []), *other["RecordName"]]
               for other in model.state[USERS])


def delete_user(model: Model, name: str) -> None:
    """-deleteUser -keepHome: the record and its memberships, unless it is the last admin's."""
    user = model.find(USERS, name)
    if user is None or _is_last_admin(model, user):
        return
    for group in model.state[GROUPS]:
        groups.take_out(group, USERS, user)
    model.remove(USERS, user)


def _is_last_admin(model: Model, user: Record) -> bool:
    if number(first(user, "UniqueID")) == 0:
        return True
    admin = model.find(GROUPS, "admin")
    if admin is None or not groups.is_member(model, user, admin):
        return False
    return not any(
        groups.is_member(model, other, admin)
        for other in model.state[USERS]
        if other is not user and FIRST_PERSON <= (number(first(other, "UniqueID")) or 0) < 1 << 31
    )
