"""config: the umask and PATH that a domain's services start with, for good (spec/launchd.md 2.4).

The values lie in property lists beside the records of enable and disable, as on macOS; the
supervisor reads them when it starts.
"""

from __future__ import annotations

import os

from dirserv import plist
from dirserv.files import give, make_directories, owner_of, read
from dirserv.outcome import Outcome
from launchd_shim.darwin import strerror
from launchd_shim.launchctl.failures import EPERM, Failure, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launchd_shim.launchctl.call import Call

FOLDER = "/private/var/db/com.apple.xpc.launchd/config"
#: Parameter -> the key in the file.
_KEYS = {"umask": "Umask", "path": "PathEnvironmentVariable"}


def config(call: Call) -> Outcome:
    """config system|user umask|path VALUE. Only root's; it holds from the next start on."""
    words = call.operands(3, 3)
    which, parameter, text = words
    if which not in ("system", "user") or parameter not in _KEYS:
        raise Usage
    value = _umask(text) if parameter == "umask" else text
    if call.euid != 0:
        raise Failure(EPERM, f"Could not apply configuration: 1: {strerror(EPERM)}")
    folder = call.directory.root.host(FOLDER)
    try:
        _write(folder, f"{folder}/{which}.plist", _KEYS[parameter], value,
               owner_of(call.directory.root.path))
    except OSError as reason:
        from launchd_shim.darwin_errors import from_host

        number = from_host(reason.errno or 0)
        raise Failure(number, f"Could not apply configuration: {number}: {strerror(number)}"
                      ) from None
    return Outcome(out="Configuration written; it holds when launchd starts the next time.\n")


def _umask(text: str) -> int:
    """An octal umask. Raises Usage."""
    try:
        value = int(text, 8)
    except ValueError:
        raise Usage(f"{text} is not a valid umask.\n") from None
    if not 0 <= value <= 0o777:
        raise Usage(f"{text} is not a valid umask.\n")
    return value


def _write(
    folder: str, path: str, key: str, value: Any, owner: tuple[int, int] | None
) -> None:
    """Change one key of a file, replacing the file whole. Raises OSError."""
    import plistlib

    before = os.umask(0o022)
    try:
        make_directories(folder, owner)
    finally:
        os.umask(before)
    try:
        found = plist.loads(read(path) or b"")
    except ValueError:
        found = None  # there is none yet, or a broken one, which has no values to keep
    content = {**(found if isinstance(found, dict) else {}), key: value}
    fresh = f"{path}.new{os.getpid()}"
    with open(fresh, "xb") as file:  # nothing is written through what is planted there
        give(file.fileno(), owner)
        plistlib.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(fresh, 0o644)
    os.rename(fresh, path)
