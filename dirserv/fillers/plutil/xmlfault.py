"""What CoreFoundation would say about an XML property list that it refuses.

plistlib reads past unknown elements and stray text and judges values by Python's rules, so one
run of expat goes over the bytes first. The sentences are those of CFPropertyList.c; where expat
stops at something that CoreFoundation has no sentence of its own for, expat's words are used.
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

from dirserv.fillers.plutil.fault import Unreadable

#: As deep as arrays and dictionaries may nest.
MAX_DEPTH = 512

_CONTAINERS = ("plist", "dict", "array")

#: Element -> what its text must be, and the sentences for none and for a wrong one.
_VALUES = {
    "integer": (re.compile(r"\s*[-+]?(0[xX][0-9a-fA-F]+|[0-9]+)\s*"),
                "Encountered empty <integer> on line {}", "Incomplete <integer> on line {}"),
    "real": (re.compile(r"\s*([-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|nan|[-+]?inf(inity)?)\s*",
                        re.IGNORECASE),
             "Encountered empty <real> on line {}", "Encountered misformatted real on line {}"),
    "date": (re.compile(r"\s*-?\d+-\d\d-\d\dT\d\d:\d\d:\d\dZ\s*"),
             "Encountered empty <date> on line {}", "Could not interpret <date> at line {}"),
    "data": (re.compile(r"[A-Za-z0-9+/=\s]*"),
             "", "Could not interpret <data> at line {} (should be base64-encoded)"),
    "true": (re.compile(r""), "", "Encountered non-empty <true> on line {}"),
    "false": (re.compile(r""), "", "Encountered non-empty <false> on line {}"),
    "string": (re.compile(r".*", re.DOTALL), "", ""),
    "key": (re.compile(r".*", re.DOTALL), "", ""),
}


def check(data: bytes) -> None:
    """Raise Unreadable with CoreFoundation's sentence unless these are a property list's tags."""
    parser = expat.ParserCreate()
    checker = _Checker(parser)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Unreadable(checker.explain(error)) from error
    except (LookupError, ValueError) as error:
        raise Unreadable("Unable to convert string to correct encoding") from error
    if not checker.complete:
        raise Unreadable("Encountered empty plist tag")


class _Element:
    """An open element: the kinds of its children so far, and its text."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.children: list[str] = []
        self.text = ""


class _Checker:
    """The handlers of expat; ``complete`` says that there was a value."""

    def __init__(self, parser: Any) -> None:
        self.complete = False
        self._parser = parser
        self._open: list[_Element] = []
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._entity
        parser.buffer_text = True

    def explain(self, error: expat.ExpatError) -> str:
        """The sentence for what is not even XML."""
        if error.code in _EARLY_ENDS:
            return "Encountered unexpected EOF"
        if error.code == _MISMATCH:
            return (f"Close tag on line {error.lineno} does not match open tag "
                    f"{self._open[-1].tag}")
        if error.code == _UNKNOWN_ENTITY:
            return f"Encountered unknown ampersand-escape sequence at line {error.lineno}"
        return f"{expat.ErrorString(error.code)} on line {error.lineno}"

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag not in _CONTAINERS and tag not in _VALUES:
            self._refuse(f"Encountered unknown tag {tag} on line {{}}")
        if self._open and self._open[-1].tag in _VALUES:
            self._refuse(f"Close tag on line {{}} does not match open tag {self._open[-1].tag}")
        if len(self._open) > MAX_DEPTH:
            self._refuse("Too many nested arrays or dictionaries, failing on line {}")
        if not self._open or self._open[-1].tag == "plist":
            if self.complete:
                self._refuse(
                    "Encountered unexpected element at line {} (plist can only include one object)")
            self.complete = tag != "plist"
        self._open.append(_Element(tag))

    def _end(self, tag: str) -> None:
        element = self._open.pop()
        if tag == "dict" and len(element.children) % 2:
            self._refuse("Value missing for key inside <dict> at line {}")
        if tag in _VALUES:
            pattern, empty, wrong = _VALUES[tag]
            if empty and not element.text:
                self._refuse(empty)
            if not pattern.fullmatch(element.text):
                self._refuse(wrong)
        if self._open:
            self._place(self._open[-1], tag)

    def _place(self, parent: _Element, tag: str) -> None:
        if parent.tag == "dict" and len(parent.children) % 2 == 0 and tag != "key":
            self._refuse("Found non-key inside <dict> at line {}")
        if parent.tag == "dict" and len(parent.children) % 2 and tag == "key":
            self._refuse("Value missing for key inside <dict> at line {}")
        parent.children.append(tag)

    def _text(self, text: str) -> None:
        element = self._open[-1]
        if element.tag in _VALUES:
            element.text += text
        elif text.strip():
            # expat is behind the text when it hands it over.
            line = self._parser.CurrentLineNumber - text.lstrip().count("\n")
            raise Unreadable(f"Encountered unexpected character {text.lstrip()[0]} on line {line} "
                             "while looking for open tag")

    def _entity(self, *declaration: object) -> None:
        # An entity of entities of entities fills the memory.
        self._refuse("Encountered unexpected character < on line {} while parsing DTD")

    def _refuse(self, sentence: str) -> None:
        raise Unreadable(sentence.format(self._parser.CurrentLineNumber))


_CODES = expat.errors.codes
_EARLY_ENDS = tuple(_CODES[message] for message in (
    expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN,
    expat.errors.XML_ERROR_PARTIAL_CHAR, expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION))
_MISMATCH = _CODES[expat.errors.XML_ERROR_TAG_MISMATCH]
_UNKNOWN_ENTITY = _CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY]
