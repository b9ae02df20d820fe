"""apfs.util: makes the entries of /etc/synthetic.conf, the one thing of it that callers rely on.

nix-darwin's activation ends when /run is not a link after ``apfs.util -t`` (spec/installers.md 4).
A line is a name at the root, for an empty directory, or a name, a tab and a target, for a link
(synthetic.conf(5)). What is there already is left alone.
"""

from __future__ import annotations

import os
import re

from dirserv.outcome import Outcome
from dirserv.paths import Root

_CONFIGURATION = "/etc/synthetic.conf"

#: What the real ``-k`` ends with; its caller ignores it (spec/installers.md 1.3).
_KEY_STATUS = 253


def run(argv: list[str], root: Root) -> Outcome:
    """The command apfs.util: -t and -B make the entries; 1 if one cannot be made."""
    if len(argv) > 1 and argv[1] == "-k":
        return Outcome(err="apfs.util: there is no APFS volume here\n", status=_KEY_STATUS)
    if argv[1:] not in (["-t"], ["-B"]):
        return Outcome(err="usage: apfs.util -t | -B | -k device\n", status=1)
    try:
        with open(root.host(_CONFIGURATION), encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return Outcome()
    outcome = Outcome()
    for line in lines:
        try:
            _make(root, line)
        except OSError as error:
            outcome.complain(f"apfs.util: {line.split()[0]}: {error.strerror}")
            outcome.status = 1
    return outcome


def _make(root: Root, line: str) -> None:
    found = re.fullmatch(r"([^\s/#][^\t/]*)(?:\t+([^\t]+))?\s*", line)
    if found is None or found[1] in (".", ".."):
        return
    path = root.host("/" + found[1])
    if os.path.lexists(path):
        return
    if found[2]:
        os.symlink(found[2].strip(), path)
    else:
        os.mkdir(path, 0o755)
