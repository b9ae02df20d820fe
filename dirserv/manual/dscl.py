"""What dscl(1) and dseditgroup(8) take."""

from __future__ import annotations

import argparse

from dirserv.manual.describe import describe

_OPTIONS = (
    ("-u", "user", "Authenticate as this user."),
    ("-P", "password", "The user's password."),
    ("-p", "", "Ask for the password."),
    ("-f", "path", "Work on the dslocal node directory at this path, named /Local/Target."),
    ("-raw", "", "Show the prefixes of attribute and record types."),
    ("-plist", "", "Show what -read and -readall find as an XML property list."),
    ("-url", "", "Show values percent-encoded."),
    ("-q", "", "No prompt and no farewell in a session."),
)
_SOURCE = (
    ("datasource", "datasource: localhost|localonly|.|/Local/Default|/Search",
     'What to look at: "localhost" for every node of this machine (the '
     'default), "localonly" or "." for the local node, or a node by its name, such as '
     "/Local/Default or /Search."),
)
_COMMANDS = (
    ("-read", "path [key ...]", "Show the attributes of a record, or those that are named. "
     'Synonyms: cat, and a single dot.'),
    ("-readall", "path [key ...]", "Show the attributes of every record below a path."),
    ("-readpl", "path key plist_path", "Show a part of a property list that is an attribute's "
     "value."),
    ("-readpli", "path key value_index plist_path", "The same for one of several values."),
    ("-list", "path [key]", "List what is below a path, with the values of an attribute beside "
     "it. Synonym: ls."),
    ("-search", "path key value", "Find records by the value of an attribute."),
    ("-create", "path [key [value ...]]", "Make a record, or give an attribute these values and "
     "no others. Synonyms: mk, createprop."),
    ("-createpl", "path key plist_path value [value ...]", "Set a part of a property list."),
    ("-createpli", "path key value_index plist_path value [value ...]", "The same for one of "
     "several values."),
    ("-append", "path key value [value ...]", "Add values to an attribute."),
    ("-merge", "path key value [value ...]", "Add those values that an attribute lacks."),
    ("-change", "path key old_value new_value", "Replace a value."),
    ("-changei", "path key value_index new_value", "Replace the value with this number, "
     "counted from 1."),
    ("-delete", "path [key [value ...]]", "Remove a record, an attribute, or values of it. "
     "Synonyms: rm, destroy, destroyprop."),
    ("-deletepl", "path key plist_path [value ...]", "Remove a part of a property list."),
    ("-deletepli", "path key value_index plist_path [value ...]", "The same for one of several "
     "values."),
    ("-diff", "path path [key ...]", "Compare two records."),
    ("-passwd", "[path [new_password | old_password new_password]]", "Set a user's password. "
     "Asked for if it is not given."),
    ("-auth", "user [password]", "Authenticate a user. Synonym: su."),
    ("-authonly", "user [password]", "Authenticate a user; nothing else depends on it."),
    ("-cd", "path", "In a session: go to a path."),
    ("-pushd", "[path]", "In a session: go to a path and remember this one. Synonym: pd."),
    ("-popd", "", "In a session: go back to the remembered path."),
)


def dscl() -> argparse.ArgumentParser:
    """The parser of dscl. A verb is an option here: its dash, though optional, is usual."""
    return describe(
        "dscl", "[options] [datasource [command [argument ...]]]",
        "Reads and changes the records of the directory: users, groups and others. Without a "
        "command it reads commands from standard input. The leading dash of a command may be left "
        "out. A path names a record as /Users/NAME or /Groups/NAME, below a datasource of "
        "several nodes as /Local/Default/Users/NAME. A key is the name of an attribute, such as "
        "UniqueID or GroupMembership; a name that the schema does not know is stored as a native "
        "attribute.",
        ("datasource", _SOURCE), ("options", _OPTIONS), ("commands", _COMMANDS))


_EDITGROUP = (
    ("-o", "read|create|edit|delete|checkmember", "The operation; read if none is given."),
    ("-p", "", "Ask for the password."),
    ("-q", "", "Do not check the user."),
    ("-v", "", "Say what is done."),
    ("-n", "node", "The directory node."),
    ("-m", "member", "The user that checkmember asks about; by default whoever calls."),
    ("-u", "user", "The account that authorises the change."),
    ("-P", "password", "Its password."),
    ("-a", "member", "Add a member."),
    ("-d", "member", "Remove a member."),
    ("-t", "user|group|computer|computergroup", "What the member is; user if it is not said."),
    ("-T", "user|group|computer|computergroup", "What the group is; group if it is not said."),
    ("-i", "gid", "The group's id."),
    ("-g", "uuid", "The group's UUID."),
    ("-S", "sid", "The group's SID."),
    ("-r", "realname", "The group's full name."),
    ("-k", "keyword", "A keyword."),
    ("-c", "comment", "A comment."),
    ("-s", "ttl", "How many seconds the record may be cached."),
    ("-L", "", "Keep a computer list of the same name in step."),
    ("-f", "format", "Accepted without effect."),
    ("-h", "", "Show the usage."),
)


def dseditgroup() -> argparse.ArgumentParser:
    """The parser of dseditgroup."""
    return describe(
        "dseditgroup", "[-pqv] [-o operation] [options] group",
        "Reads, creates, changes and deletes groups, and tells who is a member. Membership "
        "includes nested groups and the primary group.",
        ("options", _EDITGROUP), ("operand", (("group", "", "The group's name."),)))
