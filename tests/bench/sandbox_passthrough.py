"""What sandbox-exec costs: `python -m tests.bench.sandbox_passthrough [ROUNDS]`.

One run measures, in turn and as often, a plain exec of true(1); an sh script that execs it; our
passthrough; then, where the kernel can, our enforce with Nix-like rules, and bubblewrap if it is
installed. Medians in milliseconds, and the ratios that issue 4 sets goals for: passthrough at most
1.2 × the script that execs, enforce at most bubblewrap + 15 ms.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from sandbox_stub.linux.probe import probe
from tests.sandbox.command.harness import ANYTHING, Installation

PROFILE = """
(version 1)
(deny default)
(deny file-write-setugid)
(allow process-fork)
(allow sysctl-read)
(allow signal (target same-sandbox))
(allow file-read* process-exec
    (subpath "/usr") (subpath "/bin") (subpath "/lib") (subpath "/lib64"))
(allow file* (subpath "/var/tmp"))
(allow file-read* (literal "/"))
"""
BUBBLEWRAP = ("--unshare-net", "--ro-bind", "/", "/", "--dev", "/dev", "--bind", "/var/tmp",
              "/var/tmp", "--")


def candidates(place: Path) -> list[dict[str, list[str]]]:
    """Groups of name -> command line; those of one group take turns.

    The ends of private namespaces keep the kernel busy for a while: nothing else is measured then.
    """
    script = place / "script"
    script.write_text('#!/bin/sh\nexec "$@"\n')
    script.chmod(0o755)
    true = shutil.which("true") or "/bin/true"
    passing, enforcing = (Installation(place / name) for name in ("passing", "enforcing"))
    enforcing.configure("mode = enforce\n")
    free = {
        "plain exec": [true],
        "sh script that execs": [str(script), true],
        "passthrough": [str(passing.command), "-p", ANYTHING, true],
    }
    confined = {}
    if probe().abi:
        confined["enforce"] = [str(enforcing.command), "-p", PROFILE, true]
    if bubblewrap := shutil.which("bwrap"):
        confined["bubblewrap"] = [bubblewrap, *BUBBLEWRAP, true]
    return [free, confined]


def seconds(command: list[str]) -> float:
    """How long one run takes, from before it is started until it has ended."""
    before = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status:
        raise SystemExit(f"{command[0]} ended with {status}")
    return time.perf_counter() - before


def measure(rounds: int) -> dict[str, float]:
    """The median of each candidate, in milliseconds; the candidates take turns."""
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="sandbox-bench-") as place:
        for commands in candidates(Path(place)):
            for _ in range(rounds):
                for name, command in commands.items():
                    times.setdefault(name, []).append(seconds(command))
    return {name: statistics.median(taken) * 1000 for name, taken in times.items()}


def main() -> None:
    """Measure and print."""
    medians = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    for name, value in medians.items():
        print(f"{name:22} {value:7.2f} ms")
    ratio = medians["passthrough"] / medians["sh script that execs"]
    print(f"{'passthrough / script':22} {ratio:7.2f}    goal 1.20")
    if "enforce" in medians and "bubblewrap" in medians:
        print(f"{'enforce - bubblewrap':22} {medians['enforce'] - medians['bubblewrap']:7.2f} ms"
              "  goal 15")


if __name__ == "__main__":
    main()
