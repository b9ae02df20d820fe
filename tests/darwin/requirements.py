"""What a Darwin-like root needs from the machine, and the sentence that says what is missing."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess

PYTHON = "/usr/bin/python3"
OLDEST_PYTHON = (3, 11)
TOOLS = ("unshare", "nsenter", "mount", "tar")
NAMESPACES = ("--mount", "--pid", "--ipc", "--uts", "--net", "--fork", "--kill-child")
# A trial of the one thing that containers often refuse: an overlay of / in a new namespace.
TRIAL = """
mount -t tmpfs tmpfs /tmp && mkdir /tmp/upper /tmp/work /tmp/root &&
exec mount -t overlay -o lowerdir=/,upperdir=/tmp/upper,workdir=/tmp/work overlay /tmp/root
"""


@functools.cache
def obstacle() -> str | None:
    """Why no Darwin-like root can be made here, as a sentence, or None when one can."""
    if os.geteuid() != 0:
        return "a Darwin-like root needs root (namespaces, overlayfs, chroot): run as root"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return f"a Darwin-like root needs {', '.join(missing)}: install util-linux, mount and tar"
    return python_obstacle() or namespace_obstacle()


def python_obstacle(python: str = PYTHON) -> str | None:
    """The sentence for a machine whose own Python cannot run the commands under test."""
    code = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        status = subprocess.run([python, "-I", "-S", "-c", code], check=False).returncode
    except FileNotFoundError:
        status = 127
    if status == 0:
        return None
    version = ".".join(map(str, OLDEST_PYTHON))
    return f"a Darwin-like root needs {python} of version {version} or newer"


def namespace_obstacle() -> str | None:
    """The sentence for a machine that refuses namespaces or overlays to its root."""
    command = ["unshare", *NAMESPACES, "--propagation", "private", "--", "sh", "-c", TRIAL]
    trial = subprocess.run(command, capture_output=True, text=True, check=False)
    if trial.returncode == 0:
        return None
    detail = " ".join(trial.stderr.split()) or f"status {trial.returncode}"
    return f"a Darwin-like root needs mount namespaces and overlayfs, refused here: {detail}"
