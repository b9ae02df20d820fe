"""The object of an operation as one word of a command line.

| operation | word |
|---|---|
| ``network*`` and below | ``tcp:HOST:PORT``, ``udp:…``, ``tcp6:…``, or ``unix:PATH`` |
| ``signal``, ``process-info*`` | ``self``, ``pgrp``, ``others``, ``children``, ``same-sandbox`` |
| ``file*`` and ``process-exec*`` and below | a path; its type and mode are looked up if it exists |
| every other | a name: of a Mach service, a sysctl, … |
"""

from __future__ import annotations

import os
import stat

from sandbox_stub import operations
from sandbox_stub.filters import FILE_TYPES, Target


def target_for(operation: str, word: str) -> Target:
    """The target that a word means for an operation.

    Raises ValueError with a sentence for an unknown operation or a word that cannot be read.
    """
    name = operations.canonical(operation)
    if name is None:
        raise ValueError(f"{operation}: no such operation")
    kinds = operations.lineage(name)
    if "network*" in kinds:
        return _network(word)
    if "signal" in kinds or "process-info*" in kinds:
        return Target(signal_target=word)
    if "file*" in kinds or "process-exec*" in kinds:
        return _file(word)
    return Target(name=word)


def _network(word: str) -> Target:
    protocol, _, rest = word.partition(":")
    if protocol == "unix" and rest:
        return Target(socket_path=rest)
    host, _, port = rest.rpartition(":")
    if protocol.rstrip("46") not in ("tcp", "udp") or not host or not port.isdigit():
        raise ValueError(f"{word}: expected tcp:HOST:PORT, udp:HOST:PORT or unix:PATH")
    return Target(network=(protocol, host, int(port)))


def _file(path: str) -> Target:
    if not path.startswith("/"):
        raise ValueError(f"{path}: expected an absolute path")
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return Target(path)
    return Target(path, vnode_type=FILE_TYPES[stat.S_IFMT(mode)], mode=stat.S_IMODE(mode))
