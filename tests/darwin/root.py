"""A Darwin-like root that lives as long as a `with` block: programs run in it, nothing leaks out.

It has its own mount, process, ipc, uts and network namespace, the last with a loopback interface
only.  Its files are the machine's own, below a layer in memory that takes every change.  What
ends it is the end of its process 1 (see holder.py), so that a killed test leaves nothing either.
"""

from __future__ import annotations

import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.darwin import layout, tree
from tests.darwin.requirements import NAMESPACES, PYTHON

HOLDER = Path(__file__).absolute().parent / "holder.py"
UNAME_SOURCE = HOLDER.with_name("uname.c")
UNAME_LIBRARY = "/usr/local/lib/darwin-uname.so"
START_LIMIT = 30.0  # seconds until a root must be ready
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
    "HOME": "/var/root",
    "USER": "root",
    "LOGNAME": "root",
    "SHELL": "/bin/sh",
    "LC_ALL": "C.UTF-8",
}

Result = subprocess.CompletedProcess[str]


class RootFailed(Exception):
    """A root could not be made; the text says what the machine answered."""


class DarwinRoot:
    """One root; use it as a context manager.

    Raises RootFailed on entry when the machine refuses; ask `requirements.obstacle()` before.
    """

    def __init__(self, checkout: Path = layout.CHECKOUT) -> None:
        """Describe a root; entering the `with` block makes it.

        checkout: the directory whose packages are put under test.
        """
        self._checkout = checkout
        self._holder: subprocess.Popen[str] | None = None
        self._pid = 0

    def __enter__(self) -> Self:
        """Make the root, or raise RootFailed and leave nothing."""
        self._start()
        try:
            stream = layout.contents(self._checkout)
            self._enter(["/bin/sh", "-c", layout.PREPARE], stream)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Close the root, whatever happened in it."""
        self.close()

    @property
    def pid(self) -> int:
        """The process number, on the machine, of the root's process 1."""
        return self._pid

    @property
    def path(self) -> Path:
        """The root as the machine sees it; read below it, but see `tree` before writing."""
        return Path(f"/proc/{self._pid}/root")

    def run(
        self,
        argv: Sequence[str],
        *,
        input: str = "",
        env: Mapping[str, str] | None = None,
        uid: int | None = None,
        gid: int | None = None,
        darwin_uname: bool = False,
        timeout: float = 120.0,
    ) -> Result:
        """Run a program in the root and wait for it; its status is in the result, not raised.

        env: added to a macOS-like environment.  uid, gid: numbers, without further groups; gid
        defaults to uid.  darwin_uname: uname(2) says Darwin too.  timeout: seconds, after which
        subprocess.TimeoutExpired is raised.
        """
        command = self._command(argv, uid, gid, darwin_uname)
        return subprocess.run(
            command,
            input=input,
            env={**ENVIRONMENT, **(env or {})},
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=timeout,
            check=False,
        )

    def must(self, *argv: str, input: str = "") -> str:
        """Run a program as root that has to succeed, and return its standard output."""
        result = self.run(argv, input=input)
        assert result.returncode == 0, f"{argv}: {result}"
        return result.stdout

    def call(self, argv: Sequence[str]) -> int:
        """Run a program on the caller's own terminal and return its status."""
        return subprocess.call(self._command(argv, None, None, False), env=ENVIRONMENT)

    def start(self, argv: Sequence[str], log: str, env: Mapping[str, str] | None = None) -> None:
        """Run a program in the background of the root, its output in the file `log` there."""
        script = 'log=$1; shift; "$@" >"$log" 2>&1 </dev/null &'
        result = self.run(["/bin/sh", "-c", script, "sh", log, *argv], env=env)
        assert result.returncode == 0, result

    def wait_for(self, path: str, limit: float = 20.0) -> bool:
        """Wait up to `limit` seconds until something lies at `path`; False when nothing came."""
        deadline = time.monotonic() + limit
        while not self.exists(path):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def exists(self, path: str) -> bool:
        """Whether something lies at that path of the root."""
        return self.run(["/usr/bin/test", "-e", path]).returncode == 0

    def read(self, path: str) -> str:
        """The text of a file of the root."""
        return self.must("/bin/cat", path)

    def install(self, entries: Iterable[tree.Entry]) -> None:
        """Put these files into the root; what lies in their place is replaced."""
        self.unpack(tree.archive(entries))

    def unpack(self, stream: bytes) -> None:
        """Unpack a tar stream over the root; links to directories stay links."""
        command = ["/bin/tar", "--extract", "--file", "-", "--preserve-permissions"]
        command += ["--numeric-owner", "--keep-directory-symlink", "--directory", "/"]
        self._enter(command, stream)

    def add_uname_library(self) -> bool:
        """Make `run(darwin_uname=True)` possible; False when the machine has no C compiler."""
        compiler = shutil.which("gcc") or shutil.which("cc")
        if compiler is None:
            return False
        with tempfile.TemporaryDirectory(prefix="darwin-uname-") as scratch:
            library = Path(scratch, "uname.so")
            command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(UNAME_SOURCE)]
            subprocess.run(command, check=True, capture_output=True)
            self.install([tree.Entry(UNAME_LIBRARY, data=library.read_bytes(), mode=0o755)])
        return True

    def close(self) -> None:
        """End every process of the root and so the root itself; harmless when already ended."""
        if self._holder is None:
            return
        assert self._holder.stdin
        assert self._holder.stdout
        self._holder.stdin.close()
        self._holder.wait()
        self._holder.stdout.close()
        self._holder = None

    def _start(self) -> None:
        command = ["unshare", *NAMESPACES, "--propagation", "private", "--"]
        with tempfile.TemporaryFile("w+") as errors:
            self._holder = subprocess.Popen(
                [*command, PYTHON, "-I", "-S", str(HOLDER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                # Keeps a Ctrl-C on the terminal for the test run, which then closes in order.
                start_new_session=True,
            )
            try:
                self._pid = self._await_ready()
            except RootFailed as failure:
                self.close()
                errors.seek(0)
                raise RootFailed(f"{failure}: {errors.read().strip()}") from None

    def _await_ready(self) -> int:
        assert self._holder
        assert self._holder.stdout
        readable, _, _ = select.select([self._holder.stdout], [], [], START_LIMIT)
        words = self._holder.stdout.readline().split() if readable else []
        if len(words) != 2 or words[0] != "ready":
            raise RootFailed("the root did not become ready")
        return int(words[1])

    def _command(
        self, argv: Sequence[str], uid: int | None, gid: int | None, darwin_uname: bool
    ) -> list[str]:
        """The nsenter(1) command line that runs `argv` inside."""
        command = [shutil.which("nsenter") or "nsenter", "--target", str(self._pid)]
        command += ["--mount", "--pid", "--ipc", "--uts", "--net", "--root", "--wd"]
        if uid is not None:
            command += ["--setuid", str(uid), "--setgid", str(uid if gid is None else gid)]
        if darwin_uname:
            # Not in the environment of nsenter itself, which runs before the root is entered.
            argv = ["/usr/bin/env", f"LD_PRELOAD={UNAME_LIBRARY}", *argv]
        return [*command, "--", *argv]

    def _enter(self, argv: Sequence[str], data: bytes) -> None:
        """Run a program that takes `data` and has to succeed, or raise RootFailed."""
        command = self._command(argv, None, None, False)
        result = subprocess.run(
            command, input=data, env=ENVIRONMENT, capture_output=True, check=False
        )
        if result.returncode != 0:
            raise RootFailed(f"{argv[0]} in the root: {result.stderr.decode(errors='replace')}")
