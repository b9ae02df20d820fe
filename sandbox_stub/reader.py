"""Text to forms, one top-level form at a time (spec/sandbox.md 3.1).

The reader goes from one interesting character to the next by hand: that is quicker than a regular
expression by the time that importing ``re`` takes, and it cannot be led into recursion.
"""

from __future__ import annotations

from sandbox_stub import limits
from sandbox_stub.atoms import number, sharp_constant, unescaped
from sandbox_stub.errors import ProfileError
from sandbox_stub.values import Char, Pair, Source, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sandbox_stub.evaluator import Machine

_BLANK = " \t\n\r\f\v"
_DELIMITERS = frozenset(_BLANK + "()\";'")
_QUOTES = {"'": "quote", "`": "quasiquote", ",": "unquote", ",@": "unquote-splicing"}
_CHARACTERS = {"space": " ", "newline": "\n", "tab": "\t", "return": "\r"}
_SHORT = 64
_END = object()
_DOT = object()


class _Open:
    """A list that has begun, or (with ``quote``) a quotation that waits for what it quotes."""

    __slots__ = ("dotted", "items", "offset", "quote")

    def __init__(self, offset: int, quote: str = "") -> None:
        self.offset = offset
        self.quote = quote
        self.items: list[Any] = []
        #: How many items stand before the dot.
        self.dotted: int | None = None


class Reader:
    """The forms of one text; ``machine`` counts what was read and takes the warnings."""

    def __init__(self, source: Source, machine: Machine) -> None:
        self._source = source
        self._text = source.text
        self._machine = machine
        self._at = 0

    def forms(self) -> Iterator[Any]:
        """Every top-level form; raises ProfileError where the text is none."""
        stack: list[_Open] = []
        while True:
            datum = self._token(stack)
            if datum is _END:
                if stack:
                    raise ProfileError("syntax error: expecting ')'")
                return
            if type(datum) is _Open:
                if len(stack) >= limits.NESTING:
                    raise ProfileError(f"forms are nested more than {limits.NESTING} deep")
                stack.append(datum)
                continue
            if datum is _DOT:
                self._dot(stack)
                continue
            while stack and stack[-1].quote:
                datum = self._quotation(stack.pop(), datum)
            if stack:
                stack[-1].items.append(datum)
            else:
                self._machine.charge(1)
                yield datum

    def _token(self, stack: list[_Open]) -> Any:
        """The next datum, the beginning of one, or the list that ends here."""
        text, length = self._text, len(self._text)
        while self._at < length:
            at = self._at
            letter = text[at]
            self._at = at + 1
            if letter in _BLANK:
                continue
            if letter == "(":
                plain = self._plain(at + 1) if len(stack) < limits.NESTING else None
                return plain or _Open(at + 1)
            if letter == ")":
                return self._close(stack)
            if letter == '"':
                return self._string()
            if letter == ";":
                self._skip_line()
            elif letter == "#":
                datum = self._sharp(at)
                if datum is not _END:
                    return datum
            elif letter in _QUOTES:
                splicing = text.startswith(",@", at)
                self._at += splicing
                return _Open(at, _QUOTES[",@" if splicing else letter])
            else:
                return self._atom(at)
        return _END

    def _plain(self, at: int) -> Pair | None:
        """``(word "string")`` in one go: that is what most of a profile with many paths is."""
        text = self._text
        quote = text.find('"', at, at + _SHORT)
        word = text[at:quote - 1]
        if quote < 0 or text[quote - 1] != " " or not (
                word[:1].isalpha() and _DELIMITERS.isdisjoint(word)):
            return None
        end = text.find('"', quote + 1, quote + limits.STRING)
        string = text[quote + 1:end]
        if end < 0 or "\\" in string or not text.startswith(")", end + 1):
            return None
        self._at = end + 2
        self._machine.charge(3)
        return Pair(Symbol(word, self._source, at), Pair(string, None), self._source, at)

    def _skip_line(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = end + 1 if end >= 0 else len(self._text)

    def _word(self, at: int) -> str:
        """The characters up to the next delimiter."""
        text, end, length = self._text, at, len(self._text)
        while end < length and text[end] not in _DELIMITERS:
            end += 1
        self._at = end
        return text[at:end]

    def _atom(self, at: int) -> Any:
        word = self._word(at)
        if word == ".":
            return _DOT
        if word[0] in "0123456789+-.":
            value = number(word)
            if value is not None:
                return value
        return Symbol(word, self._source, at)

    def _dot(self, stack: list[_Open]) -> None:
        if not stack or stack[-1].quote or not stack[-1].items or stack[-1].dotted is not None:
            raise ProfileError("syntax error: illegal dot expression")
        stack[-1].dotted = len(stack[-1].items)

    def _close(self, stack: list[_Open]) -> Any:
        if not stack or stack[-1].quote:
            raise ProfileError("syntax error: illegal token")
        opened = stack.pop()
        items = opened.items
        self._machine.charge(len(items) + 1)
        chain: Any = None
        if opened.dotted is not None:
            if len(items) != opened.dotted + 1:
                raise ProfileError("syntax error: illegal dot expression")
            chain = items.pop()
        for item in reversed(items):
            chain = Pair(item, chain)
        if items:
            chain.source, chain.offset = self._source, opened.offset
        return chain

    def _quotation(self, opened: _Open, datum: Any) -> Pair:
        self._machine.charge(2)
        quote = Symbol(opened.quote, self._source, opened.offset)
        return Pair(quote, Pair(datum, None), self._source, opened.offset)

    def _string(self) -> str:
        end = self._string_end()
        body, self._at = self._text[self._at:end], end + 1
        return unescaped(body) if "\\" in body else body

    def _string_end(self) -> int:
        """Where the closing quote stands: a backslash hides the character behind it."""
        text, at = self._text, self._at
        end = text.find('"', at)
        while end >= 0:
            backslash = text.find("\\", at, end)
            if end - self._at > limits.STRING:
                raise ProfileError(f"a string has more than {limits.STRING} characters")
            if backslash < 0:
                return end
            at = backslash + 2
            if at > end:
                end = text.find('"', at)
        raise ProfileError("Error reading string")

    def _sharp(self, at: int) -> Any:
        """What begins with ``#``; ``_END`` for a comment."""
        following = self._text[at + 1:at + 2]
        if following == '"':
            self._at = at + 2
            end = self._string_end()
            body, self._at = self._text[self._at:end], end + 1
            return body
        if following == "!":
            self._skip_line()
            return _END
        if following == "\\":
            return self._character(at)
        if following == "" or following in _BLANK:
            self._machine.tolerate(self._undefined(), self._source.position(at))
            self._skip_line()
            return _END
        constant = sharp_constant(self._word(at + 1))
        if constant is None:
            raise self._undefined()
        return constant

    def _undefined(self) -> ProfileError:
        # The one reading error that is known to be printed with a backtrace, that of the form
        # which was evaluated last.
        return ProfileError("undefined sharp expression", self._machine.frames())

    def _character(self, at: int) -> Char:
        # The first character counts even if it is a delimiter.
        word = self._text[at + 2:at + 3] + self._word(at + 3)
        letter = _CHARACTERS.get(word, word)
        if len(letter) != 1:
            raise self._undefined()
        return Char(letter)
