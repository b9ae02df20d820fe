"""xmllint --xpath: XPath 1.0 by elementpath, answered in libxml2's words."""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree

from dirserv.fillers.xmllint import printing
from dirserv.fillers.xmllint.document import Document


class Nothing(Exception):
    """No result: the text is what xmllint prints on standard error."""


#: elementpath's code -> libxml2's complaint; the others are of the first kind.
_INVALID = "XPath error : Invalid expression\nXPath evaluation failure\n"
_COMPLAINTS = {
    "err:XPST0008": "XPath error : Undefined variable\nXPath evaluation failure\n",
    "err:XPST0017": "xmlXPathCompOpEval: function {name} not found\n"
                    "XPath error : Unregistered function\nXPath evaluation failure\n",
    "err:XPST0081": "XPath error : Undefined namespace prefix\nXPath evaluation failure\n",
}


def search(document: Document, expression: str) -> str:
    """The nodes that the expression finds, each on its line, or its one value.

    Raises Nothing for an empty set, an expression that cannot be evaluated, or a Python without
    elementpath.
    """
    try:
        import elementpath
    except ImportError:
        raise Nothing("xmllint: --xpath needs the Python package elementpath: install it for the "
                      "Python that runs this\n") from None
    context = elementpath.XPathContext(ElementTree.ElementTree(document.root))
    try:
        found = _parser()().parse(expression).evaluate(context)
    except elementpath.ElementPathError as error:
        complaint = _COMPLAINTS.get(error.code or "", _INVALID)
        name = getattr(error.token, "value", "")
        raise Nothing(complaint.format(name=name)) from error
    except (RecursionError, ArithmeticError) as error:
        raise Nothing(_INVALID) from error
    if not isinstance(found, list):
        found = [found] if hasattr(found, "parent") else found
    if not isinstance(found, list):
        return _value(found) + "\n"
    if not found:
        raise Nothing("XPath set is empty\n")
    return "".join(_node(document, one) + "\n" for one in found)


def _parser() -> Any:
    from elementpath.xpath1 import XPath1Parser

    class Parser(XPath1Parser):
        # XPath 1.0 has a path go on from any expression in parentheses and from a function's
        # result: "(/a/b)/c". elementpath 5.1 leaves that to XPath 2.0.
        PATH_STEP_SYMBOLS = XPath1Parser.PATH_STEP_SYMBOLS | {"("}
        PATH_STEP_LABELS = (*XPath1Parser.PATH_STEP_LABELS, "function")

    return Parser


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    number = float(value)
    if math.isfinite(number):
        return f"{number:g}"
    return "NaN" if math.isnan(number) else f"{'-' if number < 0 else ''}Infinity"


def _node(document: Document, found: Any) -> str:
    from elementpath import xpath_nodes as kinds

    if isinstance(found, kinds.DocumentNode):
        return printing.whole(document, document.encoding or "UTF-8")
    if isinstance(found, kinds.AttributeNode):
        owner: Any = found.parent  # declared as the base of the nodes that have an elem
        name = document.shown_name(owner.elem, found.name or "")
        return printing.attribute(name, str(found.value))
    if isinstance(found, kinds.NamespaceNode):
        return printing.namespace(found.prefix or "", found.uri)
    if isinstance(found, kinds.TextNode):
        return printing.text(found.value)
    return printing.node(document, found.elem)
