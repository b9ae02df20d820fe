"""A builder that tries what a derivation may and may not do, and reports to its output.

Runs inside the sandbox under a bare interpreter: argv[1] is the port of a listener outside. It
imports everything before it begins, as a builder is free to do.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable

OUT, TOP = os.environ["out"], os.environ["NIX_BUILD_TOP"]  # noqa: SIM112 - Nix calls it so


def write(path: str, mode: int = 0o644) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, mode))


def read(path: str) -> None:
    with open(path) as file:
        file.read()


def connect() -> None:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).close()


DEEDS = {
    "write its temporary directory": lambda: write(f"{TOP}/a"),
    "read its input": lambda: read("/nix/store/in-source/source.txt"),
    "list the store": lambda: os.stat("/nix/store"),
    "read /root": lambda: read("/root/readable"),
    "list /root": lambda: os.listdir("/root"),
    "write elsewhere": lambda: write("/Users/Shared/a"),
    "write another store path": lambda: write("/nix/store/other/a"),
    "make another store path": lambda: os.mkdir("/nix/store/unasked"),
    "reach the network": connect,
    "set the setuid bit": lambda: os.chmod(f"{TOP}/a", 0o4755),
    "set the setgid bit": lambda: os.chmod(f"{TOP}/a", 0o2755),
    "create with the setuid bit": lambda: write(f"{TOP}/b", 0o4755),
    "become root again": lambda: os.setuid(0),
}


def attempt(deed: Callable[[], object]) -> bool:
    try:
        deed()
    except OSError:
        return False
    return True


done = {name: attempt(deed) for name, deed in DEEDS.items()}
os.mkdir(OUT)
with open(f"{OUT}/report", "w") as report:
    json.dump({"done": done, "argv0": sys.orig_argv[0], "environment": dict(os.environ),
               "cwd": os.getcwd(), "uid": os.getuid()}, report)
