"""The verbs that move the current path: cd, pushd, popd."""

from __future__ import annotations

from dirserv.dscl.items import deepest, walk
from dirserv.errors import InvalidPath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.dscl.session import Session


def cd(session: Session, arguments: list[str]) -> int:
    """``cd PATH``."""
    if arguments:
        session.stack = walk(session.stack, arguments[0])
    return 0


def pushd(session: Session, arguments: list[str]) -> int:
    """``pushd [PATH]``: remember the current path and go there; without one, swap with the
    remembered path."""
    if arguments:
        there = walk(session.stack, arguments[0])
    elif session.pushed:
        there = session.pushed.pop()
    else:
        raise InvalidPath("no other directory")
    session.pushed.append(session.stack)
    session.stack = there
    return _show(session)


def popd(session: Session, arguments: list[str]) -> int:
    """``popd``: go back to the path that was remembered last."""
    if not session.pushed:
        raise InvalidPath("Directory stack empty.")
    session.stack = session.pushed.pop()
    return _show(session)


def _show(session: Session) -> int:
    pushed = [deepest(stack) or "/" for stack in reversed(session.pushed)]
    session.say(" ".join((deepest(session.stack), *pushed)) + " ")
    return 0
