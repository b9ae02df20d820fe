"""The one volume that a prefix has, as Disk Arbitration would describe it.

A prefix lies on a file system of the host: there is one volume, it is no APFS volume, it has no
device that could be opened, and file owners count on it. The device names are made up.
"""

from __future__ import annotations

import os
from typing import Any

from dirserv.paths import Root

NAME = "Macintosh HD"
WHOLE, DEVICE = "disk0", "disk0s1"

#: A directory that installers ask about as if it were a volume (spec/installers.md 1.1).
_ASKED_FOR = "/nix"


def is_meant(root: Root, argument: str) -> bool:
    """Whether ``argument`` names the volume: its device, its name, or a mount point on it."""
    if argument in (NAME, DEVICE, WHOLE, f"/dev/{DEVICE}", f"/dev/{WHOLE}", "/"):
        return True
    if not argument.startswith("/"):
        return False
    host = root.host(argument)
    return os.path.ismount(host) or (argument.rstrip("/") == _ASKED_FOR and os.path.isdir(host))


def information(root: Root) -> dict[str, Any]:
    """What ``diskutil info -plist`` says; sizes in bytes.

    Raises OSError.
    """
    space = os.statvfs(root.path or "/")
    writable = not space.f_flag & os.ST_RDONLY
    return {
        "Bootable": False,
        "DeviceBlockSize": 512,
        "DeviceIdentifier": DEVICE,
        "DeviceNode": f"/dev/{DEVICE}",
        "Ejectable": False,
        "Encryption": False,
        "FileVault": False,
        "FilesystemName": "Linux",
        "FilesystemType": "linux",
        "FilesystemUserVisibleName": "Linux",
        "FreeSpace": space.f_bavail * space.f_frsize,
        "GlobalPermissionsEnabled": True,
        "Internal": True,
        "MountPoint": "/",
        "ParentWholeDisk": WHOLE,
        "Removable": False,
        "RemovableMedia": False,
        "Size": space.f_blocks * space.f_frsize,
        "TotalSize": space.f_blocks * space.f_frsize,
        "VolumeAllocationBlockSize": space.f_frsize,
        "VolumeName": NAME,
        "WholeDisk": False,
        "Writable": writable,
        "WritableMedia": writable,
        "WritableVolume": writable,
    }


def listing(info: dict[str, Any]) -> dict[str, Any]:
    """What ``diskutil list -plist`` says of the volume that ``info`` describes."""
    partition = {"Content": "Linux", "DeviceIdentifier": DEVICE, "MountPoint": "/",
                 "Size": info["Size"], "VolumeName": NAME}
    return {
        "AllDisks": [WHOLE, DEVICE],
        "AllDisksAndPartitions": [{"Content": "", "DeviceIdentifier": WHOLE, "OSInternal": False,
                                   "Partitions": [partition], "Size": info["Size"]}],
        "VolumesFromDisks": [NAME],
        "WholeDisks": [WHOLE],
    }


def size(count: int) -> str:
    """A number of bytes as diskutil shortens it: ``1.0 TB``."""
    amount, unit = float(count), "B"
    for unit in ("B", "KB", "MB", "GB", "TB", "PB"):
        if amount < 1000 or unit == "PB":
            break
        amount /= 1000
    return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"


def description(info: dict[str, Any]) -> str:
    """What ``diskutil info`` says, for people."""
    lines = [
        ("Device Identifier", info["DeviceIdentifier"]), ("Device Node", info["DeviceNode"]),
        ("Whole", "No"), ("Part of Whole", info["ParentWholeDisk"]), None,
        ("Volume Name", info["VolumeName"]), ("Mounted", "Yes"),
        ("Mount Point", info["MountPoint"]), None,
        ("File System Personality", info["FilesystemName"]),
        ("Type (Bundle)", info["FilesystemType"]),
        ("Name (User Visible)", info["FilesystemUserVisibleName"]), ("Owners", "Enabled"), None,
        ("Disk Size", _exactly(info["TotalSize"])), ("Device Block Size", "512 Bytes"), None,
        ("Volume Total Space", _exactly(info["TotalSize"])),
        ("Volume Free Space", _exactly(info["FreeSpace"])),
        ("Allocation Block Size", f"{info['VolumeAllocationBlockSize']} Bytes"), None,
        ("Media Read-Only", "No" if info["WritableMedia"] else "Yes"),
        ("Volume Read-Only", "No" if info["WritableVolume"] else "Yes"), None,
        ("Device Location", "Internal"), ("Removable Media", "Fixed"), None,
    ]
    return "".join(f"   {line[0] + ':':26} {line[1]}\n" if line else "\n" for line in lines)


def _exactly(count: int) -> str:
    return f"{size(count)} ({count} Bytes) (exactly {count // 512} 512-Byte-Units)"


def table(info: dict[str, Any]) -> str:
    """What ``diskutil list`` says, for people."""
    rows = [f"/dev/{WHOLE} (internal):",
            "   #:                       TYPE NAME                    SIZE       IDENTIFIER",
            f"   0:{'Linux':>27} {NAME:<23} {size(info['Size']):<10} {DEVICE}", ""]
    return "\n".join(rows) + "\n"
