"""What is installed into: which tree, of which kind, and the Python that its commands run under."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dirserv.admin.errors import AdminError
from dirserv.prefix import container
from dirserv.prefix.package import SOURCE
from dirserv.prefix.tree import Tree

DARLING, PLAIN = "darling", "tree"

#: Where Darling lies on the host; its tree is the lower layer of every prefix.
LIBEXEC = ("/usr/libexec/darling", "/usr/local/libexec/darling")
#: Names that only a Darling prefix has: what its server makes when it first serves it.
_MARKS = (".darlingserver.sock", ".init.pid")

#: What who acts has to be able to read: the owner of a prefix also when root works for him.
_TABLES = SOURCE / "dirserv/builtin"
_PROBE = "import sys, _sqlite3, fcntl; sys.exit(sys.version_info < (3, 11))"


@dataclass
class Target:
    """A tree to install into. ``libexec`` is Darling's own directory on the host, for a prefix
    of it."""

    tree: Tree
    kind: str
    libexec: str = ""

    @property
    def root(self) -> str:
        """The host path of the tree, as commands take it."""
        return self.tree.path


def default_prefix() -> str:
    """The prefix that Darling itself takes: $DPREFIX, else ~/.darling."""
    return os.environ.get("DPREFIX") or os.path.expanduser("~/.darling")


def is_darling(path: str) -> bool:
    """Whether a tree is a Darling prefix, running or not."""
    return any(os.path.lexists(f"{path}/{mark}") for mark in _MARKS)


def find(path: str, libexec: str | None = None) -> Target:
    """Look at a prefix, from inside its container if that runs.

    ``libexec`` names Darling's directory where it is in neither usual place.
    Raises AdminError, ContainerRuns.
    """
    if os.path.abspath(path).startswith("/proc/"):
        # Such a path cannot be resolved to a name: it would become one of ours.
        raise AdminError(f"{path} leads through another process; enter its namespace, or name "
                         "the prefix by its own path (a running container is entered by itself)")
    path = os.path.realpath(path)
    merged = container.settle(path)
    if merged is not None:
        return Target(Tree(path), DARLING, merged)
    if libexec is None and not is_darling(path):
        return Target(Tree(path), PLAIN)
    lower = next((place for place in ((libexec,) if libexec else LIBEXEC)
                  if os.path.isdir(place)), None)
    if lower is None:
        raise AdminError(f"{path} is a Darling prefix, but there is no {libexec or LIBEXEC[0]}; "
                         "say with --libexec where Darling is installed")
    return Target(Tree(path, lower), DARLING, lower)


@contextmanager
def as_owner(tree: Tree) -> Iterator[None]:
    """Act as the owner of the tree, when we are root and he is not: what we make is his, and a
    link that he planted leads nowhere that he could not write himself.

    Raises AdminError if who acts may not read the package."""
    uid, gid = tree.owner
    if os.geteuid() != 0 or uid == 0:
        _check_package(tree)
        yield
        return
    groups, group = os.getgroups(), os.getegid()
    os.setgroups([])
    os.setegid(gid)
    os.seteuid(uid)
    try:
        _check_package(tree)
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def _check_package(tree: Tree) -> None:
    if not os.access(_TABLES, os.R_OK | os.X_OK, effective_ids=True):
        raise AdminError(f"uid {os.geteuid()}, who is to write in {tree.path or '/'}, cannot read "
                         f"{_TABLES}; install darling-dirserv where he can")


def interpreter(wanted: str | None, tree: Tree) -> str:
    """The Python for the commands: an absolute host path.

    By default the system's, where the tree holds that too (then commands also run chrooted),
    else the one that runs us, outside of its virtual environment.
    Raises AdminError if it is too old, or lacks what the commands import.
    """
    if wanted is not None:
        return _checked(os.path.abspath(wanted))
    system, ours = "/usr/bin/python3", getattr(sys, "_base_executable", sys.executable)
    if tree.state(tree.resolve(system)) is not None and _suits(system):
        return system
    return _checked(ours)


def _suits(python: str) -> bool:
    try:
        return subprocess.run([python, "-I", "-S", "-c", _PROBE], check=False,
                              stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def _checked(python: str) -> str:
    if not _suits(python):
        raise AdminError(f"{python} is not a Python 3.11 or newer with sqlite3 that this "
                         "process can run; name another with --python")
    return python
