"""What stops an import as a whole: a sentence for the person, and the exit status."""

from __future__ import annotations

#: sysexits.h
EX_USAGE, EX_DATAERR, EX_UNAVAILABLE, EX_SOFTWARE = 64, 65, 69, 70
EX_CANTCREAT, EX_NOPERM = 73, 77


class Fault(Exception):
    """The import cannot be done; str() is the sentence to print."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status
