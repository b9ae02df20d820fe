"""What lies in a new Darwin-like root: the accounts of a fresh Darling prefix, the small programs
that make the machine look like macOS, and the commands under test at their macOS paths."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.darwin import tree
from tests.darwin.requirements import PYTHON

# Not resolved: a checkout that is reached through a symbolic link stays that checkout.
CHECKOUT = Path(__file__).absolute().parents[2]
PACKAGES = ("dirserv", "launchd_shim", "sandbox_stub")
LIBRARY = "/usr/local/lib/dirserv-under-test"
USER, USER_ID = "me", 501

# Where macOS has each command.
COMMANDS = {
    "dscl": "/usr/bin",
    "dsmemberutil": "/usr/bin",
    "dscacheutil": "/usr/bin",
    "dserr": "/usr/bin",
    "dsimport": "/usr/bin",
    "pwpolicy": "/usr/bin",
    "dseditgroup": "/usr/sbin",
    "sysadminctl": "/usr/sbin",
    "dsenableroot": "/usr/sbin",
    "createhomedir": "/usr/sbin",
    "launchctl": "/bin",
    "wait4path": "/bin",
}

# Where every call of a command leaves its name, for the evidence of what clients use.
CALLS = "/var/log/dirserv-calls"

LAUNCHER = f"""#!{PYTHON} -IS
import os, sys
fd = os.open("{CALLS}", os.O_WRONLY | os.O_APPEND)
os.write(fd, b"%s\\n")
os.close(fd)
sys.path.insert(0, "{LIBRARY}")
from dirserv.command import main
main("%s", root="/")
"""

# Darling writes exactly these two accounts into a new prefix.
PASSWD = f"""\
root:*:0:0:System Administrator:/var/root:/bin/sh
{USER}:*:{USER_ID}:{USER_ID}:Darling User:/Users/{USER}:/bin/bash
"""
MASTER_PASSWD = f"""\
root:*:0:0::0:0:System Administrator:/var/root:/bin/sh
{USER}:*:{USER_ID}:{USER_ID}::0:0:Darling User:/Users/{USER}:/bin/bash
"""
GROUP = f"""\
wheel:*:0:root,{USER}
{USER}:*:{USER_ID}:{USER}
"""
# The C library of the machine is to know the flat files and nothing else.
NSSWITCH = """\
passwd: files
group: files
shadow: files
hosts: files
"""

UNAME = """#!/bin/sh
# Says what uname(1) of macOS 11 on an Intel Mac says.
version='Darwin Kernel Version 20.6.0: Wed Jan 12 22:22:42 PST 2022; root:xnu-7195/RELEASE_X86_64'
wanted=
while getopts amnoprsv option; do
    case $option in
    a) wanted="$wanted s n r v m" ;;
    o) wanted="$wanted s" ;;
    '?') exit 1 ;;
    *) wanted="$wanted $option" ;;
    esac
done
out=
for field in s n r v m p; do
    case " ${wanted:-s} " in *" $field "*) ;; *) continue ;; esac
    case $field in
    s) value=Darwin ;;
    n) read -r value </proc/sys/kernel/hostname ;;
    r) value=20.6.0 ;;
    v) value=$version ;;
    m) value=x86_64 ;;
    p) value=i386 ;;
    esac
    out="$out${out:+ }$value"
done
printf '%s\\n' "$out"
"""

SUDO = """#!/bin/sh
# Everybody who calls this is root already: take sudo's options and run the rest as it is.
while [ $# -gt 0 ]; do
    case $1 in
    --) shift; break ;;
    -u | -g | -p | -C | -h | --user | --group | --prompt) shift 2 ;;
    -*) shift ;;
    *) break ;;
    esac
done
[ $# -eq 0 ] || exec /usr/bin/env -- "$@"
"""

REAL_GETCONF = "/usr/libexec/getconf-of-the-machine"
GETCONF = f"""#!/bin/sh
# macOS has its directory commands partly in /usr/sbin, so its stock PATH names that too.
[ "$*" != PATH ] || {{ echo /usr/bin:/bin:/usr/sbin:/sbin; exit 0; }}
exec {REAL_GETCONF} "$@"
"""

# Runs inside the root, with the tar stream of everything else on standard input.  A client that
# reached for Linux's own account tools would change the flat files behind our commands' back and
# seem to work, so those go.
PREPARE = f"""set -e
rm -f /etc/passwd? /etc/group? /etc/shadow /etc/shadow? /etc/gshadow /etc/gshadow?
rm -f /etc/master.passwd /etc/.pwd.lock
for name in useradd usermod userdel groupadd groupmod groupdel adduser addgroup; do
    rm -f /usr/sbin/$name
done
mkdir -p /usr/libexec
mv /usr/bin/getconf {REAL_GETCONF}
tar --extract --file - --preserve-permissions --numeric-owner --directory /
"""


def identity() -> Iterator[tree.Entry]:
    """The accounts of a fresh prefix and macOS's second names of /etc, /var and /tmp."""
    yield tree.text("/etc/passwd", PASSWD)
    yield tree.text("/etc/master.passwd", MASTER_PASSWD, 0o600)
    yield tree.text("/etc/group", GROUP)
    yield tree.text("/etc/nsswitch.conf", NSSWITCH)
    for name in ("etc", "var", "tmp"):
        yield tree.link(f"/private/{name}", f"../{name}")
    yield tree.directory("/var/root", 0o750)
    yield tree.directory("/var/empty")
    yield tree.directory(f"/Users/{USER}", owner=USER_ID)


def programs() -> Iterator[tree.Entry]:
    """The commands under test and the three programs of the machine that must look different."""
    for name, place in COMMANDS.items():
        yield tree.program(f"{place}/{name}", LAUNCHER % (name, name))
    yield tree.text(CALLS, "", 0o666)
    yield tree.program("/usr/bin/uname", UNAME)
    yield tree.program("/usr/bin/sudo", SUDO)
    yield tree.program("/usr/bin/getconf", GETCONF)


@functools.cache
def contents(checkout: Path) -> bytes:
    """The tar stream of a new root that holds the packages of that checkout."""
    entries = [*identity(), *programs(), *compiled_packages(checkout)]
    return tree.archive(entries)


def compiled_packages(checkout: Path) -> list[tree.Entry]:
    """The packages with byte code of the machine's own Python, as an installation has them."""
    with tempfile.TemporaryDirectory(prefix="darwin-root-") as scratch:
        for name in PACKAGES:
            if (checkout / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(checkout / name, Path(scratch, name), ignore=ignored)
        byte_compile(scratch)
        return list(tree.copy_of(Path(scratch), LIBRARY))


def byte_compile(directory: str) -> None:
    """Compile every module below `directory`; tracebacks will name the place in the root."""
    command = [PYTHON, "-I", "-S", "-m", "compileall", "-q", "-s", directory, "-p", LIBRARY]
    command += ["--invalidation-mode", "unchecked-hash", directory]
    subprocess.run(command, check=True, capture_output=True)
