"""What ``dseditgroup -v`` says of its options before it acts (spec 3.2)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.dseditgroup import Request
    from dirserv.outcome import Outcome

#: Option -> what is said of its value.
_ECHO = {
    "n": "Nodename provided as <{}>", "P": "Password provided as <{}>",
    "a": "Recordname to be added provided as <{}>",
    "d": "Recordname to be deleted provided as <{}>",
    "t": "Recordtype provided as <{}>", "T": "Grouptype provided as <{}>",
    "i": "GID provided as <{}>", "g": "GUID provided as <{}>", "S": "SID provided as <{}>",
    "r": "Realname provided as <{}>", "k": "Keyword provided as <{}>",
    "c": "Comment provided as <{}>", "s": "TimeToLive provided as <{}>",
}
_ECHO_OPERATION = {
    "read": "Read option selected", "create": "Create option selected",
    "delete": "Delete option selected", "edit": "Edit option selected",
    "checkmember": "Checking membership selected",
}


def echo(outcome: Outcome, request: Request) -> None:
    """Say what dseditgroup understood of its command line."""
    given = request.given
    outcome.say("dseditgroup verbose mode")
    outcome.say("Options selected by user:")
    outcome.say(_ECHO_OPERATION[request.operation])
    if "p" in given:
        outcome.say("Interactive password option selected")
    if "q" in given:
        outcome.say("User verification is disabled")
    if "n" in given:
        outcome.say(_ECHO["n"].format(given["n"]))
    how = "provided as" if "u" in given else "determined to be"
    outcome.say(f"Username {how} <{request.user}>")
    for letter, line in _ECHO.items():
        if letter in given and letter != "n":
            outcome.say(line.format(given[letter]))
    outcome.say(f"Groupname provided as <{request.group}>")
    if "L" in given:
        outcome.say("Will maintain computer lists when applicable")
    outcome.say("")
