"""Becoming the command: execvp(3) as macOS has it, in this very process (spec/sandbox.md 2.1)."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # typeshed has no stub of it
import posix

from dirserv.system import encoded, exists
from sandbox_stub.paths import decoded, is_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from sandbox_stub.view import Environment, View

EPERM, ENOENT, EIO, ENOEXEC, EACCES, ENOTDIR, ELOOP = 1, 2, 5, 8, 13, 20, 40
#: What runs a text that names no interpreter.
SHELL = "/bin/sh"
_DEFAULT_PATH = b"/usr/bin:/bin"  # _PATH_DEFPATH
_IGNORED_BY_PYTHON = (_signal.SIGPIPE, _signal.SIGXFSZ)


def environment() -> Environment:
    """The environment that this process was given; Python may have added LC_CTYPE to its own."""
    try:
        with open("/proc/self/environ", "rb", buffering=0) as file:
            block = file.readall()
    except OSError:
        return dict(posix.environ)  # without /proc it is as good as it gets
    return dict(entry.split(b"=", 1) for entry in block.split(b"\0") if b"=" in entry)


def restore_signals(ignored: str) -> None:
    """Undo what Python did to signals; ``ignored`` is the SigIgn that /proc told, "" if none."""
    mask = int(ignored or "0", 16)
    for signal in _IGNORED_BY_PYTHON:
        was = mask >> (signal - 1) & 1
        _signal.signal(signal, _signal.SIG_IGN if was else _signal.SIG_DFL)


class Launch:
    """A command that is about to be executed: words, environment, and where it may be found."""

    def __init__(self, words: list[str], environment: Environment, view: View) -> None:
        self._words = [word.encode("utf-8", "surrogateescape") for word in words]
        self._environment = environment
        self._view = view
        self._name = decoded(self._words[0])
        #: The paths to try, in this order: the word itself, or the environment's PATH.
        self.paths = [self._name] if "/" in self._name else self._found()

    def execvp(self, forbidden: Container[str] | None = None) -> int:
        """Become the command; returns why not, an errno.

        ``forbidden`` are paths that the profile does not let be executed (None: we are not
        confined). What a sandbox forbids is EPERM, as on macOS, whatever Linux says.
        """
        error = ENOENT
        for path in self.paths:
            now = self._exec(path, self._words, forbidden)
            if "/" in self._name or now not in (ENOENT, ENOTDIR, ELOOP, EACCES):
                return now
            error = EACCES if EACCES in (now, error) else ENOENT
        return error

    def _found(self) -> list[str]:
        path = decoded(self._environment.get(b"PATH", _DEFAULT_PATH))
        return [f"{directory or '.'}/{self._name}"
                for directory in path.split(":") if self._name]

    def _exec(self, path: str, words: list[bytes], forbidden: Container[str] | None) -> int:
        host = self._view.host(path)
        executable = is_file(host) and posix.access(host, posix.X_OK)
        if not executable and exists(host):
            return EACCES
        if executable and path in (forbidden or ()):
            return EPERM
        try:
            self._view.start(path, words, self._environment)
        except OSError as error:
            if error.errno == EACCES and executable and forbidden is not None:
                return EPERM
            if error.errno != ENOEXEC or path == SHELL:
                return error.errno or EIO
        return self._exec(SHELL, [b"sh", encoded(path), *words[1:]], forbidden)
