"""Who the caller is to a root, and whether he may change it."""

from __future__ import annotations

import posix

from dirserv.paths import Root
from dirserv.system import environ, exists, parent


def effective_uid(root: Root) -> int:
    """The uid that commands print and compare.

    Inside Darling every process has one real uid and the launcher hands the emulated one over;
    elsewhere whoever may write the directory is its root.
    """
    handed = environ("DIRSERV_EUID") or ""
    if handed.isascii() and handed.isdigit() and len(handed) <= 10:
        return int(handed)
    return 0 if _writable(root) else posix.geteuid()


def may_write(root: Root) -> bool:
    """Whether this process may change the directory. What the file system says is the law."""
    return effective_uid(root) == 0 and _writable(root)


def _writable(root: Root) -> bool:
    path = root.state
    while not exists(path, follow=False):
        path = parent(path) or "/"
    return posix.access(path, posix.W_OK | posix.X_OK)
