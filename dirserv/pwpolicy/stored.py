"""Where policies are kept in the directory.

A user's in attributes of the record, the global ones in ``Config/shadowhash``, the record that
Apple's published pwpolicy uses for its global list of hash types.
"""

from __future__ import annotations

from dirserv.names import NATIVE
from dirserv.passwords import GLOBAL_POLICIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.change import Change
    from dirserv.membership import Directory
    from dirserv.record import Record

#: An XML property list with the categories of account policies.
ACCOUNT_POLICIES = NATIVE + "accountPolicies"
HASH_TYPES = NATIVE + "optional_hash_list"


def global_record(directory: Directory) -> Record | None:
    """The record that holds the global policies, if any were ever set."""
    return directory.find(*GLOBAL_POLICIES)


def need_global_record(change: Change) -> Record:
    """The record for the global policies, made on first use."""
    return change.find(*GLOBAL_POLICIES) or change.create(*GLOBAL_POLICIES)
