"""What stops the admin command."""

from __future__ import annotations


class AdminError(Exception):
    """The work cannot be done; its text says what is the matter and what to do next."""
