"""What sysadminctl(8) and dsmemberutil(1) take."""

from __future__ import annotations

import argparse

from dirserv.manual.describe import describe

_STATES = "on|off|status"
_COMMANDS = (
    ("-addUser", "user", "Create a user. Takes -fullName, -UID, -GID, -shell, -password, -hint, "
     "-home, -picture, -admin and -roleAccount."),
    ("-deleteUser", "user", "Delete a user and the home. Takes -keepHome and -secure."),
    ("-newPassword", "password", "Change the caller's own password, with -oldPassword. With "
     "-resetPasswordFor: the new password."),
    ("-resetPasswordFor", "user", "Set a user's password, with -newPassword."),
    ("-secureTokenStatus", "user", "Say whether a user has a secure token."),
    ("-secureTokenOn", "user", "Give a user a secure token, with -password."),
    ("-secureTokenOff", "user", "Take it away, with -password."),
    ("-autologin", "set|off|status", "Who is logged in at start; set takes -userName and "
     "-password."),
    ("-guestAccount", _STATES, "The guest account."),
    ("-afpGuestAccess", _STATES, "Guests over AFP."),
    ("-smbGuestAccess", _STATES, "Guests over SMB."),
    ("-automaticTime", _STATES, "Network time."),
    ("-filesystem", "status", "Whether the volume is encrypted."),
    ("-screenLock", "seconds", 'The delay of the screen lock: "status", "immediate", "off" or '
     "seconds, with -password."),
)
_OPTIONS = (
    ("-fullName", "text", "The user's full name."),
    ("-UID", "uid", "The user's id; by default the lowest free one from 501 on."),
    ("-GID", "gid", "The primary group; 20 (staff) by default."),
    ("-shell", "path", "The login shell."),
    ("-password", "password", 'A password; "-" asks for it.'),
    ("-hint", "text", "The hint for the password."),
    ("-passwordHint", "text", "The hint for the new password."),
    ("-oldPassword", "password", "The password until now."),
    ("-home", "path", "The home directory."),
    ("-picture", "path", "The picture."),
    ("-userName", "user", "The user that -autologin sets."),
    ("-admin", "", "Make the user an administrator."),
    ("-roleAccount", "", "Make a role account: the name begins with an underscore, the id is "
     "from 450 to 499."),
    ("-keepHome", "", "Leave the home of a deleted user where it is."),
    ("-secure", "", "Accepted; the home is removed in the ordinary way."),
    ("-force", "", "Accepted without effect."),
    ("-adminUser", "user", "An administrator who authorises the change."),
    ("-adminPassword", "password", "The administrator's password."),
)


def sysadminctl() -> argparse.ArgumentParser:
    """The parser of sysadminctl."""
    return describe(
        "sysadminctl", "command value [options] [interactive]",
        "Creates and deletes users, and changes passwords and settings. Options may come in any "
        "order. Only root may change something without the name and password of an administrator.",
        ("commands", _COMMANDS), ("options", _OPTIONS),
        ("operand", (("interactive", "", "Ask for the administrator and the password."),)))


_KINDS = {
    "u": ("uid", "a user's id"), "U": ("user", "a user's name"),
    "g": ("gid", "a group's id"), "G": ("group", "a group's name"),
    "x": ("uuid", "a user's UUID"), "X": ("uuid", "a group's UUID"),
    "s": ("sid", "a user's SID"), "S": ("sid", "a group's SID"),
}


def _kinds(letters: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((f"-{letter}", _KINDS[letter][0], f"The value is {_KINDS[letter][1]}.")
                 for letter in letters)


_MEMBER_VERBS = (
    ("getuuid", "-u|-g|-U|-G|-s|-S value", "Print the UUID of a user or group.",
     _kinds("ugUGsS")),
    ("getid", "-U|-G|-s|-S|-x|-X value", "Print the id of a user or group.", _kinds("UGsSxX")),
    ("getsid", "-u|-g|-U|-G|-x|-X value", "Print the SID of a user or group.", _kinds("ugUGxX")),
    ("checkmembership", "-u|-U|-x|-s user -g|-G|-X|-S group", "Say whether a user is a member of "
     "a group.", _kinds("uUxsgGXS")),
    ("flushcache", "", "Accepted: nothing is cached.", ()),
    ("dumpstate", "", "Accepted: there is no state to dump.", ()),
    ("statistics", "[-f]", "Print the statistics, which are all zero.",
     (("-f", "", "Reset them first; nothing is printed."),)),
)


def dsmemberutil() -> argparse.ArgumentParser:
    """The parser of dsmemberutil."""
    return describe(
        "dsmemberutil", "[-v] command [options]",
        "Converts between names, ids, UUIDs and SIDs, and tells who is a member of a group.",
        ("options", (("-v", "", "Say what is done."), ("-h", "", "Show the usage."))),
        verbs=_MEMBER_VERBS)
