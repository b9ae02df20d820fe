"""A prefix whose container runs: entered, or refused (spec/darling.md "Processes and paths").

Inside the container's mount namespace an overlay lies on the prefix; the host sees the raw upper
layer at the same path. Locks do not exclude across the two, and a file that the host replaces is
never seen inside. So the files of a running prefix are only ever touched from its namespace.
"""

from __future__ import annotations

import ctypes
import os

from dirserv.admin.errors import AdminError

_CLONE_NEWNS = 0x00020000


class ContainerRuns(AdminError):
    """The prefix is in use by a container that this process may not enter."""

    def __init__(self, prefix: str, why: str) -> None:
        super().__init__(
            f"the container of {prefix} is running and cannot be entered ({why}): run this as "
            "root, or after `darling shutdown`"
        )


def settle(prefix: str) -> str | None:
    """Make sure that this process sees ``prefix`` as the prefix's programs do.

    Enters the container's mount namespace for good when it runs. Returns the lower layer of the
    overlay that is then seen merged, None when no container runs.

    Raises ContainerRuns.
    """
    inside = lower_layer("self", prefix)
    if inside is not None:
        return inside
    pid = running(prefix)
    if pid is None:
        return None
    lower = lower_layer(pid, prefix)
    _enter(prefix, pid)
    return lower


def running(prefix: str) -> str | None:
    """A process of the prefix's running container, by its number; None if none runs.

    ``.init.pid`` may be stale, and its number may by now be another process's; what counts is an
    overlay on the prefix in the mount namespace of a living process.
    """
    return next((pid for pid in _candidates(prefix) if lower_layer(pid, prefix) is not None), None)


def _candidates(prefix: str) -> list[str]:
    """The container's first process as the prefix names it, then one of each mount namespace."""
    try:
        with open(f"{prefix}/.init.pid", "rb") as file:
            named = [file.read(32).strip().decode("utf-8", "replace")]
    except OSError:
        named = []
    seen, others = set(), []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            space = os.stat(f"/proc/{pid}/ns/mnt").st_ino
        except OSError:
            continue  # ended, or another user's, whose containers are not ours to look after
        if space not in seen:
            seen.add(space)
            others.append(pid)
    return [pid for pid in named if pid.isdecimal()] + others


def lower_layer(pid: str, prefix: str) -> str | None:
    """The lower layer of the overlay that a process has on ``prefix``; None if it has none."""
    try:
        with open(f"/proc/{pid}/mountinfo", "rb") as file:
            lines = [line.split() for line in file]
    except OSError:
        return None
    for words in reversed(lines):
        if _plain(words[4]) != prefix:
            continue
        kind, _, options = words[words.index(b"-") + 1:][:3]
        if kind == b"overlay":
            settings = dict(option.partition("=")[::2] for option in _plain(options).split(","))
            return settings.get("lowerdir", "").partition(":")[0]
        return None
    return None


def _plain(field: bytes) -> str:
    r"""A field of mountinfo, where a blank is \040."""
    parts = field.split(b"\\")
    plain = parts[0] + b"".join(bytes([int(part[:3], 8)]) + part[3:] for part in parts[1:])
    return os.fsdecode(plain)


def _enter(prefix: str, pid: str) -> None:
    """Move this process into the mount namespace of another one."""
    try:
        device = os.stat(f"/proc/{pid}/root{prefix}").st_dev
        space = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise ContainerRuns(prefix, error.strerror or "unknown error") from error
    try:
        if ctypes.CDLL(None, use_errno=True).setns(space, _CLONE_NEWNS) != 0:
            raise ContainerRuns(prefix, os.strerror(ctypes.get_errno()))
    finally:
        os.close(space)
    if os.stat(prefix).st_dev != device:
        raise ContainerRuns(prefix, "its file system is not the one that its programs see")
