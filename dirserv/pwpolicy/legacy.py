"""The ``k=v k=v`` policies of before OS X 10.10, still what Salt uses (spec 5.5).

They are kept as text; ``passwords.set_password`` enforces a user's when a password is set.
"""

from __future__ import annotations

from dirserv.passwords import POLICY, global_policy
from dirserv.pwpolicy.options import USAGE
from dirserv.pwpolicy.stored import need_global_record
from dirserv.record import LOCAL_NODE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.pwpolicy.main import Request

EX_USAGE = 64

#: Keys whose values are dates, typed and shown as mm/dd/yy or mm/dd/yyyy.
_DATES = ("expirationDateGMT", "hardExpireDateGMT", "validAfter", "warnOfExpirationMinutes",
          "warnOfDisableMinutes", "projectedPasswordExpireDate", "projectedAccountDisableDate")


def getglobalpolicy(request: Request) -> None:
    """Show the global policy, nothing if there is none."""
    policy = global_policy(request.directory)
    if policy:
        request.outcome.say(policy)


def setglobalpolicy(request: Request) -> None:
    """Set values of the global policy."""
    new = _parsed(request.arguments[0])
    if new is None:
        _usage(request)
        return
    with request.directory.change() as change:
        record = need_global_record(change)
        change.set(record, POLICY, [_merged(record.first(POLICY), new)])


def getpolicy(request: Request) -> None:
    """Show a user's policy, on the second line."""
    user = request.directory.find(request.type, request.name)
    request.outcome.say(f"Getting policy for {request.name} {LOCAL_NODE}")
    request.outcome.say(user.first(POLICY) if user is not None else "")


def setpolicy(request: Request) -> None:
    """Set values of a user's policy; the others stay."""
    new = _parsed(request.arguments[0])
    if new is None:
        _usage(request)
        return
    with request.directory.change() as change:
        user = change.find(request.type, request.name)
        if user is not None:
            change.set(user, POLICY, [_merged(user.first(POLICY), new)])
    request.outcome.say(f"Setting policy for {request.name}")


def setpolicyglobal(request: Request) -> None:
    """Forget a user's policy."""
    with request.directory.change() as change:
        user = change.find(request.type, request.name)
        if user is not None:
            change.set(user, POLICY, [])


def effective(request: Request) -> None:
    """Show the global policy with the user's over it."""
    user = request.directory.find(request.type, request.name)
    own = _parsed(user.first(POLICY)) if user is not None else None
    request.outcome.say(_merged(global_policy(request.directory), own or {}))


def _parsed(policy: str) -> dict[str, str] | None:
    """The values of a policy; None for a text that is none or has a wrong date."""
    values = {}
    for pair in policy.split():
        key, equals, value = pair.partition("=")
        if not key or not equals or (key in _DATES and not _is_date(value)):
            return None
        values[key] = value
    return values or None


def _merged(policy: str, new: dict[str, str]) -> str:
    values = {**(_parsed(policy) or {}), **new}
    return " ".join(f"{key}={value}" for key, value in values.items())


def _is_date(text: str) -> bool:
    """Whether a text is mm/dd/yy or, as Salt has it, mm/dd/yyyy; 0 stands for none."""
    import time

    if text == "0":
        return True
    try:
        time.strptime(text, "%m/%d/%Y" if len(text) > len("mm/dd/yy") else "%m/%d/%y")
    except ValueError:
        return False
    return True


def _usage(request: Request) -> None:
    request.outcome.out += USAGE
    request.outcome.status = EX_USAGE
