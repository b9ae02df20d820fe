"""What enforcement costs a command, mechanism by mechanism, beside bubblewrap."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.measure import Row, command, side_by_side
from tests.sandbox.command.harness import Installation

ROUNDS = 60
#: Issue 4, 5.4: enforce is to stay within this many milliseconds of bubblewrap.
ALLOWANCE = 15.0
_BUBBLEWRAP = ("--unshare-net", "--unshare-ipc", "--ro-bind", "/", "/", "--dev", "/dev",
               "--bind", "/var/tmp", "/var/tmp", "--")
_FILES = '(deny default) (allow process*) (allow file-read*) (allow file* (subpath "/var/tmp"))'
PROFILES = {
    "a filter alone (Nix, sandbox off)": "(allow default) (deny file-write-setugid)",
    "files, network open": _FILES + "(allow network*)",
    "files and network": _FILES,
    "a Nix closure of 500 paths": _FILES + "(allow file-read* process-exec " + "".join(
        f'(subpath "/nix/store/{at:032d}-input")' for at in range(500)) + ")",
}


def main() -> list[Row]:
    """Plain exec, sh, bubblewrap and enforce in turn, in one run; medians."""
    true = shutil.which("true") or "/bin/true"
    with tempfile.TemporaryDirectory(prefix="sandbox-bench-") as directory:
        place = Path(directory)
        enforcing = Installation(place / "enforcing")
        enforcing.configure("mode = enforce\n")
        bubblewrap = _bubblewrap(place)
        actions = {
            "plain exec": command([true]),
            "sh that execs": command(["/bin/sh", "-c", 'exec "$@"', "sh", true]),
            "bare python": command([sys.executable, "-I", "-S", "-c", "pass"]),
            **{name: command([str(enforcing.command), "-p", "(version 1)" + profile, true])
               for name, profile in PROFILES.items()}}
        if bubblewrap:
            actions["bubblewrap"] = command([bubblewrap, *_BUBBLEWRAP, true])
        for name, action in actions.items():
            if action():
                raise RuntimeError(f"{name} does not work on this machine")
        medians = side_by_side(actions, ROUNDS)
    return _rows(medians)


def _rows(medians: dict[str, float]) -> list[Row]:
    against = "bubblewrap" if "bubblewrap" in medians else "plain exec"
    rows = [Row("sh that execs", medians["sh that execs"], medians["plain exec"], "ms",
                "plain exec"),
            Row("bare python", medians["bare python"], medians["plain exec"], "ms", "plain exec")]
    for name in PROFILES:
        note = f"{medians[name] - medians[against]:+.1f} ms, allowed +{ALLOWANCE:g}"
        goal = None
        if against == "bubblewrap":
            goal = (medians[against] + ALLOWANCE) / medians[against]
        rows.append(Row(f"enforce: {name}", medians[name], medians[against], "ms", against,
                        goal, note))
    return rows


def _bubblewrap(place: Path) -> str | None:
    """The machine's bubblewrap, or Debian's unpacked for this run; None where neither is had."""
    found = shutil.which("bwrap")
    if found or not shutil.which("apt-get"):
        return found
    for step in (["apt-get", "download", "-qq", "bubblewrap"],
                 ["sh", "-c", "dpkg -x bubblewrap_*.deb ."]):
        if subprocess.run(step, cwd=place, capture_output=True, check=False).returncode:
            return None
    unpacked = place / "usr/bin/bwrap"
    return str(unpacked) if os.access(unpacked, os.X_OK) else None
