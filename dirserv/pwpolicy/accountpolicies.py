"""Account policies: property lists, of a user or global (spec 5.5).

They are kept and shown; their conditions (predicates over policyAttributes) are not evaluated.
"""

from __future__ import annotations

from dirserv.pwpolicy.stored import ACCOUNT_POLICIES, global_record, need_global_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.pwpolicy.main import Request

#: No policy file is anywhere near this size.
_LARGEST = 1 << 20


def getaccountpolicies(request: Request) -> None:
    """Show the policies, an empty line if there are none."""
    if request.name:
        record = request.directory.find(request.type, request.name)
    else:
        record = global_record(request.directory)
    request.outcome.say(_heading("Getting", request))
    request.outcome.out += (record.first(ACCOUNT_POLICIES) if record is not None else "") or "\n"


def setaccountpolicies(request: Request) -> None:
    """Replace the policies with those in a file."""
    path = request.arguments[0]
    policies = _read(request, path)
    if policies is None:
        return
    _store(request, [policies])
    request.outcome.say(_heading("Setting", request))


def clearaccountpolicies(request: Request) -> None:
    """Remove the policies."""
    _store(request, [])
    request.outcome.say(_heading("Clearing", request))


def _heading(doing: str, request: Request) -> str:
    if request.name:
        return f"{doing} account policies for user <{request.name}>"
    return f"{doing} global account policies"


def _store(request: Request, policies: list[str]) -> None:
    with request.directory.change() as change:
        if request.name:
            record = change.find(request.type, request.name)
        else:
            record = need_global_record(change) if policies else global_record(change)
        if record is not None:
            change.set(record, ACCOUNT_POLICIES, policies)


def _read(request: Request, path: str) -> str | None:
    """The policies in a file in one form; None after an error was reported."""
    import plistlib

    from dirserv import plist

    try:
        with open(request.directory.root.host(path), "rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        request.fail(f"Error: {path}: {reason}")
        return None
    try:
        policies = plist.loads(data)
        if len(data) > _LARGEST or not isinstance(policies, dict):
            raise ValueError("no dictionary of policies")
        return plistlib.dumps(policies).decode()
    except (ValueError, TypeError, RecursionError, OverflowError):
        request.fail(f"Error: {path} is not a property list of account policies")
        return None
