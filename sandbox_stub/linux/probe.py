"""What the running kernel can do, asked by trying it: files that tell may be hidden or lie."""

from __future__ import annotations

import posix

from sandbox_stub.linux import landlock, namespaces
from sandbox_stub.linux.calls import raw
from sandbox_stub.linux.numbers import ARCHITECTURES, machine, number

_PR_GET_SECCOMP = 21
_SYS_ADMIN = 1 << 21


class Kernel:
    """The mechanisms there are for this process.

    ``abi``: Landlock's, 0 for none; ``errata``: its repaired faults; ``seccomp``: whether filters
    can be made for this machine; ``mounts``, ``network``: whether it can have namespaces of its
    own; ``users``: whether it needs a user namespace for that. ``entered`` are the namespaces
    that it has already moved to.
    """

    entered = 0

    def __init__(self, *, abi: int = 0, errata: int = 0, seccomp: bool = False,
                 mounts: bool = False, network: bool = False, users: bool = False) -> None:
        self.abi, self.errata, self.seccomp = abi, errata, seccomp
        self.mounts, self.network, self.users = mounts, network, users


class _Found(Kernel):
    """What is asked for is tried: in a short-lived child, or for good."""

    def __init__(self, commit: bool) -> None:
        self.abi, self.errata = landlock.version(), landlock.errata()
        prctl = number("prctl")
        self.seccomp = prctl is not None and raw(prctl, _PR_GET_SECCOMP, 0) >= 0
        self.users = not namespaces.effective_capabilities() & _SYS_ADMIN
        self._commit = commit

    def __getattr__(self, name: str) -> bool:
        """``mounts`` and ``network``, when they are first asked for."""
        if name not in _NAMESPACES:
            raise AttributeError(name)
        flag = _NAMESPACES[name]
        possible = not self.users and (self._enter if self._commit else _in_child)(flag)
        if not possible and not self.entered:
            # Also root of a container may have less than root.
            possible = _in_child(namespaces.NEWUSER | flag)
            self.users = self.users or possible
        setattr(self, name, possible)
        return possible

    def _enter(self, flags: int) -> bool:
        try:
            namespaces.enter(flags)
        except OSError:
            return False  # unshare(2) does nothing or all of it
        self.entered |= flags
        return True


_NAMESPACES = {"mounts": namespaces.NEWNS, "network": namespaces.NEWNET}


def probe(commit: bool = False) -> Kernel:
    """Ask the kernel. With ``commit`` this process is about to be confined or to end: if it is
    privileged it then enters a namespace at once, which spares a child for trying. Of a machine
    whose calls we do not know nothing can be had."""
    return _Found(commit) if machine() in ARCHITECTURES else Kernel()


def _in_child(flags: int) -> bool:
    child = posix.fork()
    if child == 0:
        status = 1
        try:
            namespaces.enter(flags)
            if flags & namespaces.NEWNET:
                namespaces.loopback_up()  # some systems give namespaces without power over them
            status = 0
        finally:
            posix._exit(status)
    return posix.waitpid(child, 0)[1] == 0
