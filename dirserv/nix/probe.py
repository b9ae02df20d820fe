"""Whether a prefix has more than one real uid (spec/darling.md "Identity").

In today's Darling every process has the uid of who started it, and stat() tells each one that all
files are its own. Nix then finds every output of a build user in the wrong hands and rejects it,
and ends every process of the prefix when it means one build user's.
"""

from __future__ import annotations

from dirserv.nix.inside import Inside

#: What a probe can find. The last one: no process could be given another uid.
SEPARATE, ONE, UNKNOWN = "separate", "one", "unknown"

#: The setting that makes Nix build without build users; it beats nix.conf.
NIX_CONFIG = "build-users-group ="

#: macOS's user daemon: every directory has it.
_UID = 1
_MAKE = 'id -u && mktemp "${TMPDIR:-/tmp}/darling-dirserv-uid.XXXXXX"'
_LOOK = 'ls -ln "$1"; rm -f "$1"'


def uids(inside: Inside) -> str:
    """Have one uid make a file, and ask another one whose it is."""
    made = inside.run(_MAKE, uid=_UID)
    words = made.stdout.split()
    if made.returncode or len(words) != 2:
        return UNKNOWN
    fields = inside.run(_LOOK, words[1]).stdout.split()
    if words[0] != str(_UID) or len(fields) < 4 or not fields[2].isdigit():
        return UNKNOWN
    return SEPARATE if int(fields[2]) == _UID else ONE
