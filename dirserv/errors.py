"""What can go wrong, each as the DirectoryService status that the real commands report.

Exit statuses follow spec/dirserv.md 1: the low byte of the positive code.
"""

from __future__ import annotations

AUTH_FAILED = -14090
AUTH_METHOD_NOT_SUPPORTED = -14091
UNKNOWN_NODE_NAME = -14009
INVALID_INDEX = -14061
INDEX_OUT_OF_RANGE = -14062
PERMISSION = -14120
READ_ONLY = -14121
INVALID_RECORD_TYPE = -14130
INVALID_RECORD_NAME = -14133
ATTRIBUTE_NOT_FOUND = -14134
RECORD_EXISTS = -14135
RECORD_NOT_FOUND = -14136
PASSWORD_QUALITY = -14165
ACCOUNT_DISABLED = -14167
EMPTY_ATTRIBUTE = -14240
UNKNOWN_MATCH_TYPE = -14261
OPERATION_FAILED = -14483
PARAMETER = -14915


def status_name(code: int) -> str:
    """The name that dscl and dserr print for a status code, ``<unknown>`` if there is none."""
    from dirserv.ds_codes import NAMES

    return NAMES.get(abs(code), "<unknown>")


class DSError(Exception):
    """A directory operation failed with a DirectoryService status.

    ``note`` is a sentence for the person at the terminal where the status alone says too little
    (which file, what next); commands print it on stderr before their own lines.
    """

    def __init__(self, code: int, note: str = "") -> None:
        super().__init__(code, note)
        self.code = code
        self.note = note

    def __str__(self) -> str:
        return self.note or f"{status_name(self.code)} ({self.code})"


class InvalidPath(DSError):
    """A dscl path does not lead to an item (always eDSUnknownNodeName, exit 185)."""

    def __init__(self, reason: str = "Invalid Path") -> None:
        super().__init__(UNKNOWN_NODE_NAME)
        self.reason = reason


class NoDirectory(Exception):
    """There is no directory to work on: no root named, or none initialised and none writable."""
