"""Nix in a prefix: the unmodified official installer, its health, its removal, its use."""
