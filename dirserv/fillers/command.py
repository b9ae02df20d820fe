"""The edge between a process and a filler that is written in Python.

A filler's command is a function ``(argv, root) -> Outcome``: it knows the tree it is installed in
and needs no directory. Bytes travel in an Outcome as text with surrogateescape.
"""

from __future__ import annotations

import os
import sys

from dirserv.command import internal_error, settle_process
from dirserv.console import Console
from dirserv.paths import Root
from dirserv.system import late

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from dirserv.outcome import Outcome

    Command = Callable[[list[str], Root], Outcome]

#: Command -> the module whose ``run`` it is.
MODULES = {
    "apfs.util": "dirserv.fillers.apfsutil",
    "diskutil": "dirserv.fillers.diskutil",
    "fdesetup": "dirserv.fillers.fdesetup",
    "plutil": "dirserv.fillers.plutil.main",
    "scutil": "dirserv.fillers.scutil",
    "tmutil": "dirserv.fillers.tmutil",
    "uuidgen": "dirserv.fillers.uuidgen",
    "xmllint": "dirserv.fillers.xmllint.main",
}


def main(name: str, root: str | None = None) -> NoReturn:
    """Run the filler ``name`` with this process's arguments and end the process.

    ``root`` is the root the command is installed in; None for the checkout, where DIRSERV_ROOT
    names it and "/" serves without one.
    """
    mask = os.umask(0)
    settle_process()
    os.umask(mask)  # files that these commands write are ordinary ones
    console = Console()
    where = Root(os.environ.get("DIRSERV_ROOT", "/") if root is None else root)
    outcome = _run([name, *sys.argv[1:]], where)
    console.show(outcome)
    os._exit(outcome.status & 0xFF)


def _run(argv: list[str], root: Root) -> Outcome:
    try:
        return load(argv[0])(argv, root)
    except Exception as error:  # noqa: BLE001 - the last resort
        return internal_error(argv[0], error)


def load(name: str) -> Command:
    """The function of a filler."""
    command: Command = late(MODULES[name], "run")
    return command


def text(data: bytes) -> str:
    """Bytes as an Outcome carries them."""
    return data.decode("utf-8", "surrogateescape")


def read(root: Root, name: str) -> bytes:
    """The bytes of a file as the command's user names it, or of standard input for ``-``.

    Raises OSError.
    """
    if name == "-":
        return sys.stdin.buffer.read()
    with open(root.host(name), "rb") as file:
        return file.read()
