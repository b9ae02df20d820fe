"""The lines that the installer puts before each shell profile, and taking them out again
(spec/installers.md 1.2 step 16, 2.3 step 1)."""

from __future__ import annotations

import re

BACKUP = ".backup-before-nix"
TARGETS = ("/etc/bashrc", "/etc/profile.d/nix.sh", "/etc/zshrc", "/etc/bash.bashrc",
           "/etc/zsh/zshrc")
#: fish's are Nix's alone: the installer writes them whole.
FISH = tuple(f"{prefix}/conf.d/nix.fish" for prefix in
             ("/etc/fish", "/usr/local/etc/fish", "/opt/homebrew/etc/fish", "/opt/local/etc/fish"))

_BLOCK = re.compile(r"\n?^# Nix\n(?:.*nix-daemon.*\n|fi\n|end\n)+# End Nix\n\n?", re.MULTILINE)


def without_nix(text: str) -> str:
    """A profile's text less the installer's blocks; the text itself if it has none."""
    return _BLOCK.sub("", text)


def action(text: str | None, backup: str | None) -> tuple[str, str] | None:
    """What to do about a profile with that text and that backup, None for what is not there.

    ("restore", "") moves the backup back, ("write", T) makes T of it, which somebody changed
    since, ("remove", "") takes away what the installer made of nothing, and ("forget", "")
    removes a backup that is no longer needed. None: nothing there is Nix's for sure.

    Where only the backup has the profile's own text the installer lost it: it reads a file while
    its tee(1) empties it.
    """
    if text is None:
        return ("restore", "") if backup is not None else None
    plain = without_nix(text)
    if plain != text:
        if backup is not None and plain in ("", backup):
            return "restore", ""
        return ("write", plain) if plain else ("remove", "")
    return ("forget", "") if text == backup else None
