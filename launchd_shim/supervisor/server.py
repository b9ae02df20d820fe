"""The control socket: lines of JSON from launchctl, with the caller's credentials."""

from __future__ import annotations

import json
import os
import socket
import struct

from launchd_shim.protocol import LONGEST_MESSAGE
from launchd_shim.supervisor.unixpath import address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from launchd_shim.supervisor.loop import Loop

    Reply = Callable[[dict[str, object]], None]
    #: (request, uid of the caller, what to call with the reply, now or later)
    Handler = Callable[[dict[str, object], int, Reply], None]

#: Darwin's EINVAL: the request is none.
EINVAL = 22
#: A client that does not read its replies for so long is dropped.
_PATIENCE_SECONDS = 10.0


def path_of(root: str) -> str:
    """The control socket of a root."""
    return f"{root}/private/var/run/launchd.sock"


class Server:
    """Accepts clients and hands their requests to a handler."""

    def __init__(self, root: str, loop: Loop, handler: Handler) -> None:
        self._loop = loop
        self._handler = handler
        self._clients: dict[int, tuple[socket.socket, bytearray, int]] = {}
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
            client, _ = self._listener.accept()
        except OSError:
            return  # it has gone already, or we have no descriptor left for it
        client.settimeout(_PATIENCE_SECONDS)
        credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        uid = struct.unpack("3i", credentials)[1]
        fd = client.fileno()
        self._clients[fd] = (client, bytearray(), uid)
        self._loop.watch(fd, lambda: self._readable(fd))

    def _readable(self, fd: int) -> None:
        client, buffer, uid = self._clients[fd]
        try:
            data = client.recv(65536)
        except OSError:
            data = b""
        buffer += data
        if not data or len(buffer) > LONGEST_MESSAGE:
            self._drop(fd)
            return
        while b"\n" in buffer and fd in self._clients:
            line, _, rest = bytes(buffer).partition(b"\n")
            buffer[:] = rest
            self._serve(fd, client, line, uid)

    def _serve(self, fd: int, client: socket.socket, line: bytes, uid: int) -> None:
        def reply(content: dict[str, object]) -> None:
            if self._clients.get(fd, (None,))[0] is not client:
                return  # the client did not wait
            try:
                client.sendall(json.dumps(content).encode() + b"\n")
            except OSError:
                self._drop(fd)

        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            request = None
        if not isinstance(request, dict):
            reply({"error": EINVAL})
            return
        self._handler(request, uid, reply)

    def _drop(self, fd: int) -> None:
        client = self._clients.pop(fd, None)
        if client is not None:
            self._loop.forget(fd)
            client[0].close()


def _listen(path: str) -> socket.socket:
    """A fresh socket at ``path``, put in place whole: a client meets the old one or the new one."""
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    fresh = path + ".new"
    if os.path.lexists(fresh):
        os.unlink(fresh)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with address(fresh) as short:
            listener.bind(short)
        os.chmod(fresh, 0o666)
        listener.listen(socket.SOMAXCONN)
        os.rename(fresh, path)
    except OSError:
        listener.close()
        raise
    return listener
