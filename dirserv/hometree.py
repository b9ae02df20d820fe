"""Directory trees worked on through descriptors: reached without following links, filled, removed.

What an ordinary user planted in a path cannot lead a command that runs as root anywhere else.
Sources: spec/dirserv.md 4.3 and 5.6.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dirserv.paths import Root

    #: uid and gid that everything in a new home gets, None to leave that alone.
    Owner = tuple[int, int] | None

#: Where the user template lies; the first that is there counts.
TEMPLATES = (
    ("System", "Library", "User Template", "English.lproj"),
    ("Library", "User Template", "English.lproj"),
    ("Library", "User Template"),
)

#: What a home has where there is no template, with the modes macOS gives.
FOLDERS = {
    "Desktop": 0o700, "Documents": 0o700, "Downloads": 0o700, "Library": 0o700,
    "Movies": 0o700, "Music": 0o700, "Pictures": 0o700, "Public": 0o755,
}

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class HomeError(Exception):
    """A home cannot be made or removed; says why."""


def walk(root: Root, names: Sequence[str]) -> int:
    """A descriptor of the directory that ``names`` lead to from the root.

    Raises HomeError if a name is missing or is a link.
    """
    try:
        fd = os.open(root.path or "/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for name in names:
            above = fd
            try:
                fd = os.open(name, _DIRECTORY, dir_fd=above)
            finally:
                os.close(above)
    except OSError as error:
        raise HomeError(f"{'/'.join(['', *names])}: {reason(error)}") from error
    return fd


def reason(error: OSError) -> str:
    """What went wrong, for the person at the terminal."""
    import errno

    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return "a symbolic link or a file is in the way"
    return error.strerror or str(error)


def populate(root: Root, parent: int, name: str, owner: Owner) -> None:
    """Fill a home that has just been made; the home itself gets its owner last, so that nobody
    else can change it while it is filled."""
    try:
        home = os.open(name, _DIRECTORY, dir_fd=parent)
        try:
            template = _template(root)
            if template is None:
                _standard_folders(home, owner)
            else:
                _copy_tree(template, home, owner)
            os.fchmod(home, 0o700)
            _own(home, owner)
        finally:
            os.close(home)
    except OSError:
        import shutil

        shutil.rmtree(name, ignore_errors=True, dir_fd=parent)
        raise


def read_regular(parent: int, name: str, limit: int) -> bytes | None:
    """The content of the file ``name``; None if it is no regular file or has over ``limit`` bytes.

    Raises OSError if it cannot be read or is a link.
    """
    import stat

    fd = os.open(name, _FILE, dir_fd=parent)
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            return None
        return os.read(fd, limit)
    finally:
        os.close(fd)


def remove_tree(parent: int, name: str) -> None:
    """Remove the directory ``name`` with all that is in it; links are removed, not followed.

    Raises OSError: NotADirectoryError if it is a link or a file.
    """
    import shutil
    import stat

    if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
        raise NotADirectoryError(20, "Not a directory")
    # Works on descriptors in the standard library, so safe against links planted meanwhile.
    shutil.rmtree(name, dir_fd=parent)


def _template(root: Root) -> int | None:
    for path in TEMPLATES:
        try:
            return walk(root, path)
        except HomeError:
            continue
    return None


def _standard_folders(home: int, owner: Owner) -> None:
    for name, mode in FOLDERS.items():
        os.mkdir(name, 0o700, dir_fd=home)
        fd = os.open(name, _DIRECTORY, dir_fd=home)
        try:
            os.fchmod(fd, mode)
            _own(fd, owner)
        finally:
            os.close(fd)


def _copy_tree(source: int, target: int, owner: Owner) -> None:
    """Copy what is in the directory ``source``, links as links; closes ``source``."""
    import stat

    try:
        for name in sorted(os.listdir(source)):
            status = os.stat(name, dir_fd=source, follow_symlinks=False)
            if stat.S_ISLNK(status.st_mode):
                os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
                if owner is not None:
                    os.chown(name, *_ids(owner), dir_fd=target, follow_symlinks=False)
            elif stat.S_ISDIR(status.st_mode):
                _copy_directory(name, source, target, owner)
            elif stat.S_ISREG(status.st_mode):
                _copy_file(name, source, target, owner)
    finally:
        os.close(source)


def _copy_directory(
    name: str, source: int, target: int, owner: Owner
) -> None:
    os.mkdir(name, 0o700, dir_fd=target)
    made = os.open(name, _DIRECTORY, dir_fd=target)
    try:
        below = os.open(name, _DIRECTORY, dir_fd=source)
        mode = os.fstat(below).st_mode & 0o777
        _copy_tree(below, made, owner)
        os.fchmod(made, mode)
        _own(made, owner)
    finally:
        os.close(made)


def _copy_file(name: str, source: int, target: int, owner: Owner) -> None:
    fd = os.open(name, _FILE, dir_fd=source)
    try:
        made = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600,
                       dir_fd=target)
        try:
            while os.sendfile(made, fd, None, 1 << 20):
                continue
            os.fchmod(made, os.fstat(fd).st_mode & 0o777)
            _own(made, owner)
        finally:
            os.close(made)
    finally:
        os.close(fd)


def _own(fd: int, owner: Owner) -> None:
    if owner is not None:
        os.fchown(fd, *_ids(owner))


def _ids(owner: tuple[int, int]) -> tuple[int, int]:
    """Ids as the system has them: unsigned (nobody's -2)."""
    return owner[0] % (1 << 32), owner[1] % (1 << 32)
