"""Programs of a prefix, run as its own shell would run them.

Everything that ``darling-dirserv nix`` does to a prefix, and nearly all that it wants to know,
goes through here. So it holds for a container that runs as for one that does not, and nothing is
ever written below a running one (spec/darling.md "Processes and paths").
"""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from dirserv.admin.errors import AdminError
from dirserv.prefix import receipt, target
from dirserv.prefix.launchers import HOST
from dirserv.prefix.tree import Tree

#: What a login shell of root has there; the caller's own variables mean the host's files.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/var/root",
               "USER": "root", "LOGNAME": "root", "SHELL": "/bin/sh"}
_KEPT = ("TERM", "LANG", "LC_ALL")

#: A tree in a mount namespace of its own: what the host has in /dev and /proc, and a directory
#: of the host's at a place in the tree. $1 tree, $2 and $3 that directory and place, or empty.
_ENTER = """\
tree=$1
[ ! -d "$tree/dev" ] || [ -e "$tree/dev/null" ] || mount --rbind /dev "$tree/dev" || exit 125
[ ! -d "$tree/proc" ] || [ -e "$tree/proc/self" ] || mount --rbind /proc "$tree/proc" || exit 125
[ -z "$2" ] || mount --bind "$2" "$tree$3" || exit 125
shift 3
exec "$@"
"""


class Inside(ABC):
    """A prefix to run programs in. ``root`` is its host path, "/" for a whole system."""

    #: Whether Darling's emulation is between its programs and the kernel.
    emulated = False

    def __init__(self, root: str) -> None:
        self.root = root
        self._scratch = ""

    @abstractmethod
    def command(self, script: str, words: Sequence[str] = (),
                environment: Mapping[str, str] | None = None, uid: int | None = 0) -> list[str]:
        """The host's command line that runs an sh script with arguments, as an emulated uid;
        None leaves the uid of who calls. Run it with ``environment()``."""

    @abstractmethod
    def show(self, directory: str) -> str:
        """The path at which programs see a directory of the host, while ``scratch`` is open."""

    @abstractmethod
    def _scratch_parent(self) -> str:
        """Where ``scratch`` makes its directory."""

    def environment(self) -> dict[str, str]:
        """What the host's side of ``command`` is started with."""
        return dict(os.environ)

    def run(self, script: str, *words: str, input: str = "", uid: int | None = 0,
            timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run a script, wait, and return all it said, errors in the same stream.

        A status of 124 says that it took longer than ``timeout`` seconds.
        """
        argv = self.command(script, words, uid=uid)
        try:
            return subprocess.run(argv, input=input, stdout=subprocess.PIPE, text=True,
                                  stderr=subprocess.STDOUT, env=self.environment(), check=False,
                                  errors="surrogateescape", timeout=timeout)
        except subprocess.TimeoutExpired as error:
            said = (error.stdout or b"").decode(errors="replace")  # bytes, whatever was asked for
            return subprocess.CompletedProcess(argv, 124, f"{said}no end in {timeout:.0f} s\n")

    def boot(self) -> None:
        """Make sure that programs can run. Raises AdminError if they cannot."""
        result = self.run("exit 0")
        if result.returncode:
            raise AdminError(f"no program runs in {self.root}: {result.stdout.strip()}")

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A directory of the host that programs see through ``show``; it goes at the end."""
        with tempfile.TemporaryDirectory(prefix="darling-dirserv-nix-",
                                         dir=self._scratch_parent()) as path:
            self._scratch = path
            yield Path(path)
            self._scratch = ""


class Plain(Inside):
    """A tree whose programs are the kernel's own: run in a chroot, in / as they are."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self._shown = ("", "")
        if root != "/" and os.geteuid() != 0:
            raise AdminError(f"only root can run the programs of {root}: run this as root")

    def command(self, script: str, words: Sequence[str] = (),
                environment: Mapping[str, str] | None = None, uid: int | None = 0) -> list[str]:
        """Through unshare(1) and chroot(1), which every Linux has."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        variables = {**ENVIRONMENT, **kept, **(environment or {})}
        argv = ["env", "-i", *(f"{name}={value}" for name, value in variables.items()),
                "/bin/sh", "-c", script, "sh", *words]
        if self.root != "/" or uid:
            who = [f"--userspec=+{uid}:+{uid}", "--groups="] if uid else []
            argv = ["chroot", *who, self.root, "/usr/bin/env", *argv[1:]]
        if self.root != "/":
            shown = self._shown if self._scratch else ("", "")
            argv = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _ENTER, "sh",
                    self.root, *shown, *argv]
        return argv

    def _scratch_parent(self) -> str:
        """The tree's own /tmp."""
        top = "" if self.root == "/" else self.root
        place = os.path.realpath(f"{top}/private/tmp")
        if not os.path.isdir(place) or not place.startswith(f"{top}/"):
            raise AdminError(f"{top}/private/tmp is not a directory of that tree; make it")
        return place

    def show(self, directory: str) -> str:
        """As it is below the tree; one from elsewhere is bound to a place in ``scratch``."""
        if self.root == "/":
            return directory
        if directory.startswith(f"{self.root}/"):
            return directory[len(self.root):]
        place = f"{self._scratch}/shown"
        os.makedirs(place, exist_ok=True)
        self._shown = (directory, place[len(self.root):])
        return self._shown[1]


class Darling(Inside):
    """A prefix of Darling, entered by the program ``darling``."""

    emulated = True

    def __init__(self, root: str, program: str = "darling") -> None:
        super().__init__(root)
        found = shutil.which(program)
        if found is None:
            raise AdminError(f"there is no program {program}; say with --darling where it is")
        self._program = found

    def command(self, script: str, words: Sequence[str] = (),
                environment: Mapping[str, str] | None = None, uid: int | None = 0) -> list[str]:
        """Through ``darling shell``; the uid is the emulation's, which sudo changes."""
        variables = dict(environment or {})
        if uid == 0:
            variables = {**ENVIRONMENT, **variables}
        exports = "".join(f"export {name}={shlex.quote(value)}\n"
                          for name, value in variables.items())
        text = f"{exports}set -- {shlex.join(words)}\n{script}"
        become = [] if uid is None else ["/usr/bin/sudo", "-u", f"#{uid}"]
        return [self._program, "shell", *become, "/bin/sh", "-c", _unquoted(text)]

    def environment(self) -> dict[str, str]:
        """The program finds the prefix by $DPREFIX."""
        return {**os.environ, "DPREFIX": self.root}

    def boot(self) -> None:
        """The first call's output must not be a pipe: the container's processes keep it open."""
        with tempfile.TemporaryFile() as said:
            status = subprocess.run(self.command("exit 0", uid=None), stdin=subprocess.DEVNULL,
                                    stdout=said, stderr=said, env=self.environment(),
                                    check=False).returncode
            said.seek(0)
            text = said.read().decode(errors="replace").strip()
        if status:
            raise AdminError(f"{self._program} shell does not start {self.root}: {text}")

    def _scratch_parent(self) -> str:
        """The host's: the container shows all of the host."""
        return tempfile.gettempdir()

    def show(self, directory: str) -> str:
        """Below the host's root."""
        return HOST + os.path.realpath(directory)


def _unquoted(text: str) -> str:
    """An sh text that does the same and has no apostrophe in it: ``darling shell`` puts its
    arguments between apostrophes as they are (darling.c, spawnShell)."""
    safe = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                     " ./:=-_+,;|&<>()[]{}#~@^?*")
    coded = "".join(char if char in safe else
                    "".join(f"\\0{byte:03o}" for byte in os.fsencode(char)) for char in text)
    return f'eval "$(printf %b "{coded}")"'


def find(path: str | None, program: str | None = None) -> Inside:
    """The prefix at a path (default: Darling's own choice); ``program`` says that it is one of
    Darling's, and by which program it is entered. Raises AdminError."""
    root = os.path.realpath(path or target.default_prefix())
    laid = receipt.load(Tree(root))
    if program is not None or (laid is not None and laid.kind == target.DARLING):
        return Darling(root, program or "darling")
    if laid is None and os.path.lexists(f"{root}/.darlingserver.sock"):
        raise AdminError(f"{root} has none of our commands; "
                         f"`darling-dirserv install --prefix {root}` comes first")
    return Plain(root)


def stdin_is_socket() -> bool:
    """Whether standard input is what ``darling shell`` cannot hand on."""
    try:
        return stat.S_ISSOCK(os.fstat(sys.stdin.fileno()).st_mode)
    except (OSError, ValueError):
        return False
