"""Why a property list is not loaded, with launchctl's own texts.

These are all the reasons there are (spec/launchd.md 1.1 and 1.6); whatever else is wrong with a
property list is noted and the job loads. That a label is loaded already, disabled, or meant for
another session is not seen in the file: the supervisor says so (``launchd_shim.eligible``).
"""

from __future__ import annotations

from launchd_shim import darwin_errors

#: Reason -> (error number, what launchctl of macOS 10.9 wrote instead, "" if it wrote nothing).
REASONS: dict[str, tuple[int, str]] = {
    "kind": (121, "Dubious path. Not a regular file or directory (skipping): {path}"),
    "permissions": (122, "Dubious permissions on file (skipping): {path}"),
    "ownership": (122, "Dubious ownership on file (skipping): {path}"),
    "plist": (109, "no plist was returned for: {path}"),
    "label": (110, "missing the Label key: {path}"),
    "reserved": (140, ""),
    "program": (111, "neither a Program nor a ProgramArguments key was specified: {path}"),
}


class Refused(Exception):
    """A property list is refused.

    ``code`` is launchd's (or Darwin's errno) number, ``path`` the file as the caller named it,
    ``detail`` says what exactly is wrong, for people. ``str()`` is the line launchctl prints for
    one path of several.
    """

    def __init__(self, path: str, code: int, detail: str, legacy: str = "") -> None:
        super().__init__(path, code, detail, legacy)
        self.path = path
        self.code = code
        self.detail = detail
        #: The line of macOS 10.9's launchctl, "" if it had none.
        self.legacy = f"launchctl: {legacy}" if legacy else ""

    @property
    def text(self) -> str:
        """The sentence of the error number."""
        return darwin_errors.text(self.code)

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


def refused(path: str, reason: str, detail: str) -> Refused:
    """The refusal of a file for one of REASONS."""
    code, legacy = REASONS[reason]
    return Refused(path, code, detail, legacy.format(path=path))


def unreadable(path: str, error: OSError) -> Refused:
    """The refusal of a file that cannot be looked at or read."""
    code = darwin_errors.from_host(error.errno or 0)
    text = darwin_errors.text(code)
    return Refused(path, code, text, f'Couldn\'t stat("{path}"): {text}')
