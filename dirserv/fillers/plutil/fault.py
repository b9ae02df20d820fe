"""What plutil says went wrong, and Foundation's words for files that cannot be read."""

from __future__ import annotations

import errno


class Fault(Exception):
    """A sentence of plutil's own about a file or its arguments."""


class Unreadable(Fault):
    """A sentence of Foundation's, which plutil puts into parentheses."""


#: errno -> the end of NSCocoaErrorDomain's sentence.
_REASONS = {
    errno.ENOENT: " because there is no such file",
    errno.EACCES: " because you don’t have permission to view it",
    errno.EPERM: " because you don’t have permission to view it",
}


def unreadable(path: str, error: OSError) -> Unreadable:
    """The sentence for a file that cannot be opened."""
    name = path.rstrip("/").rpartition("/")[2]
    reason = _REASONS.get(error.errno or 0, "")
    return Unreadable(f"The file “{name}” couldn’t be opened{reason}.")
