"""Where things lie under a root. The only module that knows the layout of a prefix."""

from __future__ import annotations

import posix

from dirserv.errors import NoDirectory
from dirserv.system import environ, exists, is_directory

_DSLOCAL = "private/var/db/dslocal/nodes/Default"


class Root:
    """A directory tree laid out like macOS; every attribute is a host path in it."""

    def __init__(self, path: str) -> None:
        self.path = path.rstrip("/")
        state = self.path + "/private/var/db/dirserv"
        self.state = state
        self.database = state + "/directory.sqlite"
        self.lock = state + "/lock"
        #: Outside the 0700 state directory: it is what everybody may read.
        self.snapshot = self.path + "/private/var/db/dirserv.snapshot"
        self.etc = self.path + "/private/etc"
        self.dslocal = f"{self.path}/{_DSLOCAL}"

    def host(self, path: str) -> str:
        """The host path of a path as a command inside the root means it.

        A path that already lies under the root is taken as it is; a relative one starts from
        the working directory.
        """
        if not path.startswith("/"):
            path = f"{posix.getcwd()}/{path}"
        if self.path and (path == self.path or path.startswith(self.path + "/")):
            return path
        return self.path + path

    def initialised(self) -> bool:
        """Whether the root has a directory that this process can at least read."""
        return exists(self.snapshot) or exists(self.database)


def find_root(installed: str | None) -> Root:
    """The root a command works on: the one it is installed in, else ``DIRSERV_ROOT``.

    Without either, ``/`` serves only when it has been initialised: a host's own /etc must never
    be touched by accident.

    Raises NoDirectory with the sentence to print.
    """
    if installed is not None:
        return Root(installed)
    named = environ("DIRSERV_ROOT")
    if named:
        if not is_directory(named):
            raise NoDirectory(f"DIRSERV_ROOT={named} is not a directory; create it first")
        return Root(_absolute(named))
    if Root("/").initialised():
        return Root("/")
    raise NoDirectory("no directory at /; set DIRSERV_ROOT to the root to work on")


def _absolute(path: str) -> str:
    if path.startswith("/") and "//" not in path and "/." not in path:
        return path
    import os

    return os.path.abspath(path)
