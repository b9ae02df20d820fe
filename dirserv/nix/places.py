"""Where the official installer puts things (spec/installers.md 1.2 and 6)."""

from __future__ import annotations

DAEMON = "org.nixos.nix-daemon"
PLIST = f"/Library/LaunchDaemons/{DAEMON}.plist"
SOCKET = "/nix/var/nix/daemon-socket/socket"
LOG = "/var/log/nix-daemon.log"
#: The profile of all users.
DEFAULT = "/nix/var/nix/profiles/default"
#: Loads Nix into a shell as a login shell does.
LOAD = f". {DEFAULT}/etc/profile.d/nix-daemon.sh"
