"""What enforcement costs a command, mechanism by mechanism, beside bubblewrap."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.bench.measure import Row, command, side_by_side
from tests.bench.roots import BARE, argv, installed

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
    """All candidates in one run; medians."""
    true = shutil.which("true") or "/bin/true"
    with tempfile.TemporaryDirectory(prefix="sandbox-bench-") as directory:
        place = Path(directory)
        root = installed(place / "root")
        # The ends of private namespaces keep the kernel busy for a while: nothing else is
        # measured then.
        medians = _medians(_free(root, place / "script", true))
        (root / "private/etc/sandbox-exec.conf").write_text("mode = enforce\n")
        medians |= _medians(_confined(root, place, true))
    return _rows(medians)


def _medians(candidates: dict[str, list[str]]) -> dict[str, float]:
    actions = {name: command(words) for name, words in candidates.items()}
    for name, action in actions.items():
        if action():
            raise RuntimeError(f"{name} does not work on this machine")
    return side_by_side(actions, ROUNDS)


def _free(root: Path, script: Path, true: str) -> dict[str, list[str]]:
    """What confines nothing."""
    script.write_text('#!/bin/sh\nexec "$@"\n')
    script.chmod(0o755)
    return {"plain exec": [true], "sh script that execs": [str(script), true],
            "passthrough": argv(root, "sandbox-exec", "-p", "(version 1)(allow default)", true),
            "bare python": BARE}


def _confined(root: Path, place: Path, true: str) -> dict[str, list[str]]:
    """Ours in the mode enforce, and bubblewrap where it can be had."""
    found = {name: argv(root, "sandbox-exec", "-p", "(version 1)" + profile, true)
             for name, profile in PROFILES.items()}
    closure = _closure(place / "store")
    profile = place / "closure.sb"
    profile.write_text("(version 1)" + _FILES + _allowed(closure))
    found[CLOSURE] = argv(root, "sandbox-exec", "-f", str(profile), true)
    if bubblewrap := _bubblewrap(place):
        found["bubblewrap"] = [bubblewrap, *_BUBBLEWRAP, true]
        binds = [word for path in closure for word in ("--bind", path, path)]
        found[_bound(CLOSURE)] = [bubblewrap, *_BUBBLEWRAP[:-1], *binds, "--", true]
    return found


def _rows(medians: dict[str, float]) -> list[Row]:
    against = "bubblewrap" if "bubblewrap" in medians else "plain exec"
    script = "sh script that execs"
    rows = [Row("passthrough", medians["passthrough"], medians[script], "ms", script, 1.2),
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
