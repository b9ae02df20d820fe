"""The account phase of the official multi-user Nix installer, in its own order, through our
commands as separate processes (spec/installers.md 1.2 and 2.1).

It decides from what the commands print and how they end, as the installer's shell code does, so
that a second run finds everything in place.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

from dirserv.admin.errors import AdminError
from dirserv.directory import Directory

_PACKAGES = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_LAUNCHER = (
    "import sys; sys.path.insert(0, {packages!r}); "
    "from dirserv.command import main; main({name!r}, {root!r})"
)

#: What the installer sets on every user after the uid: (attribute, value; {} is the number).
_ATTRIBUTES = (
    ("IsHidden", "1"),
    ("NFSHomeDirectory", "/var/empty"),
    ("RealName", "Nix build user {}"),
    ("UserShell", "/sbin/nologin"),
)


class RehearsalFailed(AdminError):
    """What was found, or how a command ended, stops the installer."""


class Rehearsal:
    """One run of the account phase against the root of a directory.

    ``report``, when set, is called with each command line before it runs. ``calls`` holds
    (command line, seconds) afterwards.
    """

    def __init__(
        self,
        directory: Directory,
        users: int = 32,
        first_uid: int = 351,
        gid: int = 350,
    ) -> None:
        self._root = directory.root.path or "/"
        self._users = users
        self._first_uid = first_uid
        self._gid = gid
        self.report: Callable[[str], None] = lambda line: None
        self.calls: list[tuple[str, float]] = []

    @property
    def expected_calls(self) -> int:
        """How many processes a run in a fresh root takes."""
        return 2 + 14 * self._users

    def run(self) -> None:
        """Do it. Raises RehearsalFailed where the installer would stop."""
        self._group()
        for number in range(1, self._users + 1):
            self._user(number)

    def _group(self) -> None:
        path = "/Groups/nixbld"
        if not self._exists(path):
            self.must("dseditgroup", "-o", "create", "-r", "Nix build group for nix-daemon",
                       "-i", str(self._gid), "nixbld")
        elif self._attribute(path, "PrimaryGroupID") != str(self._gid):
            raise RehearsalFailed(f"the group nixbld has another gid than {self._gid}")

    def _user(self, number: int) -> None:
        name, uid = f"_nixbld{number}", str(self._first_uid + number - 1)
        path = f"/Users/{name}"
        if not self._exists(path):
            self.must("dscl", ".", "create", path, "UniqueID", uid)
        elif self._attribute(path, "UniqueID") != uid:
            raise RehearsalFailed(f"the user {name} has another uid than {uid}")
        for attribute, value in _ATTRIBUTES:
            self._ensure(path, attribute, value.format(number))
        if self._call("dseditgroup", "-o", "checkmember", "-m", name, "nixbld").returncode:
            self.must("dseditgroup", "-o", "edit", "-t", "user", "-a", name, "nixbld")
        self._ensure(path, "PrimaryGroupID", str(self._gid))

    def _ensure(self, path: str, attribute: str, value: str) -> None:
        if self._attribute(path, attribute) != value:
            self.must("dscl", ".", "-create", path, attribute, value)

    def _exists(self, path: str) -> bool:
        return self._call("dscl", ".", "-read", path).returncode == 0

    def _attribute(self, path: str, attribute: str) -> str:
        """The second word of every line that names the attribute: the installer's awk."""
        lines = self._call("dscl", ".", "-read", path).stdout.splitlines()
        words = [line.split() for line in lines if attribute in line]
        return "\n".join(found[1] if len(found) > 1 else "" for found in words)

    def must(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run a command that has to end with 0. Raises RehearsalFailed if it does not."""
        result = self._call(*argv)
        if result.returncode:
            said = (result.stderr or result.stdout).strip()
            raise RehearsalFailed(f"{' '.join(argv)} ended with {result.returncode}: {said}")
        return result

    def _call(self, *argv: str) -> subprocess.CompletedProcess[str]:
        self.report(" ".join(argv))
        code = _LAUNCHER.format(packages=_PACKAGES, name=argv[0], root=self._root)
        begin = time.perf_counter()
        result = subprocess.run(
            [sys.executable, "-I", "-S", "-c", code, *argv[1:]],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )
        self.calls.append((" ".join(argv), time.perf_counter() - begin))
        return result
