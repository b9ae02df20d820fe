"""diskutil: what a machine with one volume and no APFS says.

Verbs, plist keys, the sentences "Could not find disk", "Unable to find disk for" and "did not
recognize verb" and status 1 are the real ones (diskutil(8), transcripts, Darling's own script);
where a disk would have to be changed the sentence is ours. ``eject`` stays Darling's: the launcher
hands it on.
"""

from __future__ import annotations

import plistlib
from collections.abc import Callable
from typing import Any

from dirserv.fillers import volume
from dirserv.outcome import Outcome
from dirserv.paths import Root

_USAGE = """\
Disk Utility Tool
Utility to manage local disks and volumes
Most commands require an administrator or root user

     list                 (List the partitions of a disk)
     info[rmation]        (Get information on a specific disk or partition)
     mount                (Mount a single volume)
     unmount              (Unmount a single volume)
     eject                (Eject a disk)
     enableOwnership      (Enable ownership of a volume)
     apfs list            (List the APFS containers: there are none)

"""

_NO_APFS = "there is no APFS on this system: /nix can be a directory of its only volume"


def run(argv: list[str], root: Root) -> Outcome:
    """The command diskutil: 0, or 1 for everything that cannot be done."""
    arguments = argv[2:] if argv[1:2] == ["quiet"] else argv[1:]
    if not arguments:
        return Outcome(err=_USAGE, status=1)
    verb = _VERBS.get(arguments[0].lower())
    if verb is None:
        return Outcome(err=f'diskutil: did not recognize verb "{arguments[0]}"; '
                           'type "diskutil" for a list\n', status=1)
    return verb(root, arguments[1:])


def _plist(value: Any) -> str:
    return plistlib.dumps(value).decode()


def _info(root: Root, arguments: list[str]) -> Outcome:
    plist = "-plist" in arguments
    disks = [word for word in arguments if word != "-plist"]
    if disks[:1] in (["-all"], ["-a"]):
        disks = [volume.DEVICE]
    if len(disks) != 1:
        return _misuse("info [-plist] DiskIdentifier|DeviceNode|MountPoint|VolumeName")
    if not volume.is_meant(root, disks[0]):
        error = f"Could not find disk: {disks[0]}"
        if plist:
            return Outcome(_plist({"Error": True, "ErrorMessage": error}), status=1)
        return Outcome(err=error + "\n", status=1)
    info = volume.information(root)
    return Outcome(_plist(info) if plist else volume.description(info))


def _list(root: Root, arguments: list[str]) -> Outcome:
    plist = "-plist" in arguments
    kinds = ("-plist", "internal", "external", "physical", "virtual")
    disks = [word for word in arguments if word not in kinds]
    if disks and not volume.is_meant(root, disks[0]):
        return Outcome(err=f"Could not find disk: {disks[0]}\n", status=1)
    if "external" in arguments:
        empty: dict[str, Any] = {
            "AllDisks": [], "AllDisksAndPartitions": [], "VolumesFromDisks": [], "WholeDisks": []}
        return Outcome(_plist(empty) if plist else "")
    info = volume.information(root)
    return Outcome(_plist(volume.listing(info)) if plist else volume.table(info))


def _apfs(root: Root, arguments: list[str]) -> Outcome:
    if arguments[:1] != ["list"]:
        return Outcome(err=f"diskutil: {_NO_APFS}\n", status=1)
    if "-plist" in arguments:
        return Outcome(_plist({"Containers": []}))
    return Outcome("No APFS Containers found\n")


def _mount(root: Root, arguments: list[str]) -> Outcome:
    disk = _disk(arguments)
    if not disk:
        return _misuse("mount [readOnly] [-mountPoint Path] DiskIdentifier|DeviceNode|VolumeName")
    if not volume.is_meant(root, disk):
        return Outcome(err=f"Unable to find disk for {disk}\n", status=1)
    return Outcome(f"Volume {volume.NAME} on {volume.DEVICE} mounted\n")


def _unmount(root: Root, arguments: list[str]) -> Outcome:
    disk = _disk(arguments)
    if not disk:
        return _misuse("unmount [force] MountPoint|DiskIdentifier|DeviceNode|VolumeName")
    if not volume.is_meant(root, disk):
        return Outcome(err=f"Unable to find disk for {disk}\n", status=1)
    return Outcome(err=f"Unmount failed for {volume.DEVICE}: it is the system's only volume\n",
                   status=1)


def _disk(arguments: list[str]) -> str:
    """The disk among the words of mount and unmount: the last one."""
    words = [word for word in arguments if word not in ("force", "readOnly")]
    return words[-1] if words and not words[-1].startswith("-") else ""


def _ownership(root: Root, arguments: list[str]) -> Outcome:
    if len(arguments) != 1:
        return _misuse("enableOwnership MountPoint|DiskIdentifier|DeviceNode|VolumeName")
    if not volume.is_meant(root, arguments[0]):
        return Outcome(err=f"Unable to find disk for {arguments[0]}\n", status=1)
    return Outcome("File system user/group ownership enabled\n")


def _eject(root: Root, arguments: list[str]) -> Outcome:
    if not arguments:
        return _misuse("eject MountPoint|DiskIdentifier|DeviceNode|VolumeName")
    return Outcome(err=f"Unable to find disk for {arguments[0]}\n", status=1)


def _misuse(form: str) -> Outcome:
    return Outcome(err=f"Usage:  diskutil {form}\n", status=1)


_VERBS: dict[str, Callable[[Root, list[str]], Outcome]] = {
    "info": _info, "information": _info, "list": _list, "apfs": _apfs, "ap": _apfs,
    "mount": _mount, "unmount": _unmount, "umount": _unmount, "eject": _eject,
    "enableownership": _ownership,
}
