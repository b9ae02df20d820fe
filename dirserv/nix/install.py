"""The unmodified official installer, run headless in a prefix: before it, during it, after it."""

from __future__ import annotations

import os
import plistlib
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from dirserv.admin.errors import AdminError
from dirserv.nix import places, probe
from dirserv.nix.inside import Inside
from dirserv.nix.payload import Payload
from dirserv.nix.profiles import BACKUP
from dirserv.nix.watch import WATCHER, Watch

#: What the installer reads from its environment (spec/installers.md 1.6): handed on.
_PASSED_ON = ("NIX_USER_COUNT", "NIX_FIRST_BUILD_UID", "NIX_BUILD_GROUP_ID", "NIX_EXTRA_CONF",
              "NIX_VOLUME_CREATE", "NIX_INSTALLER_NO_CHANNEL_ADD", "NIX_SSL_CERT_FILE")
#: No prompt, and no volume: a prefix is one file system.
_FIXED = {"NIX_INSTALLER_YES": "1", "NIX_VOLUME_CREATE": "0"}

# It makes /etc/nix unwritable before it writes nix.conf there, which only the kernel's root can.
_PREPARE = "mkdir -p /etc/nix && { [ -e /etc/nix/nix.conf ] || : >/etc/nix/nix.conf; }"
_SET = 'launchctl setenv NIX_CONFIG "$1"'
# In one go: what runs meanwhile has the setting from launchd.
_RELOAD = f"""\
cat >{places.PLIST}.new && chmod 0644 {places.PLIST}.new &&
mv {places.PLIST}.new {places.PLIST} && launchctl unsetenv NIX_CONFIG &&
launchctl unload {places.PLIST} && launchctl load {places.PLIST}
"""

#: What the failing command, the step or what was said looks like -> what to do next.
_NEXT = (
    (re.escape(BACKUP), "darling-dirserv nix uninstall takes the old installation away"),
    (r"macOS .* is not supported", "darling-dirserv install --system-version 14.5, or --direct"),
    (r"No space left", "make room"),
    (r"\b(dscl|dseditgroup)\b", "darling-dirserv doctor says what is wrong with the directory"),
    (r"\blaunchctl\b", f"look at {places.LOG} and /private/var/log/launchd.log"),
    (r"/nix-(env|store|channel)\b|suspicious ownership",
     "try that command by hand: darling-dirserv nix run -- …"),
)
_AGAIN = "when that is done: darling-dirserv nix uninstall, then nix install once more"


@dataclass
class Outcome:
    """How it ended. ``command`` is the one that failed, else the last one that it announced."""

    status: int
    log: str
    version: str
    uids: str
    step: str = ""
    command: str = ""
    #: The command's own status, None where the script gave up by itself.
    command_status: int | None = None
    said: list[str] = field(default_factory=list)
    next: str = ""


def log_path() -> Path:
    """The host's file that keeps the last installer's output."""
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(state, "darling-dirserv", "nix-install.log")


def script(payload: Payload, seen: str, words: Sequence[str], direct: bool) -> str:
    """The sh text that runs an installer which programs see at ``seen``.

    ``direct`` passes the outer script by, which asks for the version of macOS.
    Raises AdminError for arguments that nothing takes.
    """
    if not direct:
        yes = ["--yes"] if payload.yes else []
        return shlex.join(["/bin/sh", f"{seen}/install", "--daemon", *yes, *words])
    if words:
        raise AdminError("--direct passes by the script that takes arguments; set its variables, "
                         f"such as {_PASSED_ON[0]}")
    return "umask 0022; " + shlex.join(["/bin/bash", f"{seen}/install-multi-user", "install"])


def install(inside: Inside, payload: Payload, text: str, steps: int, scratch: Path,
            show: BinaryIO) -> Outcome:
    """Run an installer by its ``script``; its output goes to ``show`` and to the log.

    ``scratch`` is a directory that the prefix's programs see. Raises AdminError, OSError.
    """
    found = probe.uids(inside)
    variables = {**_FIXED, **{name: os.environ[name] for name in _PASSED_ON if name in os.environ}}
    if found == probe.ONE:
        variables["NIX_CONFIG"] = probe.NIX_CONFIG
        _must(inside, _SET, probe.NIX_CONFIG)
    if inside.emulated:
        _must(inside, _PREPARE)
    seen, fault = inside.show(str(scratch)), scratch / "fault"
    (scratch / "watcher").write_text(WATCHER.format(fault=shlex.quote(f"{seen}/fault")))
    variables["BASH_ENV"] = f"{seen}/watcher"
    log = log_path()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        watch = Watch(steps, show, file)
        status = watch.run(inside.command(text, environment=variables), inside.environment())
    outcome = Outcome(status, str(log), payload.version, found, watch.step, watch.command,
                      said=watch.said)
    if status:
        _blame(outcome, fault)
    if found == probe.ONE:
        keep_setting(inside)
    return outcome


def keep_setting(inside: Inside) -> None:
    """Put NIX_CONFIG into the daemon's job, for the starts that launchd's variables do not reach.

    Without a job nothing is left set. Raises AdminError.
    """
    result = inside.run(f"cat {places.PLIST}")
    if result.returncode:
        _must(inside, "launchctl unsetenv NIX_CONFIG")
        return
    job = plistlib.loads(result.stdout.encode())
    job.setdefault("EnvironmentVariables", {})["NIX_CONFIG"] = probe.NIX_CONFIG
    _must(inside, _RELOAD, input=plistlib.dumps(job).decode())


def _must(inside: Inside, text: str, *words: str, input: str = "") -> None:
    result = inside.run(text, *words, input=input)
    if result.returncode:
        raise AdminError(f"{text.splitlines()[0]} failed in {inside.root} with status "
                         f"{result.returncode}: {result.stdout.strip()}")


def steps(payload: Payload, words: Sequence[str]) -> int:
    """How many steps it will announce: one is each user's."""
    count = os.environ.get("NIX_USER_COUNT", "32")
    for name, value in zip(words, words[1:], strict=False):
        count = value if name == "--daemon-user-count" else count
    return payload.steps - 1 + (int(count) if count.isdigit() else 0)


def _blame(outcome: Outcome, fault: Path) -> None:
    """Say which command failed, and what comes next."""
    noted = fault.read_text(errors="replace").split("\n") if fault.exists() else []
    if len(noted) > 2:
        outcome.command_status = int(noted[0])
        outcome.command = noted[1].replace('"$@"', noted[2])
    hints = "\n".join([outcome.command, *outcome.said])
    outcome.next = "; ".join([*(text for pattern, text in _NEXT if re.search(pattern, hints))][:1]
                             + [_AGAIN])
