"""Trees to install into, what they hold to the last bit, and the admin command."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dirserv.admin import main as admin
from tests.support import CHECKOUT, is_root, others_may_read

PASSWD = "root:*:0:0:System Administrator:/var/root:/bin/sh\nme:*:501:501:Me:/Users/me:/bin/bash\n"
GROUP = "wheel:*:0:root,me\nme:*:501:me\n"

#: What Darling's own directory holds, as far as we look at it: path -> (content, mode).
LOWER = {
    "bin/launchctl": ("842 launchctl\n", 0o755),
    "bin/wait4path": ("wait4path\n", 0o755),
    "bin/stat": ("stat\n", 0o755),
    "bin/grep": ("grep\n", 0o755),
    "usr/bin/sudo": ("#!/bin/sh\necho fake 'sudo' implementation\n", 0o755),
    "usr/bin/sw_vers": ("#!/bin/sh\n", 0o755),
    "usr/bin/dsmemberutil": ("user is a member\n", 0o755),
    "usr/sbin/diskutil": ("#!/bin/sh\necho the old diskutil \"$@\"\n", 0o755),
    "usr/libexec/darling/mldr": ("", 0o755),
    "usr/libexec/darling/vchroot": ("", 0o755),
    "private/etc/bashrc": ("PS1=x\n", 0o644),
    "System/Library/LaunchDaemons/com.apple.syslogd.plist": ("<plist/>", 0o644),
}
_LINKS = {"etc": "private/etc", "var": "private/var", "tmp": "private/tmp"}


#: For what is done in somebody else's tree, which takes his rights.
for_others = pytest.mark.skipif(
    not (is_root() and others_may_read()),
    reason=f"needs root to act as somebody else, who may read {CHECKOUT}")


def fill(root: Path, files: dict[str, tuple[str, int]]) -> None:
    """Put files into a tree."""
    for path, (content, mode) in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
        (root / path).chmod(mode)


def plain(root: Path) -> Path:
    """An ordinary tree: a program that ours replaces, accounts, and the links of macOS."""
    fill(root, {"usr/bin/dscl": ("the dscl of before\n", 0o750),
                "bin/launchctl": ("842 launchctl\n", 0o755),
                "private/etc/passwd": (PASSWD, 0o644), "private/etc/group": (GROUP, 0o640),
                "private/var/db/other": ("", 0o600)})
    (root / "usr/bin/dscacheutil").symlink_to("dscl")
    (root / "etc").symlink_to("private/etc")
    os.utime(root / "usr/bin/dscl", (1, 1))
    os.utime(root / "private/etc/passwd", (2, 2))
    return root


def darling(where: Path) -> tuple[Path, Path]:
    """A Darling prefix that is not running (the upper layer), and Darling's own directory."""
    lower, upper = where / "libexec", where / "prefix"
    fill(lower, LOWER)
    for name, target in _LINKS.items():
        (lower / name).symlink_to(target)
    for name in ("private/var/db", "private/tmp", "Library/LaunchDaemons", "Volumes"):
        (lower / name).mkdir(parents=True)
    fill(upper, {"private/etc/passwd": (PASSWD, 0o644), "private/etc/group": (GROUP, 0o644),
                 "private/etc/master.passwd": ("", 0o600)})
    for name in ("run", "tmp", "log"):
        (upper / "var" / name).mkdir(parents=True)
    (upper / ".darlingserver.sock").touch()
    return upper, lower


def everything(root: Path) -> dict[str, tuple]:
    """Path -> kind, mode, owner and content (of files also the time) of all that is in a tree."""
    found: dict[str, tuple] = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = Path(folder, name)
            status = path.lstat()
            kind, owner = stat.S_IFMT(status.st_mode), (status.st_uid, status.st_gid)
            if path.is_symlink():
                content: tuple = (os.readlink(path),)
            elif path.is_file():
                content = (hashlib.sha256(path.read_bytes()).hexdigest(), status.st_mtime_ns)
            else:
                content = ()
            found[str(path.relative_to(root))] = (
                kind, stat.S_IMODE(status.st_mode), owner, *content)
    return found


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The admin command in this process: status, standard output, standard error."""
    status = admin.main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def process(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The admin command in a process of its own."""
    return subprocess.run(
        [sys.executable, str(CHECKOUT / "bin/darling-dirserv"), *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=120)


def give_away(root: Path) -> None:
    """Make a tree somebody else's."""
    for path in (root, *root.rglob("*")):
        os.chown(path, 12345, 12345, follow_symlinks=False)


def receipt(root: Path) -> dict:
    """The receipt of a tree."""
    return json.loads((root / ".darling-dirserv/receipt.json").read_text())
