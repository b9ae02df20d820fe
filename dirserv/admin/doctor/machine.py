"""Checks of what is installed around the directory: commands, launchd, sandbox, Nix."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import Any

from dirserv import __version__, bundle, plist
from dirserv.admin.doctor.site import Site
from dirserv.admin.errors import AdminError
from dirserv.fillers.table import FILLERS
from dirserv.prefix import container, package
from dirserv.prefix.launchers import LIBRARY
from dirserv.prefix.receipt import INSTALLED, Receipt
from dirserv.prefix.tree import Tree
from launchd_shim.client import Client, Unavailable
from launchd_shim.supervisor.overrides import DIRECTORY as LAUNCHD
from sandbox_stub import settings

_NIX_JOB = "Library/LaunchDaemons/org.nixos.nix-daemon.plist"
_SYSTEM_VERSION = "System/Library/CoreServices/SystemVersion.plist"
#: The first macOS that today's Nix runs on.
_NIX_NEEDS = 14
_MAGIC_NUMBER = ("import sys, _frozen_importlib_external as external; "
                 "sys.stdout.buffer.write(external.MAGIC_NUMBER)")
_OLDEST_PYTHON = "import sys; sys.exit(sys.version_info < (3, 11))"


def receipt(site: Site) -> Iterator[str]:
    """An installation that was interrupted, or whose receipt is damaged."""
    try:
        found = site.receipt
    except AdminError as error:
        yield str(error)
        return
    if found is not None and found.phase != INSTALLED:
        yield f"the installation was interrupted while {found.phase}"


def version(site: Site) -> Iterator[str]:
    """Commands of another version than this one."""
    found = _receipt(site)
    if found is not None and found.version != __version__:
        yield f"the installed commands are of version {found.version}, this is {__version__}"


def interpreter(site: Site) -> Iterator[str]:
    """The Python that the installed commands run on."""
    found = _receipt(site)
    if found is None:
        return
    if not os.access(found.python, os.X_OK):
        yield f"the commands' Python {found.python} is not there"
    elif subprocess.run([found.python, "-I", "-S", "-c", _OLDEST_PYTHON], check=False,
                        capture_output=True, timeout=30).returncode:
        yield f"the commands' Python {found.python} is not 3.11 or newer"


def byte_code(site: Site) -> Iterator[str]:
    """Byte code that the commands' Python does not look at."""
    found = _receipt(site)
    path = f"{site.root.path}{LIBRARY}/{bundle.NAME}"
    if found is None or not os.path.isfile(path) or not os.access(found.python, os.X_OK):
        return
    theirs = subprocess.run([found.python, "-I", "-S", "-c", _MAGIC_NUMBER], check=False,
                            capture_output=True, timeout=30)
    with open(path, "rb") as file:
        if theirs.returncode == 0 and file.read(4) != theirs.stdout:
            yield f"the byte code is for another Python than {found.python}: commands start slowly"


def installed_files(site: Site) -> Iterator[str]:
    """Installed files that are gone or changed."""
    found = _receipt(site)
    if found is None or found.phase != INSTALLED:
        return
    tree = Tree(site.root.path)
    for item in found.items:
        if not item.config and tree.state(item.path) != item.after:
            yield f"/{item.path} is no longer what was installed"


def fillers(site: Site) -> Iterator[str]:
    """Commands that clients need and that are missing or deficient."""
    found = _receipt(site)
    if found is None or found.phase != INSTALLED:
        return
    laid = {item.name for item in found.items}
    for name, filler in FILLERS.items():
        why = filler.missing(site.root.path)
        possible = all(package.available(needed) for needed in filler.needs)
        if why and possible and name not in laid and name not in found.without:
            yield f"{name}: {why}"


def init_pid(site: Site) -> Iterator[str]:
    """A .init.pid that names no container."""
    path = f"{site.root.path}/.init.pid"
    if os.path.lexists(path) and container.running(site.root.path) is None:
        yield ".init.pid is there, but no container runs in this prefix"


def launchd(site: Site) -> Iterator[str]:
    """A socket behind which no launchd answers."""
    client = Client(site.root, may_start=False)
    if not os.path.lexists(client.path):
        return
    try:
        client.ask("ping")
    except Unavailable:
        yield "launchd's socket is there, but no launchd answers behind it"


def overrides(site: Site) -> Iterator[str]:
    """A store of disabled labels that cannot be read."""
    path = f"{site.root.path}/{LAUNCHD}/disabled.plist"
    found = _plist(path)
    if found is None or not all(isinstance(value, bool) for value in found.values()):
        yield f"{LAUNCHD}/disabled.plist does not say for each label whether it is disabled"


def sandbox_settings(site: Site) -> Iterator[str]:
    """sandbox-exec refuses to run with a configuration that it cannot trust or understand."""
    try:
        settings.load(site.root.path)
    except settings.Unusable as error:
        yield f"sandbox-exec runs nothing: {error}"


def system_version(site: Site) -> Iterator[str]:
    """A macOS version that today's Nix refuses."""
    found = str((_plist(f"{site.root.path}/{_SYSTEM_VERSION}") or {}).get("ProductVersion", ""))
    major = found.partition(".")[0]
    if major.isdigit() and int(major) < _NIX_NEEDS:
        yield f"this root says that it is macOS {found}; today's Nix needs {_NIX_NEEDS}"


def nix_config(site: Site) -> Iterator[str]:
    """A Nix daemon in Darling that would build as users who are all one (spec/darling.md)."""
    job = _plist(f"{site.root.path}/{_NIX_JOB}")
    environment = (job or {}).get("EnvironmentVariables", {})
    if site.darling and job and "build-users-group =" not in environment.get("NIX_CONFIG", ""):
        yield "the Nix daemon's job has no NIX_CONFIG with `build-users-group =`"


def _receipt(site: Site) -> Receipt | None:
    try:
        return site.receipt
    except AdminError:
        return None


def _plist(path: str) -> dict[str, Any] | None:
    """A property list's dictionary, {} without a file, None if it is none."""
    try:
        with open(path, "rb") as file:
            found = plist.loads(file.read())
    except FileNotFoundError:
        return {}
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
