"""fdesetup: there is no FileVault. Texts and the status 1 of isactive are the real ones."""

from __future__ import annotations

from dirserv.outcome import Outcome
from dirserv.paths import Root

_ANSWERS = {
    "isactive": ("false\n", 1),
    "status": ("FileVault is Off.\n", 0),
    "supportsauthrestart": ("false\n", 0),
}


def run(argv: list[str], root: Root) -> Outcome:
    """The command fdesetup; what would change something is refused in our words."""
    if len(argv) > 1 and argv[1] in _ANSWERS:
        return Outcome(*_answer(argv[1]))
    verbs = ", ".join(_ANSWERS)
    return Outcome(err=f"fdesetup: there is no FileVault on this system; it answers {verbs}\n",
                   status=1)


def _answer(verb: str) -> tuple[str, str, int]:
    text, status = _ANSWERS[verb]
    return text, "", status
