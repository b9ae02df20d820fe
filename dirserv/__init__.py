"""The account commands of macOS over one user and group database."""

__version__ = "0.1.0"
