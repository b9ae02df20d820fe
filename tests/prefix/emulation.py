"""Darling's rules for what is executed, played on Linux (spec/darling.md "Processes and paths").

Run in a mount namespace of its own as ``emulation.py PREFIX LOWER`` with lines of JSON on standard
input, each ``[path, argument…]``: a program of the prefix, called as a Mach-O shell would call it.
Each is answered by one line ``[status, stdout, stderr]``.

* The overlay lies on the prefix; a shell sees the prefix as its /, the host below
  /Volumes/SystemRoot and nowhere else.
* ``#!`` with anything but the prefix's own sh is refused.
* A program of the host leaves: it sees the host's / (``leave`` below, which tests pass as
  --python). If it is the watched process itself that turns into one, the call is over at once,
  with status 0 and without output.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ENDED = 250
SHELLS = ("/bin/sh", "/bin/bash")
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/Users/me"}

_LEAVE = """#!/bin/sh
# The way from the prefix to the host; on the host itself there is nothing to leave.
[ -d /Volumes/SystemRoot/usr ] || exec {python} "$@"
[ "$$" != "$WATCHED" ] || exit {ended}
case $PWD in
/Volumes/SystemRoot/*) here=${{PWD#/Volumes/SystemRoot}} ;;
*) here={prefix}$PWD ;;
esac
exec /Volumes/SystemRoot{chroot} /Volumes/SystemRoot /usr/bin/env -C "$here" {python} "$@"
"""


def leave(where: Path, prefix: Path, python: str) -> Path:
    """Write the program that plays a host Python for ``prefix``."""
    program = where / "host-python"
    program.write_text(_LEAVE.format(python=python, ended=ENDED, prefix=prefix,
                                     chroot=shutil.which("chroot", path="/usr/sbin:/usr/bin")))
    program.chmod(0o755)
    return program


def furnish(lower: Path) -> None:
    """Put into Darling's directory what a shell needs: itself, its tools, its libraries."""
    bash = shutil.which("bash")
    assert bash is not None
    for name in ("sh", "bash"):
        shutil.copy(bash, lower / "bin" / name)
    for name in ("id", "cat", "echo", "env"):
        place = lower / "usr/bin" / name
        place.symlink_to(f"/Volumes/SystemRoot/usr/bin/{name}")
    for name in ("lib", "lib64"):
        if os.path.exists(f"/{name}"):
            (lower / name).symlink_to(f"/Volumes/SystemRoot/{name}")
    (lower / "Volumes/SystemRoot").mkdir()


def run(prefix: str, path: str, *arguments: str) -> tuple[int, str, str]:
    """Call a program of the prefix."""
    with open(prefix + path, "rb") as file:
        head = file.read(256)
    if head.startswith(b"\x7fELF"):
        return 0, "", ""
    interpreter = head[2:].split(b"\n")[0].split() if head.startswith(b"#!") else [b"/bin/sh"]
    if interpreter[0].decode() not in SHELLS:
        return 126, "", f"{path}: Unknown file format\n"
    words = [word.decode() for word in interpreter] + [path, *arguments]

    def enter() -> None:
        os.chroot(prefix)
        os.chdir("/private/tmp")
        os.environ["WATCHED"] = str(os.getpid())
        os.execve(words[0], words, {**ENVIRONMENT, "WATCHED": str(os.getpid())})

    result = subprocess.run(words, capture_output=True, text=True, check=False,
                            preexec_fn=enter, stdin=subprocess.DEVNULL, timeout=60)
    if result.returncode == ENDED:
        return 0, "", ""
    return result.returncode, result.stdout, result.stderr


def main(prefix: str, lower: str) -> None:
    """Mount, and answer calls until standard input ends."""
    with tempfile.TemporaryDirectory(dir=os.path.dirname(prefix)) as work:
        options = f"lowerdir={lower},upperdir={prefix},workdir={work},index=off"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, prefix], check=True)
        subprocess.run(["mount", "--rbind", "/", f"{prefix}/Volumes/SystemRoot"], check=True)
        for line in sys.stdin:
            print(json.dumps(run(prefix, *json.loads(line))), flush=True)
        subprocess.run(["umount", "-l", f"{prefix}/Volumes/SystemRoot", prefix], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
