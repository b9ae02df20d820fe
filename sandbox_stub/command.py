"""sandbox-exec in the modes that look at the profile; bin/sandbox-exec starts it for them.

``confine`` says what each mode does. Statuses and texts: spec/sandbox.md 2.2. Nothing is written to
the command's own streams but the messages that macOS has.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # typeshed has no stub of it
import gc
import posix

from dirserv.system import encoded
from sandbox_stub import settings
from sandbox_stub.commandline import EX_OSERR, Failed, failed, parse
from sandbox_stub.execute import Launch, environment, restore_signals
from sandbox_stub.source import read
from sandbox_stub.view import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main(root: str, mldr: str, ignored: str, argv: list[str]) -> NoReturn:
    """Become the sandboxed command, or say why not and end the process.

    ``root`` is the host path of the root whose settings count, ``mldr`` Darling's loader if it is
    a prefix, ``ignored`` the signals ignored at the start (hexadecimal, "" if unknown), ``argv``
    the command line with the command's own name as it was called.
    """
    gc.set_threshold(100_000)  # what is soon to end, or to become another program, keeps little
    if _signal.getsignal(_signal.SIGINT) is not _signal.SIG_IGN:
        _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    # The locale may be any; names are UTF-8, and what is not passes through unchanged.
    argv = [encoded(word).decode("utf-8", "surrogateescape") for word in argv]
    try:
        run(root.rstrip("/"), View(root, mldr), ignored, argv)
    except Failed as error:
        status, text = error.status, str(error)
    except Exception as error:  # noqa: BLE001 - the last resort
        status = EX_OSERR
        text = (f"sandbox-exec: internal error ({type(error).__name__}: {error}); "
                "the command was not run\n")
    say(text)
    posix._exit(status)


def run(root: str, view: View, ignored: str, argv: list[str]) -> NoReturn:
    """Do it. Raises Failed."""
    line = parse(argv)
    try:
        mode = settings.load(root)
    except settings.Unusable as error:
        raise failed(EX_OSERR, str(error)) from None
    source = read(line, root, view)
    for remark in source.remarks:
        say(f"sandbox-exec: {remark}\n")
    launch = Launch(line.command, environment(), view)
    forbidden = None
    restore_signals(ignored)
    if mode.mode != "passthrough":
        from sandbox_stub.confine import confine

        forbidden = confine(mode, source, line, root, view, launch.paths)
    reason = launch.execvp(forbidden)
    raise failed(EX_OSERR, f"execvp() of '{line.command[0]}' failed: {posix.strerror(reason)}")


def say(text: str) -> None:
    """Write to standard error, as it is; a reader that has gone away is no reason to stop."""
    try:
        posix.write(2, text.encode("utf-8", "surrogateescape"))
    except OSError:
        return

