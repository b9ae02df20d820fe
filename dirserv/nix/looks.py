"""What each check of an installed Nix looks at; ``health`` has their order."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from dataclasses import dataclass, field

from dirserv.nix.facts import Answer
from dirserv.nix.inside import Inside
from dirserv.nix.places import DAEMON, DEFAULT, LOAD, LOG, PLIST, SOCKET
from dirserv.nix.profiles import TARGETS
from dirserv.plist import loads

#: How long a daemon that has just been started may take to listen, and a build to end: seconds.
_PATIENCE, _BUILD = 15, 120.0
_BUILD_USER = re.compile(r"_nixbld[1-9][0-9]*")

#: Asked beforehand, all at once.
QUESTIONS = {
    "group": "/usr/bin/dscl . -read /Groups/nixbld PrimaryGroupID GroupMembership",
    "uids": "/usr/bin/dscl . -list /Users UniqueID",
    "gids": "/usr/bin/dscl . -list /Users PrimaryGroupID",
    "passwd": "cat /etc/passwd 2>/dev/null",
    "master": "cat /etc/master.passwd 2>/dev/null",
    "groups": "cat /etc/group 2>/dev/null",
    "store": "[ -d /nix/store ] && [ -s /nix/var/nix/db/db.sqlite ]",
    "profile": f"[ -x {DEFAULT}/bin/nix-daemon ] && [ -f {DEFAULT}/etc/profile.d/nix-daemon.sh ]",
    "shells": f"grep -ls nix-daemon.sh {' '.join(TARGETS)}; :",
    "conf": "cat /etc/nix/nix.conf 2>/dev/null",
    "plist": f"cat {PLIST} 2>/dev/null",
    "job": f"launchctl print system/{DAEMON}",
}

_FILES = {"passwd": "passwd", "master": "master.passwd"}

# Read as a daemon's client whoever we are; a file of the store is all it takes.
_CONNECT = f"""\
{LOAD}
wait=0
until [ -S {SOCKET} ] || [ $wait -ge {_PATIENCE * 5} ]; do sleep 0.2; wait=$((wait + 1)); done
NIX_REMOTE=daemon nix-store --query --hash {DEFAULT}
"""
_EVALUATE = f"{LOAD}\nnix-instantiate --eval --expr '6 * 7'\n"
# A name of its own each time, else an output of before would do; nothing stays behind.
_BUILD_ONE = f"""\
{LOAD}
export NIX_REMOTE=daemon
drv=$(nix-instantiate --expr "derivation {{ name = \\"$1\\"; system = builtins.currentSystem;
  builder = \\"/bin/sh\\"; args = [ \\"-c\\" \\"echo built >\\$out\\" ]; }}") || exit
out=$(nix-store --realise "$drv") || exit
cat "$out"; status=$?
nix-store --delete "$out" "$drv" >/dev/null 2>&1
exit $status
"""


@dataclass
class Health:
    """What was answered so far; a check adds to it for those after it."""

    inside: Inside
    answers: dict[str, Answer]
    gid: str = ""
    members: list[str] = field(default_factory=list)
    uids: dict[str, str] = field(default_factory=dict)


class Bad(Exception):
    """A check's finding."""


def nix_config(text: str) -> str:
    """The NIX_CONFIG in a daemon job's property list, "" for none."""
    try:
        return str(loads(text.encode()).get("EnvironmentVariables", {})["NIX_CONFIG"])
    except (ValueError, LookupError, AttributeError, TypeError):
        return ""


def _end(text: str) -> str:
    """The last of an output, as one line."""
    return " ".join(text.split())[-300:]


def _said(health: Health, name: str, what: str) -> str:
    """A question's text. Raises Bad if its commands failed."""
    answer = health.answers[name]
    if not answer.ok:
        raise Bad(f"{what}: {_end(answer.text)}" if answer.text.strip() else what)
    return answer.text


def group(health: Health) -> str:
    lines = _said(health, "group", "there is no group nixbld").splitlines()
    values = {key: value.split() for key, _, value in (line.partition(": ") for line in lines)}
    health.gid = "".join(values.get("PrimaryGroupID", []))
    health.members = values.get("GroupMembership", [])
    if not health.gid or not health.members:
        raise Bad("the group nixbld has no " + ("members" if health.gid else "id"))
    return f"nixbld, gid {health.gid}, {len(health.members)} members"


def users(health: Health) -> str:
    uids = dict(line.split()[:2] for line in _said(health, "uids", "no users").splitlines()
                if len(line.split()) > 1)
    health.uids = {name: uid for name, uid in uids.items() if _BUILD_USER.fullmatch(name)}
    missing = [name for name in health.members if name not in uids]
    if missing:
        raise Bad(f"members of nixbld that do not exist: {', '.join(missing)}")
    unlisted = sorted(set(health.uids) - set(health.members))
    if unlisted:
        raise Bad(f"not listed in the group nixbld: {', '.join(unlisted)}")
    if not health.uids:
        raise Bad("there are no users _nixbld1 …")
    return f"{len(health.uids)} build users"


def ids(health: Health) -> str:
    gids = dict(line.split()[:2] for line in health.answers["gids"].text.splitlines()
                if len(line.split()) > 1)
    others = [name for name in health.uids if gids.get(name) != health.gid]
    if others:
        raise Bad(f"their primary group is not nixbld: {', '.join(others)}")
    shared = [uid for uid, count in Counter(health.uids.values()).items() if count > 1]
    if shared:
        raise Bad(f"uids that two build users have: {', '.join(shared)}")
    return f"uids from {min(map(int, health.uids.values()))} on, each its own"


def flat(health: Health) -> str:
    """What Nix itself reads through getpwnam and getgrnam; in Darling root's is master.passwd."""
    for name, file in _FILES.items():
        if name == "master" and not health.answers[name].ok:
            continue  # a tree that is not Darling's need not have one
        entries = _entries(_said(health, name, "there is no /etc/passwd"))
        wrong = [user for user, uid in health.uids.items()
                 if entries.get(user, [])[2:4] != [uid, health.gid]]
        if wrong:
            raise Bad(f"/etc/{file} says something else of {', '.join(wrong)}")
    listed = _entries(_said(health, "groups", "there is no /etc/group")).get("nixbld", [])
    if listed[2:4] != [health.gid, ",".join(health.members)]:
        raise Bad("/etc/group says something else of nixbld")
    return "passwd and group agree with the directory"


def _entries(text: str) -> dict[str, list[str]]:
    return {line.partition(":")[0]: line.split(":") for line in text.splitlines()}


def store(health: Health) -> str:
    _said(health, "store", "/nix/store or its database is not there")
    return "store and database are there"


def profile(health: Health) -> str:
    _said(health, "profile", f"{DEFAULT} holds no nix-daemon")
    return DEFAULT


def shells(health: Health) -> str:
    found = health.answers["shells"].text.split()
    if not found:
        raise Bad("no shell profile loads Nix")
    return " ".join(found)


def conf(health: Health) -> str:
    text = _said(health, "conf", "there is no /etc/nix/nix.conf")
    if "build-users-group" not in text:
        raise Bad("/etc/nix/nix.conf does not name the build users' group")
    return "/etc/nix/nix.conf"


def plist(health: Health) -> str:
    chosen = nix_config(_said(health, "plist", f"{PLIST} is not there"))
    return PLIST + (f", with NIX_CONFIG {chosen!r}" if chosen else "")


def job(health: Health) -> str:
    text = _said(health, "job", "launchd does not know the job")
    if "\tstate = running\n" not in text:
        raise Bad("the job is loaded and does not run")
    pid = re.search(r"^\tpid = (\d+)$", text, re.MULTILINE)
    return f"running{f', pid {pid[1]}' if pid else ''}"


def socket(health: Health) -> str:
    result = health.inside.run(_CONNECT, timeout=_BUILD)
    if result.returncode:
        tail = health.inside.run(f"tail -n 3 {LOG}").stdout
        raise Bad(f"nobody answers: {_end(result.stdout)}; {LOG} ends: {_end(tail)}")
    return SOCKET


def evaluation(health: Health) -> str:
    result = health.inside.run(_EVALUATE)
    if result.returncode or result.stdout.split()[-1:] != ["42"]:
        raise Bad(_end(result.stdout) or "no answer")
    return "6 * 7 is 42"


def build(health: Health) -> str:
    result = health.inside.run(_BUILD_ONE, f"dirserv-verify-{uuid.uuid4().hex[:12]}",
                               timeout=_BUILD)
    if result.returncode or result.stdout.split()[-1:] != ["built"]:
        raise Bad(_end(result.stdout) or "no output")
    return "a derivation with /bin/sh, through the daemon"
