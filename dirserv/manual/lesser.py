"""What the smaller account commands take."""

from __future__ import annotations

import argparse

from dirserv.manual.describe import describe


def dscacheutil() -> argparse.ArgumentParser:
    """The parser of dscacheutil."""
    return describe(
        "dscacheutil", "-q category [-a key value] | -cachedump | -configuration | -flushcache | "
        "-statistics",
        "Shows what the C library's lookups return, and serves scripts that flush the cache.",
        ("options", (
            ("-q", "user|group|host|mount|service|rpc|protocol", "Look up a category: all "
             "entries, or those that -a names."),
            ("-a", "key", "A key and, as the next word, its value. Keys are name and uid of a "
             "user, name and gid of a group, name and ip_address of a host, name of a mount, "
             "name and port of a service, name and number of an rpc or a protocol."),
            ("-cachedump", "", "Dump the cache: there is none, so there are no details."),
            ("-buckets", "", "With -cachedump: accepted."),
            ("-entries", "", "With -cachedump: the entries of a category, the next word."),
            ("-configuration", "", "Show the search policy."),
            ("-flushcache", "", "Empty the cache."),
            ("-statistics", "", "Show the statistics of the cache."),
            ("-h", "", "Show the usage."))))


def dserr() -> argparse.ArgumentParser:
    """The parser of dserr."""
    return describe("dserr", "code", "Prints the name of a status code of the directory.",
                    ("operand", (("code", "", "The number, with or without its sign."),)))


def dsimport() -> argparse.ArgumentParser:
    """The parser of dsimport."""
    return describe(
        "dsimport", "file node mode [options]",
        "Takes records from a text file whose first line describes it. One letter says what "
        "happens to a record that is there already: O replaces it, M replaces the attributes that "
        "the file has, I leaves it alone, A adds values to it, and N does not look.",
        ("operands", (
            ("file", "file", "The file."),
            ("node", "", "The node that the records go to, such as /Local/Default."),
            ("mode", "O|M|I|A|N", "What happens to a record that is there already."))),
        ("options", (
            ("--outputfile", "file", "Write a property list of what succeeded and failed."),
            ("--username", "name", "Who imports."),
            ("--password", "password", "The password of who imports."),
            ("--force", "attribute", "Give every record a value for an attribute; the value is "
             "the next word. May be repeated."),
            ("--startid", "id", "Where numbering starts for records without an id; 1025 by "
             "default."),
            ("--groupid", "gid", "The primary group of users without one; 20 by default."),
            ("--recordformat", "text", "The description that the file lacks."),
            ("--recordtype", "type", "Import as records of this type."),
            ("--template", "StandardUser|StandardGroup", "A description by its name."),
            ("--crypt", "", "Passwords in the file are hashes of crypt(3)."),
            ("--loglevel", "number", "From 1 on: say on standard error why a record failed."))))


def dsenableroot() -> argparse.ArgumentParser:
    """The parser of dsenableroot."""
    return describe(
        "dsenableroot", "[-d] [-u user] [-p password] [-r root-password]",
        "Gives root a password, or takes it away. What is not given is asked for.",
        ("options", (
            ("-d", "", "Disable root instead of enabling it."),
            ("-u", "user", "An account that may administer this machine."),
            ("-p", "password", "Its password."),
            ("-r", "root-password", "The new password of root."),
            ("-v", "", "Print the version."),
            ("-h", "", "Show the usage."))))


def createhomedir() -> argparse.ArgumentParser:
    """The parser of createhomedir."""
    return describe(
        "createhomedir", "[-a | -l | -n node] [-b | -c | -s] [-i] [-u user]",
        "Makes the home directories that are missing.",
        ("options", (
            ("-a", "", "For every account of a person in any directory domain."),
            ("-l", "", "For every account of a person in the local domain."),
            ("-n", "node", "For every account of a person in this node."),
            ("-u", "user", "For this account. May be repeated."),
            ("-i", "", "For the accounts named on standard input, one a line."),
            ("-b", "", "Homes on this machine and on servers."),
            ("-c", "", "Homes on this machine only."),
            ("-s", "", "Homes on servers only: there are none, so nothing is made."))))


_POLICIES = (
    ("-getaccountpolicies", "", "Show the account policies; without -u the global ones."),
    ("-setaccountpolicies", "file", "Replace them with a property list."),
    ("-clearaccountpolicies", "", "Remove them."),
    ("-authentication-allowed", "", "Tell whether the user may authenticate."),
    ("-disableuser", "", "Let the user authenticate no more."),
    ("-enableuser", "", "Let the user authenticate again."),
    ("-setpassword", "[password]", "Set the user's password; asked for if it is not given."),
    ("-getpolicy", "", "Show the user's policy."),
    ("-setpolicy", "policy", 'Set it, as "KEY=VALUE ...".'),
    ("-setpolicyglobal", "", "Have only the global policy apply to the user."),
    ("-get-effective-policy", "", "Show what applies to the user."),
    ("-getglobalpolicy", "", "Show the global policy."),
    ("-setglobalpolicy", "policy", 'Set it, as "KEY=VALUE ...".'),
    ("-gethashtypes", "", "Show the kinds of hashes that the user has."),
    ("-sethashtypes", "type on|off ...", "Change them."),
    ("-getglobalhashtypes", "", "Show the kinds of hashes that new users have."),
    ("-setglobalhashtypes", "type on|off ...", "Change them."),
)


def pwpolicy() -> argparse.ArgumentParser:
    """The parser of pwpolicy."""
    return describe(
        "pwpolicy", "[-v] [-a authenticator] [-p password] [-u user | -c computer] [-n node] "
        "command [argument ...]",
        "Shows and sets what is demanded of passwords, and disables and enables users. The "
        "leading dash of a command may be left out or doubled; -0 to -6 stand for "
        "getglobalpolicy, setglobalpolicy, getpolicy, setpolicy, setpolicyglobal, setpassword "
        "and enableuser.",
        ("options", (
            ("-a", "authenticator", "The account that authorises the change."),
            ("-p", "password", "Its password; asked for if it is not given."),
            ("-u", "user", "The user to work on."),
            ("-c", "computer", "The computer to work on."),
            ("-n", "node", "The directory node."),
            ("-v", "", "Say more."),
            ("-h", "", "Show the usage."))),
        ("commands", _POLICIES))
