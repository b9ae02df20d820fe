"""The fillers: what each is, where it is laid, and when it is missing or deficient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dirserv.fillers.rules import Rule, absent, holds, lacks, no_directory, no_link

Kind = Literal["python", "sh", "link", "directory"]

#: The modules with the ``main(name, root)`` that runs a command, for `Filler.source`.
COMMANDS = "dirserv.command"
FILLING = "dirserv.fillers.command"


@dataclass(frozen=True)
class Filler:
    """Something to lay in a tree.

    ``paths`` are macOS paths; each gets the whole thing. ``source`` depends on ``kind``:

    * ``python``: the module whose ``main(name, root)`` is the command; launched as any other.
    * ``sh``: a file beside this module, laid with text for between single quotes filled in:
      ``@ROOT@``, the root as the script sees it ("" in a prefix and in /), ``@ORIGINAL@``, the
      macOS path under which the replaced program stays reachable ("" without one), and
      ``@SYSTEM_VERSION@``, the chosen version ("" for unchanged).
    * ``link``: what the symbolic link says, relative, so that it holds in and out of the prefix.
    * ``directory``: unused ("").

    ``missing(root)`` is the reason to lay it, or None. ``original`` says that the program it
    replaces has to be kept, since it is called. ``passed_on`` are the first arguments with which
    the launcher of a python command runs that original instead (a Mach-O program or a script of
    the prefix, which our side cannot start). ``needs`` are distributions from PyPI, ``mode`` the
    permission bits.
    """

    name: str
    paths: tuple[str, ...]
    kind: Kind
    source: str
    missing: Rule
    help: str
    original: bool = False
    passed_on: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    mode: int = 0o755


def _command(
    path: str, help: str, missing: Rule | None = None, kind: Kind = "python",
    source: str = FILLING, original: bool = False, passed_on: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> Filler:
    """A command of ours that is laid where there is none, or by another rule."""
    name = path.rpartition("/")[2]
    return Filler(name, (path,), kind, source, missing or absent(path), help, original,
                  passed_on, needs)


_ALL = (
    _command("/usr/bin/sudo", "sudo with the options of the real one, over Darling's",
             holds("/usr/bin/sudo", "fake 'sudo' implementation",
                   "Darling's knows no user names and no long options"),
             kind="sh", source="sudo.sh", original=True),
    _command("/usr/bin/sw_vers", "sw_vers with double-dash options and a version to choose",
             lacks("/usr/bin/sw_vers", "productVersionExtra",
                   "Darling's knows only single-dash options"),
             kind="sh", source="sw_vers.sh"),
    _command("/usr/sbin/diskutil", "diskutil info, list and mount for a machine of one volume",
             lacks("/usr/sbin/diskutil", "GlobalPermissionsEnabled",
                   "Darling's knows only eject"),
             original=True, passed_on=("eject",)),
    _command("/usr/bin/xmllint", "xmllint --xpath, --format and --noout",
             needs=("elementpath",)),
    _command("/usr/bin/plutil", "plutil -lint, -convert, -extract and their kin"),
    _command("/usr/bin/fdesetup", "fdesetup isactive and status: no FileVault"),
    _command("/usr/bin/uuidgen", "uuidgen"),
    _command("/usr/bin/tmutil", "tmutil addexclusion, removeexclusion and isexcluded"),
    _command("/usr/sbin/scutil", "scutil --get: the machine's names"),
    _command("/System/Library/Filesystems/apfs.fs/Contents/Resources/apfs.util",
             "apfs.util -t: make what /etc/synthetic.conf lists"),
    Filler("stat", ("/usr/bin/stat",), "link", "../../bin/stat",
           no_link("/usr/bin/stat", "/bin/stat"), "stat where macOS has it"),
    Filler("grep", ("/usr/bin/grep",), "link", "../../bin/grep",
           no_link("/usr/bin/grep", "/bin/grep"), "grep where macOS has it"),
    _command("/bin/launchctl", "launchctl 2.x over our supervisor",
             lacks("/bin/launchctl", "kickstart", "launchd-842's knows no kickstart and bootout"),
             source=COMMANDS, original=True),
    _command("/bin/wait4path", "wait until a path exists", source=COMMANDS),
    _command("/usr/bin/dsmemberutil", "user and group identities and membership",
             lacks("/usr/bin/dsmemberutil", "getuuid", "Darling's says yes to everything"),
             source=COMMANDS),
    _command("/usr/sbin/createhomedir", "create home directories", source=COMMANDS),
    # Its sh file is bin/sandbox-exec, filled in by sandbox_stub.launcher.
    _command("/usr/bin/sandbox-exec", "run a command in a sandbox",
             kind="sh", source="sandbox-exec"),
    Filler("LaunchDaemons", ("/Library/LaunchDaemons",), "directory", "",
           no_directory("/Library/LaunchDaemons"), "where installers put their daemons"),
    Filler("local-bin", ("/usr/local/bin",), "directory", "",
           no_directory("/usr/local/bin"), "first in PATH"),
    Filler("var-root", ("/var/root",), "directory", "",
           no_directory("/var/root"), "root's home, ~root", mode=0o750),
)

#: Name -> filler, in the order of installation.
FILLERS = {filler.name: filler for filler in _ALL}
