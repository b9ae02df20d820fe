"""The client's end of the control socket; it starts the supervisor when none runs.

Source: ``launchd_shim.protocol``. Every request has a connection of its own: nothing is lost when
the supervisor is replaced between two of them.
"""

from __future__ import annotations

import posix
import sys

from dirserv.system import exists, parent
from launchd_shim.protocol import LONGEST_MESSAGE, REPLY_SECONDS
from launchd_shim.unixpath import Address

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from typing import Any

    from dirserv.paths import Root

#: How long a supervisor that was just started may take until it answers.
START_SECONDS = 5.0

#: Verbs that can be asked again when the supervisor ended before it answered.
_HARMLESS = frozenset(("list", "service", "domain", "disabled", "getenv", "limit", "ping",
                       "enable", "disable", "setenv", "setlimit"))


class Unavailable(Exception):
    """There is no launchd to talk to, or it does not answer; ``str()`` is the sentence to print."""


class Client:
    """Asks the supervisor of a root; ``may_start``: whether this caller may start one."""

    def __init__(self, root: Root, may_start: bool) -> None:
        self._root = root.path
        self._may_start = may_start
        self.path = f"{root.path}/private/var/run/launchd.sock"

    def ask(self, verb: str, **fields: Any) -> dict[str, Any]:
        """The reply to a request; its ``error`` is launchd's number, 0 for success.

        Raises Unavailable.
        """
        try:
            return self._exchange(self._connected(), verb, fields)
        except ConnectionError:
            if verb not in _HARMLESS:
                raise Unavailable(f"launchd ended before it had answered {verb}") from None
        try:
            return self._exchange(self._connected(), verb, fields)
        except ConnectionError:
            raise Unavailable("launchd ended twice without an answer") from None

    def _exchange(
        self, connection: _socket.socket, verb: str, fields: dict[str, Any]
    ) -> dict[str, Any]:
        from launchd_shim import wire

        try:
            connection.settimeout(REPLY_SECONDS)
            connection.sendall(wire.encode({"verb": verb, **fields}))
            reply = wire.decode(_line(connection))
        except TimeoutError:
            raise Unavailable(f"launchd did not answer for {REPLY_SECONDS:.0f} seconds") from None
        except ValueError:
            raise Unavailable("launchd gave an answer that makes no sense") from None
        finally:
            connection.close()
        if not isinstance(reply, dict) or not isinstance(reply.get("error"), int):
            raise Unavailable("launchd gave an answer that makes no sense")
        return reply

    def _connected(self) -> _socket.socket:
        try:
            return _connect(self.path)
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
            pass  # nobody listens: that is what starting is for
        except OSError as error:
            raise Unavailable(f"cannot reach launchd: {self.path}: {error.strerror}") from None
        if not self._may_start:
            where = self._root or "/"
            raise Unavailable(f"launchd is not running, and only the owner of {where} starts it")
        return self._start()

    def _start(self) -> _socket.socket:
        """Start a supervisor and wait until one answers: ours, or that of who was quicker."""
        import time

        pid = _spawn(self._root or "/")
        end, pause = time.monotonic() + START_SECONDS, 0.002
        ended = False
        while time.monotonic() < end:
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)
            if self._answers():
                return _connect(self.path)
            if not ended and posix.waitpid(pid, posix.WNOHANG) != (0, 0):
                # It gives way to another one, which may still be starting, or it failed.
                ended, end = True, min(end, time.monotonic() + START_SECONDS / 2)
        raise Unavailable("launchd could not be started"
                          if ended else f"launchd did not start within {START_SECONDS:.0f} seconds")

    def end(self, seconds: float) -> bool:
        """Have the supervisor end, if one runs, and wait until it has: its socket goes last.

        False if it still runs after so many seconds.
        """
        import time

        try:
            self.ask("shutdown")
        except Unavailable:
            return True  # none runs
        end = time.monotonic() + seconds
        while exists(self.path, follow=False):
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def _answers(self) -> bool:
        try:
            return bool(self._exchange(_connect(self.path), "ping", {})["error"] == 0)
        except OSError:
            return False


def _connect(path: str) -> _socket.socket:
    """A connection to a socket, however long its path."""
    import _socket

    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
    try:
        with Address(path) as address:
            connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _line(connection: _socket.socket) -> bytes:
    """One line from the other end. Raises ConnectionError if it ends before, ValueError if too
    long."""
    received = bytearray()
    while not received.endswith(b"\n"):
        data = connection.recv(1 << 16)
        if not data:
            raise ConnectionResetError
        received += data
        if len(received) > LONGEST_MESSAGE:
            raise ValueError("too long")
    return bytes(received)


def _spawn(root: str) -> int:
    """Start a supervisor for ``root`` that has nothing to do with our terminal, session, working
    directory or environment; returns its pid."""
    package = parent(parent(__file__))
    code = (f"import sys; sys.path.insert(0, {package!r}); "
            f"from dirserv.bundle import use; use({package!r}); "
            f"from launchd_shim.supervisor.main import main; main({root!r})")
    argv = [sys.executable, "-I", "-S", "-X", "utf8", "-c", code]
    pid = posix.fork()
    if pid == 0:
        try:
            _become_daemon()
            posix.execve(argv[0], argv, _environment())
        finally:
            posix._exit(127)
    return pid


def _become_daemon() -> None:
    posix.setsid()
    posix.chdir("/")
    posix.umask(0o022)
    null = posix.open("/dev/null", posix.O_RDWR)
    for fd in (0, 1, 2):
        posix.dup2(null, fd)
    posix.closerange(3, 256)


def _environment() -> dict[str, str]:
    """What a supervisor needs of our environment: its jobs must not depend on who started it."""
    import os

    wanted = ("PATH", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
    return {name: value for name, value in os.environ.items()
            if name in wanted or name.startswith(("DIRSERV_", "LAUNCHD_SHIM_"))
            and name not in ("DIRSERV_EUID", "LAUNCHD_SHIM_ASUSER")}
