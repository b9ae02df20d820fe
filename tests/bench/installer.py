"""The Nix installer's 450 account calls, against a shell-and-awk stand-in over flat files."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from tests.bench.measure import Row, command, side_by_side
from tests.bench.roots import BARE, argv, installed, place
from tests.clients.trace import Call, calls

PEER = Path(__file__).resolve().parent / "peer"
HELPERS = ("awk", "grep", "mv", "tr")
#: What start-ups cost in Darling, in ms (spec/darling.md): a shell, any other Mach-O program, our
#: Python, which is none.
SHELL, MACH_O, PYTHON = 25.0, 24.0, 12.3


def main() -> list[Row]:
    """Both on plain Linux, then in the cost model of Darling."""
    wanted = [call for call in calls("fresh") if call.argv[0] in ("dscl", "dseditgroup")]
    with place() as directory:
        ours = _seconds(wanted, installed(directory / "ours"), None)
        peer = _seconds(wanted, _flat(directory / "peer"), PEER)
        helpers = _helpers(wanted, directory)
        bare = side_by_side({"bare": command(BARE)}, 41)["bare"]
    count = len(wanted)
    work = ours * 1000 - count * bare
    darling = (count * (SHELL + PYTHON) + work) / 1000
    peers_darling = (count * SHELL + helpers * MACH_O) / 1000
    return [
        Row(f"{count} calls on Linux", ours, peer, "s", "sh and awk", 1.0),
        Row(f"{count} calls in Darling", darling, peers_darling, "s", "sh and awk", 0.25,
            f"cost model; the peer starts {helpers} helpers"),
    ]


def _seconds(wanted: list[Call], root: Path, programs: Path | None, path: str = "/bin") -> float:
    surroundings = {"PEER_ROOT": str(root), "PATH": f"{path}:/usr/bin:/bin"}
    begin = time.perf_counter()
    for call in wanted:
        words = argv(root, *call.argv) if programs is None else [
            "/bin/sh", str(programs / call.argv[0]), *call.argv[1:]]
        subprocess.run(words, env=surroundings, stdin=subprocess.DEVNULL, capture_output=True,
                       check=False)
    return time.perf_counter() - begin


def _flat(path: Path) -> Path:
    """A root for the peer with as many accounts as ours has at first."""
    etc = path / "etc"
    etc.mkdir(parents=True)
    (etc / "passwd").write_text("".join(f"_u{n}:*:{n}:{n}::/var/empty:/usr/bin/false\n"
                                        for n in range(132)))
    (etc / "group").write_text("".join(f"_g{n}:*:{n}:\n" for n in range(161)))
    (etc / "attributes").touch()
    return path


def _helpers(wanted: list[Call], directory: Path) -> int:
    """How many programs the peer starts for all the calls."""
    counting, log = directory / "counting", directory / "log"
    counting.mkdir()
    for helper in HELPERS:
        shim = counting / helper
        shim.write_text(f'#!/bin/sh\necho >> "{log}"\nexec /usr/bin/{helper} "$@"\n')
        os.chmod(shim, 0o755)
    _seconds(wanted, _flat(directory / "counted"), PEER, str(counting))
    return len(log.read_text().splitlines())
