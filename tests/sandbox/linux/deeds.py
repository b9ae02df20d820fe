"""What a program may try on a small tree, and the operations of the language that it takes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from sandbox_stub.decision import decide
from sandbox_stub.filters import Target
from sandbox_stub.profile import Profile, Rule

DIRECTORIES = ("/a", "/a/b", "/a/b/c", "/d", "/d/e")
FILES = tuple(directory + "/f" for directory in DIRECTORIES)
PATHS = (*DIRECTORIES, *FILES)
#: Where things are carried to from everywhere.
CARRIED = "/d/carried"
_TEXT = b"known text"


def make_tree(place: Path, owner: int | None = None) -> str:
    """A fresh tree: in each directory a file f, a program p and things that may go."""
    shutil.rmtree(place, ignore_errors=True)
    for directory in DIRECTORIES:
        at = place / directory[1:]
        at.mkdir(parents=True)
        for name in ("f", "gone", "moved", "linked"):
            (at / name).write_bytes(_TEXT)
        shutil.copy("/bin/true", at / "p")
        (at / "empty").mkdir()
    if owner is not None:
        for directory, _, names in os.walk(place):
            for name in (".", *names):
                os.chown(os.path.join(directory, name), owner, owner)
    return str(place.resolve())


def _read(tree: str, directory: str) -> bool:
    fd = os.open(tree + directory + "/f", os.O_RDONLY)
    try:
        return os.read(fd, 100) == _TEXT
    finally:
        os.close(fd)


def _list(tree: str, directory: str) -> bool:
    return "f" in os.listdir(tree + directory)


def _write(tree: str, directory: str) -> bool:
    os.close(os.open(tree + directory + "/f", os.O_WRONLY))
    return True


def _truncate(tree: str, directory: str) -> bool:
    os.truncate(tree + directory + "/f", len(_TEXT))
    return True


def _execute(tree: str, directory: str) -> bool:
    pid = os.fork()
    if pid == 0:
        try:
            os.execv(tree + directory + "/p", ["p"])
        finally:
            os._exit(99)
    return os.waitpid(pid, 0)[1] == 0


def _mkdir(tree: str, directory: str) -> bool:
    os.mkdir(tree + directory + "/new")
    return True


def _create(tree: str, directory: str) -> bool:
    os.close(os.open(tree + directory + "/made", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return True


def _unlink(tree: str, directory: str) -> bool:
    os.unlink(tree + directory + "/gone")
    return True


def _rmdir(tree: str, directory: str) -> bool:
    os.rmdir(tree + directory + "/empty")
    return True


def _rename(tree: str, directory: str) -> bool:
    os.rename(tree + directory + "/moved", tree + directory + "/there")
    return True


def _chmod(tree: str, directory: str) -> bool:
    os.chmod(tree + directory + "/f", 0o640)
    return True


def _move(tree: str, directory: str) -> bool:
    os.rename(tree + directory, tree + directory + "_")
    os.rename(tree + directory + "_", tree + directory)
    return True


def _carried(directory: str) -> str:
    return CARRIED + directory.replace("/", "-")


def _carry(tree: str, directory: str) -> bool:
    os.rename(tree + directory + "/linked", tree + _carried(directory))
    return True


def _drop(tree: str, directory: str) -> bool:
    os.unlink(tree + directory + "/f")
    return True


#: name -> (what is done; the operations that must be allowed, and on which name in the directory)
DEEDS: dict[str, tuple[Callable[[str, str], bool], tuple[tuple[str, str | None], ...]]
            ] = {
    "read": (_read, (("file-read-data", "/f"),)),
    "list": (_list, (("file-read-data", ""),)),
    "write": (_write, (("file-write-data", "/f"),)),
    "truncate": (_truncate, (("file-write-data", "/f"),)),
    "execute": (_execute, (("process-fork", None), ("process-exec*", "/p"))),
    "chmod": (_chmod, (("file-write-mode", "/f"),)),
    "mkdir": (_mkdir, (("file-write-create", "/new"),)),
    "create": (_create, (("file-write-create", "/made"), ("file-write-data", "/made"))),
    "unlink": (_unlink, (("file-write-unlink", "/gone"),)),
    "rmdir": (_rmdir, (("file-write-unlink", "/empty"),)),
    "rename": (_rename, (("file-write-unlink", "/moved"), ("file-write-create", "/there"))),
    "move": (_move, (("file-write-unlink", ""), ("file-write-create", "_"),
                     ("file-write-unlink", "_"), ("file-write-create", ""))),
    "carry": (_carry, (("file-write-unlink", "/linked"), ("file-write-create", CARRIED))),
    "drop": (_drop, (("file-write-unlink", "/f"),)),
}


def do_all(tree: str) -> dict[tuple[str, str], bool]:
    """Everything tried everywhere: (deed, directory) -> whether it had its effect."""
    done = {}
    for name, (deed, _) in DEEDS.items():
        for directory in DIRECTORIES:
            try:
                done[name, directory] = deed(tree, directory)
            except OSError:
                done[name, directory] = False
    return done


def decided(
    profile: Profile, deed: str, directory: str, prefix: str = ""
) -> tuple[bool, list[Rule | None]]:
    """Whether the profile allows a deed, and the rules that said so: all, or the one against."""
    rules = []
    for operation, name in DEEDS[deed][1]:
        target = None if name is None else Target(
            prefix + (_carried(directory) if name == CARRIED else directory + name))
        decision = decide(profile, operation, target)
        if not decision.allowed:
            return False, [decision.rule]
        rules.append(decision.rule)
    return True, rules
