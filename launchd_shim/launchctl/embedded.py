"""plist: the property list inside a Mach-O file (spec/launchd.md 2.4)."""

from __future__ import annotations

from dirserv.outcome import Outcome
from launchd_shim.launchctl.failures import Failure, Usage
from launchd_shim.launchctl.macho import NotMachO, section
from launchd_shim.launchctl.oldstyle import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.launchctl.call import Call

_DEFAULT = "__TEXT,__info_plist"
_LARGEST = 1 << 30


def show(call: Call) -> Outcome:
    """plist [SEGMENT,SECTION] PATH."""
    words = call.operands(1, 2)
    where = words[0] if len(words) == 2 else _DEFAULT
    segment, comma, name = where.partition(",")
    if not comma or not name:
        raise Usage
    path = words[-1]
    try:
        data = section(_read(call.directory.root.host(path)), segment, name)
    except OSError as error:
        from launchd_shim.darwin import strerror
        from launchd_shim.darwin_errors import from_host

        number = from_host(error.errno or 0)
        raise Failure(number, f"{path}: {strerror(number)}") from None
    except NotMachO:
        raise Failure(88, "File is not a valid Mach-O or fat file.") from None
    if data is None:
        raise Failure(93, f"{path} has no section {segment},{name}")
    return Outcome(out=_shown(path, data))


def _read(host: str) -> bytes:
    import os
    import stat

    # A pipe would block for ever, and a device has no end.
    with open(host, "rb", opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK)) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            raise NotMachO
        return file.read()


def _shown(path: str, data: bytes) -> str:
    from launchd_shim.plisterror import NotAPropertyList
    from launchd_shim.plistfile import parse

    try:
        return render(parse(data.rstrip(b"\0")))
    except NotAPropertyList:
        raise Failure(109, f"{path}: Invalid property list") from None
