"""Is this XML a property list? plistlib accepts more than launchd does.

CoreFoundation and libxpc refuse unknown elements, text between elements and a second value;
plistlib reads past them, so that ``<True/>`` would vanish from an array without a word. One run
of expat over the bytes finds these, and too deep nesting before anything is built.
"""

from __future__ import annotations

from launchd_shim.plisterror import NotAPropertyList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CONTAINERS = frozenset(("plist", "dict", "array"))
#: Elements that stand for themselves.
_EMPTY = frozenset(("true", "false"))
_LEAVES = frozenset(("key", "string", "integer", "real", "date", "data")) | _EMPTY


def check(data: bytes, depth: int) -> None:
    """Raise NotAPropertyList unless the elements are those of a property list.

    ``depth`` is how deep arrays and dictionaries may nest.
    """
    from xml.parsers import expat

    parser = expat.ParserCreate()
    checker = _Checker(parser, depth)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotAPropertyList(str(error)) from error
    except (LookupError, ValueError) as error:
        raise NotAPropertyList("its encoding is not one that can be read") from error
    if checker.values == 0:
        raise NotAPropertyList("it holds no value")


class _Checker:
    """The handlers of expat; ``values`` counts the values outside of all others."""

    def __init__(self, parser: Any, depth: int) -> None:
        self.values = 0
        self._parser = parser
        self._depth = depth
        self._open: list[str] = []
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._entity
        parser.buffer_text = True

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        inside = self._open[-1] if self._open else ""
        if name not in _CONTAINERS and name not in _LEAVES:
            self._refuse(f"unknown element <{name}>")
        if inside in _LEAVES or (name == "plist" and inside):
            self._refuse(f"<{name}> inside of <{inside}>")
        if name == "key" and inside != "dict":
            self._refuse("<key> outside of a dictionary")
        if inside in ("", "plist") and name != "plist":
            self.values += 1
            if self.values > 1:
                self._refuse("a second value")
        self._open.append(name)
        if len(self._open) > self._depth:
            raise NotAPropertyList(f"it is nested more than {self._depth} deep")

    def _end(self, name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        inside = self._open[-1] if self._open else ""
        if (inside in _CONTAINERS or inside in _EMPTY) and text.strip():
            self._refuse(f"text in <{inside}>")

    def _entity(self, *declaration: object) -> None:
        # An entity of entities of entities fills the memory.
        self._refuse("it declares an entity")

    def _refuse(self, what: str) -> None:
        raise NotAPropertyList(f"{what} at line {self._parser.CurrentLineNumber}")
