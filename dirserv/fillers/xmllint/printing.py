"""Nodes as text, byte for byte as libxml2 writes them."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from dirserv.fillers.xmllint.document import Document

_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_VALUE = {**_TEXT, '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}

_BLANK = " \t\r\n"


def text(value: str) -> str:
    """Character data, escaped."""
    return re.sub(r"[&<>\r]", lambda found: _TEXT[found[0]], value)


def attribute(name: str, value: str) -> str:
    """An attribute with the blank before it."""
    escaped = re.sub(r'[&<>\r"\n\t]', lambda found: _VALUE[found[0]], value)
    return f' {name}="{escaped}"'


def namespace(prefix: str, uri: str) -> str:
    """A namespace declaration with the blank before it."""
    return attribute(f"xmlns:{prefix}" if prefix else "xmlns", uri)


def node(document: Document, item: Any, indent: int | None = None) -> str:
    """An element, comment or processing instruction without its tail.

    ``indent`` is the depth for --format; None writes the text as it stands.
    """
    if item.tag is ElementTree.Comment:
        return f"<!--{item.text or ''}-->"
    if item.tag is ElementTree.ProcessingInstruction:
        return f"<?{(item.text or '').rstrip()}?>"
    name = document.shown_name(item, item.tag)
    head = name + "".join(namespace(*one) for one in document.declarations.get(item, ()))
    for key, value in item.attrib.items():
        head += attribute(document.shown_name(item, key), value)
    content = _content(document, item, indent)
    return f"<{head}>{content}</{name}>" if content else f"<{head}/>"


def _content(document: Document, item: Any, indent: int | None) -> str:
    if indent is None or item.text or any(child.tail for child in item):
        # Text in it would change its meaning if lines were broken, also farther down.
        return text(item.text or "") + "".join(
            node(document, child) + text(child.tail or "") for child in item)
    if not len(item):
        return ""
    inner = "\n" + "  " * (indent + 1)
    return "".join(inner + node(document, child, indent + 1) for child in item) \
        + "\n" + "  " * indent


def drop_blanks(item: Any) -> None:
    """Take out the blanks between elements, as --noblanks and --format do."""
    if not len(item):
        return
    if item.text and item.text.strip(_BLANK):
        # libxml2 takes an element that begins with text for one of mixed content.
        blanks_go = False
    else:
        item.text, blanks_go = None, True
    for child in item:
        if blanks_go and child.tail and not child.tail.strip(_BLANK):
            child.tail = None
        drop_blanks(child)


def whole(document: Document, encoding: str, formatted: bool = False) -> str:
    """The document with its declaration and DOCTYPE; its characters are not yet encoded."""
    declared = f' encoding="{encoding}"' if encoding else ""
    parts = [f'<?xml version="1.0"{declared}?>', document.doctype]
    parts += [node(document, one) for one in document.before]
    parts.append(node(document, document.root, 0 if formatted else None))
    parts += [node(document, one) for one in document.after]
    return "".join(part + "\n" for part in parts if part)


def encode(content: str, encoding: str) -> bytes:
    """The bytes of a document: without a declared encoding only ASCII and references."""
    if not encoding:
        return re.sub(r"[^\x00-\x7f]", lambda found: f"&#x{ord(found[0]):X};", content).encode()
    return content.encode(encoding, "xmlcharrefreplace")
