"""What would stop the installer, found before it changes anything (spec/installers.md 1 and 2.1,
spec/darling.md "What stops the unmodified Nix installer")."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from dirserv.nix.facts import Answer, ask
from dirserv.nix.inside import Inside
from dirserv.nix.payload import Payload
from dirserv.nix.profiles import BACKUP, TARGETS

#: What is left free beyond twice the payload, for the database and first builds: bytes.
_SPARE = 200 << 20

_QUESTIONS = {
    "dscl": "/usr/bin/dscl . -list /Groups",
    "dseditgroup": "/usr/sbin/dseditgroup -o read wheel",
    "launchctl": "launchctl print system",
    "daemons": "[ -d /Library/LaunchDaemons ]",
    "sw_vers": "sw_vers -productVersion",
    "uname": "uname -s; uname -m",
    "backups": f"for file in {' '.join(TARGETS)}; do [ ! -e $file{BACKUP} ] || "
               f"diff -q $file $file{BACKUP} >/dev/null || echo $file{BACKUP}; done",
    "store": "ls /nix/store 2>/dev/null | head -n 3; [ ! -e /nix/var/nix/db/db.sqlite ]",
    "plist": "[ ! -e /Library/LaunchDaemons/org.nixos.nix-daemon.plist ]",
    "group": "! /usr/bin/dscl . -read /Groups/nixbld PrimaryGroupID 2>/dev/null",
}


@dataclass(frozen=True)
class Scene:
    """What is looked at: the prefix's answers, the payload, and how it is to be run."""

    inside: Inside
    payload: Payload
    answers: dict[str, Answer]
    direct: bool = False

    def said(self, name: str) -> str:
        """What was printed to a question."""
        return self.answers[name].text.strip()


class Obstacle(NamedTuple):
    """Something that would stop the installer; ``next`` is what to do about it."""

    code: str
    text: str
    next: str


def obstacles(inside: Inside, payload: Payload, direct: bool) -> list[Obstacle]:
    """All that is in the way, in the table's order. Raises AdminError if the prefix is mute."""
    scene = Scene(inside, payload, ask(inside, _QUESTIONS), direct)
    return [Obstacle(code, text, step.format(root=inside.root))
            for code, find, step in _CHECKS for text in find(scene)]


def _commands(scene: Scene) -> Iterator[str]:
    for name in ("dscl", "dseditgroup", "launchctl"):
        if not scene.answers[name].ok:
            yield f"{name} does not answer: {scene.said(name)[-200:] or 'no output'}"


def _daemons(scene: Scene) -> Iterator[str]:
    if not scene.answers["daemons"].ok:
        yield "/Library/LaunchDaemons does not exist, and the installer does not make it"


def _system(scene: Scene) -> Iterator[str]:
    if scene.said("uname").split()[:1] != ["Darwin"]:
        yield f"uname says {scene.said('uname').split()[:1] or 'nothing'}, not Darwin"


def _version(scene: Scene) -> Iterator[str]:
    """Only the outer script asks for the version."""
    wanted, found = scene.payload.macos, scene.said("sw_vers")
    if wanted and not scene.direct and not _numbers(found) >= _numbers(wanted):
        yield f"Nix {scene.payload.version} wants macOS {wanted}, sw_vers says {found or 'nothing'}"


def _numbers(version: str) -> list[int]:
    return [int(part) if part.isdigit() else -1 for part in version.split(".")]


def _architecture(scene: Scene) -> Iterator[str]:
    kind = scene.payload.kind
    runs = f"macOS {(scene.said('uname').split() or ['?'])[-1]}" if scene.inside.emulated else ""
    if scene.inside.emulated and kind not in ("script", runs):
        yield f"this Nix is for {kind}, the prefix runs {runs}"
    elif not scene.inside.emulated and kind.startswith("macOS"):
        yield f"this Nix is for {kind}, and the tree's programs are Linux's"


def _space(scene: Scene) -> Iterator[str]:
    status = os.statvfs(scene.inside.root)
    free, wanted = status.f_bavail * status.f_frsize, 2 * scene.payload.size + _SPARE
    if free < wanted:
        yield f"{free >> 20} MiB are free in {scene.inside.root}, {wanted >> 20} MiB are wanted"


def _backups(scene: Scene) -> Iterator[str]:
    for path in scene.said("backups").split():
        yield f"{path} is left from an earlier installation; the installer stops at it"


def _earlier(scene: Scene) -> Iterator[str]:
    if scene.said("store") or not scene.answers["store"].ok:
        yield "/nix holds a Nix already"
    if not scene.answers["plist"].ok:
        yield "the job org.nixos.nix-daemon is installed already"


_UNINSTALL = "darling-dirserv nix uninstall --prefix {root} takes it away"

_CHECKS: tuple[tuple[str, Callable[[Scene], Iterator[str]], str], ...] = (
    ("commands", _commands, "darling-dirserv install --prefix {root} lays our commands"),
    ("daemons", _daemons, "darling-dirserv install --prefix {root} makes it"),
    ("system", _system, "run it in a Darling prefix, or give the tree a uname that says Darwin"),
    ("version", _version, "darling-dirserv install --prefix {root} --system-version 14.5 for good, "
                          "or --direct to pass the question by"),
    ("architecture", _architecture, "give the tarball for the prefix's system"),
    ("space", _space, "make room"),
    ("backup", _backups, _UNINSTALL + " if it is Nix's; else move it elsewhere"),
    ("earlier", _earlier, _UNINSTALL),
)
