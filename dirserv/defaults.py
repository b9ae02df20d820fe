"""What a new record has before anybody sets an attribute (spec/dirserv.md 6)."""

from __future__ import annotations

import posix
import time

from dirserv.names import (
    ACCOUNT_POLICY,
    COMPUTER_GROUPS,
    COMPUTER_LISTS,
    COMPUTERS,
    DAEMON_VERSION,
    GENERATED_UID,
    GROUPS,
    PASSWORD,
    USERS,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.record import Attributes

_WITH_UUID = (USERS, GROUPS, COMPUTERS, COMPUTER_LISTS, COMPUTER_GROUPS)

#: What macOS 26 writes; its only meaning is "which release made this record".
_DAEMON_VERSION = "9670000"


def new_attributes(type: str) -> Attributes:
    """The attributes of a record that has just been created, besides its name."""
    attributes: Attributes = {}
    if type in _WITH_UUID:
        attributes[GENERATED_UID] = [random_uuid()]
    if type == USERS:
        attributes[PASSWORD] = ["********"]
        attributes[ACCOUNT_POLICY] = [account_policy({"creationTime": time.time()})]
        attributes[DAEMON_VERSION] = [_DAEMON_VERSION]
    return attributes


def random_uuid() -> str:
    """A version 4 UUID in upper case, as GeneratedUID has it."""
    number = int.from_bytes(posix.urandom(16), "big")
    number = number & ~(0xF000 << 64 | 0xC000 << 48) | 4 << 76 | 2 << 62
    digits = f"{number:032X}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def account_policy(policy: dict[str, float]) -> str:
    """accountPolicyData: an XML property list, reals for times and integers for counts."""
    lines = []
    for key in sorted(policy):
        value = policy[key]
        kind = "real" if isinstance(value, float) else "integer"
        lines.append(f"\t<key>{key}</key>\n\t<{kind}>{value!r}</{kind}>\n")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" '
        '"http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
        '<plist version="1.0">\n<dict>\n' + "".join(lines) + "</dict>\n</plist>\n"
    )
