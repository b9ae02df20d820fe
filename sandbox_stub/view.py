"""How the sandboxed program sees paths, and how a program is started that it names.

On an ordinary system that is how we see them. In a Darling prefix programs take the prefix for /,
while this Python, an ELF process, sees the host; a program there goes back into the emulation by
executing Darling's loader in the same process. Source: spec/darling.md "Back from ELF to Mach-O".
"""

from __future__ import annotations

import posix

from dirserv.system import encoded
from sandbox_stub.paths import decoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    Environment = dict[bytes, bytes]

ENOEXEC, ELOOP = 8, 40
_HEAD_LENGTH = 1024
_INTERPRETERS = 4  # scripts that may call for one another, as in the kernel


class View:
    """``prefix`` is the Darling prefix's host path and ``mldr`` that of its loader; "" for both
    on an ordinary system."""

    def __init__(self, prefix: str = "", mldr: str = "") -> None:
        self.prefix = prefix.rstrip("/") if mldr else ""
        self.mldr = mldr
        #: The socket of the server that every program of the prefix talks to.
        self.server = self.prefix + "/.darlingserver.sock"

    def host(self, path: str) -> str:
        """Where we see what the program calls ``path``."""
        if path.startswith("/") and not path.startswith(self.prefix + "/"):
            return self.prefix + path
        return path

    def start(self, path: str, words: list[bytes], environment: Environment) -> None:
        """Become the program that is called ``path`` in this view. Raises OSError."""
        if not self.prefix:
            posix.execve(path, words, environment)
        for _ in range(_INTERPRETERS):
            host = self.host(path)
            with open(host, "rb", buffering=0) as file:
                head = file.read(_HEAD_LENGTH)
            if not head.startswith(b"#!"):
                self._enter(host, head, words, environment)
            # Darling runs scripts in user space too: the kernel knows no Mach-O interpreter.
            interpreter = head[2:].split(b"\n", 1)[0].strip().split(None, 1)
            words = [*interpreter, encoded(path), *words[1:]]
            path = decoded(words[0])
        raise OSError(ELOOP, posix.strerror(ELOOP))

    def _enter(self, host: str, head: bytes, words: list[bytes], environment: Environment) -> None:
        if head.startswith(b"\x7fELF"):
            posix.execve(host, words, environment)
        if not head.startswith(_MACH_O):
            raise OSError(ENOEXEC, posix.strerror(ENOEXEC))
        posix.execve(self.mldr, [b"mldr!" + encoded(host), *words],
                  {**environment, b"__mldr_sockpath": encoded(self.server)})


#: The first bytes of Mach-O files, thin and fat.
_MACH_O = (b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
