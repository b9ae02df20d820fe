"""The control socket: lines of JSON from launchctl, with the caller's credentials."""

from __future__ import annotations

import json
import os
import socket
import struct

from launchd_shim.protocol import LONGEST_MESSAGE
from launchd_shim.unixpath import Address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launchd_shim.supervisor.loop import Loop

    Reply = Callable[[dict[str, object]], None]
    #: (request, uid of the caller, what to call with the reply, now or later)
    Handler = Callable[[dict[str, object], int, Reply], None]

#: Darwin's EINVAL: the request is none.
EINVAL = 22

#: How many connections one user who is neither root nor ourselves may hold, and all such together:
#: the descriptors that are left serve root, and start jobs.
_MOST_OF_ONE, _MOST_OF_OTHERS = 64, 256


def path_of(root: str) -> str:
    """The control socket of a root."""
    return f"{root}/private/var/run/launchd.sock"


class _Client:
    """A connection: what came of the next request, what of a reply has still to go."""

    __slots__ = ("socket", "incoming", "outgoing", "uid")

    def __init__(self, connection: socket.socket) -> None:
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        self.socket = connection
        self.incoming, self.outgoing = bytearray(), bytearray()
        self.uid: int = struct.unpack("3i", credentials)[1]


class Server:
    """Accepts clients and hands their requests to a handler."""

    def __init__(self, root: str, loop: Loop, handler: Handler) -> None:
        self._loop = loop
        self._handler = handler
        self._clients: dict[int, _Client] = {}
        self.path = path_of(root)
        self._listener = _listen(self.path)
        loop.watch(self._listener.fileno(), self._accept)

    def close(self) -> None:
        """Stop serving and remove the socket."""
        self._loop.forget(self._listener.fileno())
        self._listener.close()
        for fd in list(self._clients):
            self._drop(fd)
        if os.path.lexists(self.path):
            os.unlink(self.path)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # it has gone already, or we have no descriptor left for it
        client = _Client(connection)
        if self._has_enough(client.uid):
            connection.close()
            return
        connection.setblocking(False)
        fd = connection.fileno()
        self._clients[fd] = client
        self._loop.watch(fd, lambda: self._readable(fd))

    def _has_enough(self, uid: int) -> bool:
        privileged = (0, os.geteuid())
        others = [each.uid for each in self._clients.values() if each.uid not in privileged]
        return uid not in privileged and (
            len(others) >= _MOST_OF_OTHERS or others.count(uid) >= _MOST_OF_ONE)

    def _readable(self, fd: int) -> None:
        client = self._clients[fd]
        try:
            data = client.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        client.incoming += data
        if not data or len(client.incoming) > LONGEST_MESSAGE:
            self._drop(fd)
            return
        self._work(fd, client)

    def _work(self, fd: int, client: _Client) -> None:
        """Serve what has come, up to a reply that the client does not read: it waits for itself,
        and nobody else does."""
        while (b"\n" in client.incoming and not client.outgoing
               and self._clients.get(fd) is client):
            line, _, rest = bytes(client.incoming).partition(b"\n")
            client.incoming[:] = rest
            self._serve(fd, client, line)

    def _serve(self, fd: int, client: _Client, line: bytes) -> None:
        def reply(content: dict[str, object]) -> None:
            if self._clients.get(fd) is client:  # else it did not wait
                client.outgoing += json.dumps(content).encode() + b"\n"
                self._send(fd, client)

        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            request = None
        if not isinstance(request, dict):
            reply({"error": EINVAL})
            return
        self._handler(request, client.uid, reply)

    def _send(self, fd: int, client: _Client) -> None:
        try:
            del client.outgoing[:client.socket.send(client.outgoing)]
        except BlockingIOError:
            pass  # its buffer is full
        except OSError:
            self._drop(fd)
            return
        if client.outgoing:
            self._loop.rewatch(fd, lambda: self._writable(fd), writable=True)

    def _writable(self, fd: int) -> None:
        client = self._clients[fd]
        self._send(fd, client)
        if self._clients.get(fd) is client and not client.outgoing:
            self._loop.rewatch(fd, lambda: self._readable(fd), writable=False)
            self._work(fd, client)

    def _drop(self, fd: int) -> None:
        client = self._clients.pop(fd, None)
        if client is not None:
            self._loop.forget(fd)
            client.socket.close()


def _listen(path: str) -> socket.socket:
    """A fresh socket at ``path``, put in place whole: a client meets the old one or the new one."""
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    fresh = path + ".new"
    if os.path.lexists(fresh):
        os.unlink(fresh)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with Address(fresh) as short:
            listener.bind(short)
        os.chmod(fresh, 0o666)
        listener.listen(socket.SOMAXCONN)
        os.rename(fresh, path)
    except OSError:
        listener.close()
        raise
    return listener
