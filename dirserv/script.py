"""What pip installs as dscl, launchctl and so on, for use on a host with DIRSERV_ROOT.

``dirserv.script:NAME`` runs the command NAME of ``dirserv.command``. An installed prefix has
launchers of its own, which start faster.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn


def __getattr__(name: str) -> Callable[[], NoReturn]:
    """The entry point of a command."""
    from dirserv.command import MODULES, main

    if name not in MODULES:
        raise AttributeError(name)
    return lambda: main(name)


def sandbox_exec() -> NoReturn:
    """sandbox-exec; where it is installed in a root, bin/sandbox-exec spares most calls Python."""
    from sandbox_stub.command import main

    main(os.environ.get("DIRSERV_ROOT", ""), "", "", sys.argv)
