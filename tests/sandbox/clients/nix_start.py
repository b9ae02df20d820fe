"""Starts a builder as nix-daemon 2.24.9 did: in the process that is to become it.

Runs as root in a Darwin-like root, or as an ordinary user there. Its one argument is JSON: argv,
environment, directory, and the build user's ids (null: no build users).
"""

from __future__ import annotations

import json
import os
import sys

asked = json.loads(sys.argv[1])
os.chdir(asked["directory"])
if asked["ids"]:
    uid, gid = asked["ids"]
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
# posix_spawn with POSIX_SPAWN_SETEXEC: this very process, and no close-on-exec by default.
os.execve("/usr/bin/sandbox-exec", asked["argv"], asked["environment"])
