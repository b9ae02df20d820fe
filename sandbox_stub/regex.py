"""Regular expressions of the sandbox language (spec/sandbox.md 3.6).

The subset is ``. [] [^] * + ? | () ^ $ \\x``, and a search is not anchored. A pattern becomes an
automaton that is walked with sets of places, so the time is at most text × pattern whatever the
pattern; and neither ``re`` nor the 7 ms of its import are needed.
"""

from __future__ import annotations

from sandbox_stub import limits
from sandbox_stub.errors import ProfileError

#: Sizes of remembered sets in all, and patterns that are kept.
_REMEMBERED = 200_000
_PATTERNS = 1000
_compiled: dict[str, Regex] = {}


def compiled(pattern: str) -> Regex:
    """The automaton of a pattern; raises ProfileError if it is malformed or too large."""
    regex = _compiled.get(pattern)
    if regex is None:
        if len(_compiled) >= _PATTERNS:
            _compiled.clear()
        regex = _compiled[pattern] = Regex(pattern)
    return regex


def search(pattern: str, text: str) -> bool:
    """Does the pattern occur in the text?"""
    return compiled(pattern).search(text)


class _Set:
    """``[…]``: characters and ranges of them, or all but those."""

    __slots__ = ("negated", "ranges")

    def __init__(self, negated: bool, ranges: list[tuple[str, str]]) -> None:
        self.negated = negated
        self.ranges = ranges

    def __contains__(self, letter: str) -> bool:
        found = any(low <= letter <= high for low, high in self.ranges)
        return found is not self.negated


class Regex:
    """A pattern as places: what a place wants (``tests``) and where it leads (``ways``).

    A test is a character, "" for any, a ``_Set``, "^" or "$" as one-tuples, or None for nothing.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._tests: list[str | _Set | tuple[str] | None] = []
        self._ways: list[list[int]] = []
        self._start, self._end = self._alternatives(0)
        if self._at < len(pattern):
            raise ProfileError("unbalanced parentheses in regular expression")
        self._steps: dict[tuple[frozenset[int], str, bool], frozenset[int]] = {}
        self._remembered = 0

    def search(self, text: str) -> bool:
        """Does the pattern occur in the text?"""
        places = self._reached([self._start], True, not text)
        last = len(text) - 1
        for at, letter in enumerate(text):
            if self._end in places:
                return True
            key = (places, letter, at == last)
            following = self._steps.get(key)
            if following is None:
                following = self._remember(key)
            places = following
        return self._end in places

    def _remember(self, key: tuple[frozenset[int], str, bool]) -> frozenset[int]:
        places, letter, is_last = key
        # A match may begin behind any character.
        following = [self._start]
        for place in places:
            test = self._tests[place]
            if test == "" or test == letter or (type(test) is _Set and letter in test):
                following += self._ways[place]
        reached = self._reached(following, False, is_last)
        self._remembered += len(reached) + 1
        if self._remembered > _REMEMBERED:
            self._steps.clear()
            self._remembered = len(reached) + 1
        self._steps[key] = reached
        return reached

    def _reached(self, places: list[int], at_start: bool, at_end: bool) -> frozenset[int]:
        """These places and all that they lead to without a character."""
        found: set[int] = set()
        while places:
            place = places.pop()
            if place in found:
                continue
            found.add(place)
            test = self._tests[place]
            if test is None or (test == ("^",) and at_start) or (test == ("$",) and at_end):
                places += self._ways[place]
        return frozenset(found)

    def _place(self, test: str | _Set | tuple[str] | None, *ways: int) -> int:
        if len(self._tests) >= limits.REGEX:
            raise ProfileError("a regular expression is too large")
        self._tests.append(test)
        self._ways.append(list(ways))
        return len(self._tests) - 1

    # The parts of a pattern are (first place, last place); the last one leads nowhere yet.

    def _alternatives(self, depth: int) -> tuple[int, int]:
        if depth > limits.REGEX_NESTING:
            raise ProfileError("a regular expression is nested too deep")
        first, last = self._place(None), self._place(None)
        while True:
            start, end = self._branch(depth)
            self._ways[first].append(start)
            self._ways[end].append(last)
            if self._pattern[self._at:self._at + 1] != "|":
                return first, last
            self._at += 1

    def _branch(self, depth: int) -> tuple[int, int]:
        first = last = self._place(None)
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            start, end = self._repeated(*self._atom(depth))
            self._ways[last].append(start)
            last = end
        return first, last

    def _atom(self, depth: int) -> tuple[int, int]:
        letter = self._pattern[self._at]
        self._at += 1
        if letter == "(":
            part = self._alternatives(depth + 1)
            if self._pattern[self._at:self._at + 1] != ")":
                raise ProfileError("unbalanced parentheses in regular expression")
            self._at += 1
            return part
        end = self._place(None)
        return self._place(self._test(letter), end), end

    def _test(self, letter: str) -> str | _Set | tuple[str]:
        if letter == "*":
            raise ProfileError("unsupported syntax: kleene star")
        if letter in "+?":
            raise ProfileError(f"nothing to repeat before {letter} in regular expression")
        if letter == "[":
            return self._set()
        if letter in "^$":
            return (letter,)
        if letter == "\\":
            letter = self._pattern[self._at:self._at + 1]
            self._at += 1
            if not letter:
                raise ProfileError("a regular expression ends with a backslash")
            return letter
        return "" if letter == "." else letter

    def _repeated(self, start: int, end: int) -> tuple[int, int]:
        """Apply the ``* + ?`` that follow."""
        while self._at < len(self._pattern) and self._pattern[self._at] in "*+?":
            letter = self._pattern[self._at]
            if letter == "*" and self._pattern[self._at - 1] == "*":
                raise ProfileError("unsupported syntax: kleene star")
            self._at += 1
            last = self._place(None)
            self._ways[end].append(last)
            if letter in "*+":
                self._ways[end].append(start)
            start, end = self._place(None, start), last
            if letter in "*?":
                self._ways[start].append(last)
        return start, end

    def _set(self) -> _Set:
        negated = self._pattern.startswith("^", self._at)
        self._at += negated
        ranges: list[tuple[str, str]] = []
        while True:
            # A ] that comes first is a member.
            if ranges and self._pattern.startswith("]", self._at):
                self._at += 1
                return _Set(negated, ranges)
            if self._pattern.startswith(("[:", "[.", "[="), self._at):
                raise ProfileError("unsupported syntax: character class")
            low = high = self._member()
            if (self._pattern.startswith("-", self._at)
                    and not self._pattern.startswith("-]", self._at)):
                self._at += 1
                high = self._member()
            ranges.append((low, high))

    def _member(self) -> str:
        escaped = self._pattern.startswith("\\", self._at)
        letter = self._pattern[self._at + escaped:self._at + escaped + 1]
        if not letter:
            raise ProfileError("unterminated bracket expression")
        self._at += 1 + escaped
        return letter
