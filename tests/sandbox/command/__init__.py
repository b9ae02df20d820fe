"""sandbox-exec as a command: its arguments, settings, modes, and what it leaves as it was."""
