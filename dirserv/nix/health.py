"""The health of an installed Nix: the installer's own steps, one after the other, then its use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from dirserv.nix import looks
from dirserv.nix.facts import ask
from dirserv.nix.inside import Inside
from dirserv.nix.looks import Bad, Health
from dirserv.nix.places import DAEMON, LOG, PLIST


class Result(NamedTuple):
    """A check's result: ``ok`` is None where an earlier fault makes it senseless."""

    check: str
    ok: bool | None
    text: str
    next: str = ""


class _Check(NamedTuple):
    name: str
    look: Callable[[Health], str]
    next: str
    #: Checks that have to be good before this one makes sense.
    needs: tuple[str, ...] = ()


def examine(inside: Inside, use: bool = True) -> Iterator[Result]:
    """Every check, in the order of the installer's steps; ``use`` includes Nix at work.

    Raises AdminError if the prefix does not answer at all.
    """
    health = Health(inside, ask(inside, looks.QUESTIONS))
    bad: set[str] = set()
    for name, look, remedy, needs in _CHECKS if use else _CHECKS[:-_USES]:
        if bad & set(needs):
            bad.add(name)
            yield Result(name, None, f"not looked at: {', '.join(sorted(bad & set(needs)))}")
            continue
        try:
            yield Result(name, True, look(health))
        except Bad as error:
            bad.add(name)
            yield Result(name, False, str(error), remedy.format(root=inside.root))


_NIXBLD = "darling-dirserv nixbld create --root {root}"
_REINSTALL = "darling-dirserv nix uninstall --prefix {root}, then nix install"
_LOOK = f"look at {LOG} and at launchctl print system/{DAEMON}"

_CHECKS = (
    _Check("group", looks.group, _NIXBLD),
    _Check("users", looks.users, _NIXBLD, ("group",)),
    _Check("ids", looks.ids, _NIXBLD, ("users",)),
    _Check("flat-files", looks.flat, "darling-dirserv doctor --root {root}", ("users",)),
    _Check("store", looks.store, _REINSTALL),
    _Check("profile", looks.profile, _REINSTALL, ("store",)),
    _Check("shell-profiles", looks.shells, _REINSTALL),
    _Check("nix.conf", looks.conf, _REINSTALL),
    _Check("plist", looks.plist, _REINSTALL),
    _Check("job", looks.job, f"launchctl load {PLIST}; {_LOOK}", ("plist",)),
    _Check("socket", looks.socket, _LOOK, ("job", "profile")),
    _Check("evaluation", looks.evaluation, _REINSTALL, ("profile",)),
    _Check("build", looks.build, _LOOK, ("socket", "evaluation")),
)
#: The last ones start Nix itself.
_USES = 3
#: What ``examine`` looks at.
NAMES = tuple(check.name for check in _CHECKS)
