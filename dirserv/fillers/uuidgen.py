"""uuidgen: a random UUID, or one from the time with CFUUIDVersionNumber=1, in upper case.

The usage, the header form of -hdr and the statuses are those of macOS's command.
"""

from __future__ import annotations

import os
import re
import uuid

from dirserv.outcome import Outcome
from dirserv.paths import Root

_USAGE = """\
generate a universally unique identifier
usage: uuidgen [-hdr]
\t-hdr\temit result in form suitable for copying into a header
"""

_HEADER = """\
// {uuid}
#warning Change the macro name MYUUID below to something useful!
#define MYUUID CFUUIDGetConstantUUIDWithBytes(kCFAllocatorSystemDefault, {bytes})
"""


def run(argv: list[str], root: Root) -> Outcome:
    """The command uuidgen."""
    if argv[1:] not in ([], ["-hdr"]):
        return Outcome(err=_USAGE, status=1)
    made = uuid.uuid1() if _from_time() else uuid.uuid4()
    shown = str(made).upper()
    if not argv[1:]:
        return Outcome(shown + "\n")
    listed = ", ".join(f"0x{byte:02X}" for byte in made.bytes)
    return Outcome(_HEADER.format(uuid=shown, bytes=listed))


def _from_time() -> bool:
    """Whether strtoul(3) reads 1 from CFUUIDVersionNumber: 1, 01, 0x1, also 1x."""
    value = os.environ.get("CFUUIDVersionNumber", "")  # noqa: SIM112 - its real name
    return re.match(r"\s*\+?(0[xX])?0*1(?![0-9a-fA-F])", value) is not None
