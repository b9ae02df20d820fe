"""An XML document as ElementTree elements, plus what ElementTree forgets."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

#: expat puts it between URI, local name and prefix; no URI and no name holds a blank.
_SEPARATOR = " "


class NotXML(Exception):
    """A document is not well-formed; the text is libxml2's complaint without the file's name."""


class Document:
    """A parsed document.

    ``root`` is its element; ``before`` and ``after`` are the comments and processing instructions
    around it. ``declarations`` are an element's own namespace declarations as (prefix, URI), and
    ``prefixes`` the prefix of a name of it, where there is one. ``encoding`` and ``doctype`` are
    as they stand in the file, "" for none.
    """

    def __init__(self) -> None:
        self.root: Any = None
        self.before: list[Any] = []
        self.after: list[Any] = []
        self.encoding = ""
        self.doctype = ""
        self.declarations: dict[Any, list[tuple[str, str]]] = {}
        self.prefixes: dict[tuple[Any, str], str] = {}

    def shown_name(self, element: Any, name: str) -> str:
        """A name of an element or of its attributes as the file has it."""
        local = name.rpartition("}")[2]
        prefix = self.prefixes.get((element, name))
        return f"{prefix}:{local}" if prefix else local


def parse(data: bytes) -> Document:
    """The document in ``data``; raises NotXML."""
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.namespace_prefixes = True
    builder = _Builder(parser)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotXML(builder.explain(data, error)) from error
    except (LookupError, ValueError) as error:
        raise NotXML(f"1: parser error : Unsupported encoding {builder.document.encoding}\n") \
            from error
    return builder.document


class _Builder:
    """The handlers of expat."""

    def __init__(self, parser: Any) -> None:
        self.document = Document()
        self._parser = parser
        self._open: list[tuple[Any, str, int]] = []
        self._last: Any = None
        self._declared: list[tuple[str, str]] = []
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartNamespaceDeclHandler = self._namespace
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = lambda text: self._aside(ElementTree.Comment(text))
        parser.ProcessingInstructionHandler = lambda target, text: self._aside(
            ElementTree.ProcessingInstruction(target, text))

    def explain(self, data: bytes, error: expat.ExpatError) -> str:
        """libxml2's lines for an error: where, what, the line, and a caret below the place."""
        place, lines = data[:self._parser.ErrorByteIndex], data.split(b"\n")
        row, column = place.count(b"\n"), len(place) - (place.rfind(b"\n") + 1)
        reason = expat.ErrorString(error.code)
        if not data:
            reason = "Document is empty"
        elif error.code in (_SYNTAX, _NO_ELEMENTS) and self.document.root is None:
            reason = "Start tag expected, '<' not found"
        elif error.code == _JUNK:
            reason = "Extra content at the end of the document"
        elif error.code == _NO_ELEMENTS and self._open:
            tag, line = self._open[-1][1:]
            reason = f"Premature end of data in tag {tag} line {line}"
            row, column = len(lines) - 1, len(lines[-1])
        elif error.code == _MISMATCH:
            tag, line = self._open[-1][1:]
            other = lines[row][column:].lstrip(b"</").partition(b">")[0].decode("utf-8", "replace")
            reason = f"Opening and ending tag mismatch: {tag} line {line} and {other.strip()}"
            column = lines[row].find(b">", column) + 1
        elif error.code == _UNDEFINED_ENTITY:
            name = lines[row][column + 1:].partition(b";")[0].decode("utf-8", "replace")
            reason, column = f"Entity '{name}' not defined", column + len(name) + 2
        shown = lines[row].decode("utf-8", "replace")
        return f"{row + 1}: parser error : {reason}\n{shown}\n{' ' * column}^\n"

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        self.document.encoding = encoding or ""

    def _doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        source = ""
        if public is not None:
            source = f' PUBLIC "{public}" "{system}"'
        elif system is not None:
            source = f' SYSTEM "{system}"'
        self.document.doctype = f"<!DOCTYPE {name}{source}>"

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        self._declared.append((prefix or "", uri or ""))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        names = {name: self._split(name) for name in (tag, *attributes)}
        element = ElementTree.Element(
            names[tag][0], {names[name][0]: value for name, value in attributes.items()})
        for name, prefix in names.values():
            if prefix:
                self.document.prefixes[element, name] = prefix
        self.document.declarations[element] = self._declared
        self._declared = []
        if self._open:
            self._open[-1][0].append(element)
        else:
            self.document.root = element
        shown = self.document.shown_name(element, element.tag)
        self._open.append((element, shown, self._parser.CurrentLineNumber))
        self._last = None

    @staticmethod
    def _split(name: str) -> tuple[str, str]:
        """ElementTree's form of a name and its prefix."""
        uri, _, rest = name.rpartition(_SEPARATOR) if name.count(_SEPARATOR) < 2 else \
            name.partition(_SEPARATOR)
        local, _, prefix = rest.partition(_SEPARATOR)
        return (f"{{{uri}}}{local}" if uri else local), prefix

    def _end(self, tag: str) -> None:
        self._last = self._open.pop()[0]

    def _text(self, text: str) -> None:
        if not self._open:
            return
        if self._last is None:
            element = self._open[-1][0]
            element.text = (element.text or "") + text
        else:
            self._last.tail = (self._last.tail or "") + text

    def _aside(self, node: Any) -> None:
        if self._open:
            self._open[-1][0].append(node)
            self._last = node
        else:
            (self.document.before if self.document.root is None
             else self.document.after).append(node)


_CODES = expat.errors.codes
_SYNTAX = _CODES[expat.errors.XML_ERROR_SYNTAX]
_JUNK = _CODES[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]
_NO_ELEMENTS = _CODES[expat.errors.XML_ERROR_NO_ELEMENTS]
_MISMATCH = _CODES[expat.errors.XML_ERROR_TAG_MISMATCH]
_UNDEFINED_ENTITY = _CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY]
