"""The text of the profile that a command line names (spec/sandbox.md 2.1-2.3)."""

from __future__ import annotations

from sandbox_stub import limits
from sandbox_stub.commandline import EX_DATAERR, failed
from sandbox_stub.paths import realpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sandbox_stub.commandline import CommandLine
    from sandbox_stub.view import View

_PLACES = ("/System/Library/Sandbox/Profiles", "/usr/share/sandbox")
_INPUT = "<input string>"


class Source:
    """``text`` of the profile, the ``file`` that messages name, and ``remarks`` for the caller."""

    __slots__ = ("file", "remarks", "text")

    def __init__(self, text: bytes, file: str, remarks: list[str]) -> None:
        self.text = text
        self.file = file
        self.remarks = remarks


def read(line: CommandLine, root: str, view: View) -> Source:
    """The profile. Raises Failed with 65 if it cannot be had."""
    remarks = []
    if line.traced:
        remarks.append("warning: nothing is traced here, the option -t has no effect")
    if line.kind == "p":
        return Source(line.value.encode("utf-8", "surrogateescape"), _INPUT, remarks)
    if line.kind == "f":
        host = view.host(line.value)
        # Messages name the file as macOS resolves it.
        resolved = realpath(host).removeprefix(view.prefix)
        return Source(_content(host, line.value), resolved, remarks)
    remarks.append(f"The {line.value} profile is deprecated and may not be secure")
    return Source(_named(line.value, root), _INPUT, remarks)


def _content(path: str, shown: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(limits.TEXT + 1)
    except OSError as error:
        raise failed(EX_DATAERR, f"{shown}: {error.strerror}") from None


def _named(name: str, root: str) -> bytes:
    from sandbox_stub.compiler import profile_for_name
    from sandbox_stub.errors import ProfileError

    try:
        return profile_for_name(name, places(root)).encode("utf-8", "surrogateescape")
    except ProfileError as error:
        raise failed(EX_DATAERR, str(error)) from None


def places(root: str) -> list[str]:
    """The directories of a root where profiles lie that have a name, or are imported."""
    return [root + place for place in _PLACES]
