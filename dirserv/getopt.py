"""Options by the rules of BSD getopt(3), with its messages.

Options end at the first operand, at ``--`` and at a lone ``-``; ``-ab`` is ``-a -b``; the value of
an option is the rest of its word or else the next word, whatever that looks like. Source:
getopt(3); the callers are the commands whose published sources call it (spec/dirserv.md 3 and 5).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: What stands for an option that getopt(3) refuses.
BAD = "?"


class Getopt:
    """An iterator of (letter, value); the value is "" for an option that takes none.

    An option that is not in ``letters``, or that lacks its value, comes as ``("?", letter)`` and
    adds the line that getopt(3) prints to ``errors``; who iterates on gets the options behind it.
    ``letters`` are getopt(3)'s ("ab:" is -a and -b VALUE) and may be changed between two options.
    """

    def __init__(self, name: str, arguments: list[str], letters: str) -> None:
        self.arguments = arguments
        self.letters = letters
        self.errors = ""
        self._name = name
        self._index = 0
        #: The letters of the current word that are still to come.
        self._rest = ""

    @property
    def operands(self) -> list[str]:
        """The words that have not been read; after the iteration: the operands."""
        return self.arguments[self._index:]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return self

    def __next__(self) -> tuple[str, str]:
        if not self._rest:
            self._rest = self._next_word()
        letter, self._rest = self._rest[0], self._rest[1:]
        at = self.letters.find(letter)
        if at < 0 or letter == ":":
            return self._refuse("illegal option", letter)
        if self.letters[at + 1:at + 2] == ":":
            return self._valued(letter)
        return letter, ""

    def word(self) -> str | None:
        """Take the next word if it can be a value: there is one and it begins with no dash.

        For commands whose options have a second, optional value (dscacheutil -a KEY VALUE).
        """
        if not self.operands or self.operands[0].startswith("-"):
            return None
        self._index += 1
        return self.arguments[self._index - 1]

    def _next_word(self) -> str:
        word = self.operands[0] if self.operands else ""
        if len(word) < 2 or word[0] != "-":
            raise StopIteration
        self._index += 1
        if word == "--":
            raise StopIteration
        return word[1:]

    def _valued(self, letter: str) -> tuple[str, str]:
        value, self._rest = self._rest, ""
        if not value:
            if not self.operands:
                return self._refuse("option requires an argument", letter)
            value = self.operands[0]
            self._index += 1
        return letter, value

    def _refuse(self, reason: str, letter: str) -> tuple[str, str]:
        self.errors += f"{self._name}: {reason} -- {letter}\n"
        return BAD, letter


def getopt(
    name: str, arguments: list[str], letters: str
) -> tuple[list[tuple[str, str]], list[str], str]:
    """All options as (letter, value), the operands, and what to print on standard error.

    ``name`` is the command's (for the messages), ``arguments`` are those behind it.
    """
    options = Getopt(name, arguments, letters)
    pairs = list(options)
    return pairs, options.operands, options.errors
