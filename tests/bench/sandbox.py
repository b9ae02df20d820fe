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
CLOSURE = "a Nix closure of 500 paths"
PROFILES = {
    "a filter alone (Nix, sandbox off)": "(allow default) (deny file-write-setugid)",
    "files, network open": _FILES + "(allow network*)",
    "files and network": _FILES,
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
        closure = _closure(place / "store")
        profile = place / "closure.sb"
        profile.write_text("(version 1)" + _FILES + _allowed(closure))
        actions[CLOSURE] = command([str(enforcing.command), "-f", str(profile), true])
        if bubblewrap:
            actions["bubblewrap"] = command([bubblewrap, *_BUBBLEWRAP, true])
            binds = [word for path in closure for word in ("--bind", path, path)]
            actions[_bound(CLOSURE)] = command(
                [bubblewrap, *_BUBBLEWRAP[:-1], *binds, "--", true])
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
    for name in (*PROFILES, CLOSURE):
        peer = _bound(name) if _bound(name) in medians else against
        note = f"{medians[name] - medians[peer]:+.1f} ms, allowed +{ALLOWANCE:g}"
        goal = (medians[peer] + ALLOWANCE) / medians[peer] if peer != "plain exec" else None
        rows.append(Row(f"enforce: {name}", medians[name], medians[peer], "ms", peer, goal, note))
    return rows


def _bound(name: str) -> str:
    return "bubblewrap with 500 binds" if name == CLOSURE else "bubblewrap"


def _closure(store: Path) -> list[str]:
    """500 store paths; every fifth is a file."""
    paths = [store / f"{at:032d}-input" for at in range(500)]
    store.mkdir()
    for at, path in enumerate(paths):
        if at % 5:
            path.mkdir()
        else:
            path.touch()
    return list(map(str, paths))


def _allowed(closure: list[str]) -> str:
    """As old Nix listed them: an input can be written to as far as the profile goes."""
    return "(allow file-read* file-write-data process-exec\n" + "".join(
        f'\t({"subpath" if os.path.isdir(path) else "literal"} "{path}")\n'
        for path in closure) + ")"


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
