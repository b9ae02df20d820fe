"""The verbs that reach inside an attribute whose value is a property list (spec 2.13)."""

from __future__ import annotations

from dirserv.dscl.items import RecordItem
from dirserv.dscl.reading import attributes_of
from dirserv.dscl.rendering import attribute_lines
from dirserv.dscl.writing import integer
from dirserv.errors import (
    EMPTY_ATTRIBUTE,
    INDEX_OUT_OF_RANGE,
    UNKNOWN_MATCH_TYPE,
    DSError,
)
from dirserv.names import qualified, stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from dirserv.dscl.session import Session
    from dirserv.record import Value

_MISSING = object()


def _at_first(arguments: list[str]) -> list[str]:
    """The words of a verb without an index as those of its twin: the first value is meant."""
    return [*arguments[:2], "0", *arguments[2:]]


def readpl(session: Session, arguments: list[str]) -> int:
    """``readpl PATH KEY PLISTPATH``."""
    return readpli(session, _at_first(arguments))


def readpli(session: Session, arguments: list[str]) -> int:
    """``readpli PATH KEY INDEX PLISTPATH``; the index counts values from 0."""
    path, key, index, inner = arguments[:4]
    item = session.at(path)
    if not isinstance(item, RecordItem):
        session.say("Invalid key.")
        return EMPTY_ATTRIBUTE
    values, refused = _values(session, item, key, integer(index))
    if refused:
        return refused
    found = _follow(_parsed(values[integer(index)]), inner.split(":"))
    if found is _MISSING:
        session.say(f"No such plist path: {inner}")
        return UNKNOWN_MATCH_TYPE
    session.outcome.out += _printed(session, inner, found)
    return 0


def _values(
    session: Session, item: RecordItem, key: str, index: int, verb: str = "readpl"
) -> tuple[list[Value], int]:
    """The values of the attribute, and the status if that index cannot be had of them."""
    found = attributes_of(item.node, item.record, [key])
    if not found:
        session.say("Invalid key.")
        if not verb.startswith("create"):  # create goes on to find that there is no value
            return [], EMPTY_ATTRIBUTE
    values = list(found.get(qualified(key), ()))
    if not values:
        session.say(f"There is no value for attribute {key}")
        return [], EMPTY_ATTRIBUTE
    if not 0 <= index < len(values):
        session.say("Value index out of range")
        return [], INDEX_OUT_OF_RANGE
    return values, 0


def _parsed(value: object) -> Any:
    """The property list in a value, _MISSING if it holds none."""
    from dirserv import plist

    try:
        return plist.loads(value if isinstance(value, bytes) else str(value).encode())
    except ValueError:
        return _MISSING


def _follow(element: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(element, dict):
            element = element.get(step, _MISSING)
        elif isinstance(element, list) and _is_index(step) and int(step) < len(element):
            element = element[int(step)]
        else:
            return _MISSING
    return element


def _is_index(step: str) -> bool:
    """Whether a path component is a number as it would be printed ("01" is none)."""
    return step.isascii() and step.isdigit() and str(int(step)) == step


def _printed(session: Session, path: str, element: Any) -> str:
    import plistlib
    from datetime import datetime

    if isinstance(element, str):
        return attribute_lines(path, [element], session.options)
    if isinstance(element, bool):
        return f"{path}: {int(element)}\n"
    if isinstance(element, (int, float)):
        return f"{path}: {element}\n"
    if isinstance(element, datetime):
        return f"{path}: {element:%Y-%m-%d %H:%M:%S} +0000\n"
    if isinstance(element, bytes):
        return f"{path}: {element.decode('utf-8', 'replace')}"
    return f"{path}: \n{plistlib.dumps(element).decode()}"


def createpl(session: Session, arguments: list[str]) -> int:
    """``createpl PATH KEY PLISTPATH VALUE…``."""
    return _create(session, _at_first(arguments), "createpl")


def createpli(session: Session, arguments: list[str]) -> int:
    """``createpli PATH KEY INDEX PLISTPATH VALUE…``: set one entry of a container."""
    return _create(session, arguments, "createpli")


def _create(session: Session, arguments: list[str], verb: str) -> int:
    values = arguments[4:]
    new: object = values[0] if len(values) == 1 else values

    def put(container: object, key: str) -> bool:
        if isinstance(container, dict):
            session.say("Changing a dictionary")
            container[key] = new
        elif isinstance(container, list) and _is_index(key) and int(key) <= len(container):
            session.say("Changing an array")
            container[int(key):int(key) + 1] = [new]
        else:
            return False
        return True

    return _edit(session, arguments, put, verb)


def deletepl(session: Session, arguments: list[str]) -> int:
    """``deletepl PATH KEY PLISTPATH [VALUE…]``."""
    return _delete(session, _at_first(arguments), "deletepl")


def deletepli(session: Session, arguments: list[str]) -> int:
    """``deletepli PATH KEY INDEX PLISTPATH [VALUE…]``: remove an entry, or entries of it."""
    return _delete(session, arguments, "deletepli")


def _delete(session: Session, arguments: list[str], verb: str) -> int:
    values = arguments[4:]

    def drop(container: object, key: str) -> bool:
        if not values:
            return _removed(session, container, key)
        inner = _follow(container, [key])
        if inner is _MISSING:
            return False
        removed = [_removed(session, inner, value) for value in sorted(values, reverse=True)]
        return all(removed)  # each is tried, also behind one that could not be

    return _edit(session, arguments, drop, verb)


def _removed(session: Session, container: object, key: str) -> bool:
    if isinstance(container, dict):
        container.pop(key, None)
    elif isinstance(container, list):
        if not _is_index(key):
            session.say(f"Invalid index {key}")
        elif int(key) >= len(container):
            session.say("Index out of range")
        else:
            del container[int(key)]
    else:
        return False
    return True


def _edit(
    session: Session, arguments: list[str], work: Callable[[object, str], bool], verb: str
) -> int:
    import plistlib

    path, key, index, inner = arguments[:4]
    item = session.at(path)
    if not isinstance(item, RecordItem):
        session.say(f"You can only use {verb} on a record.")
        return 0
    values, refused = _values(session, item, key, integer(index), verb)
    if refused:
        return refused
    whole = _parsed(values[integer(index)])
    *parents, last = inner.split(":")
    container = _follow(whole, parents) if whole is not _MISSING else _MISSING
    if container is _MISSING or not work(container, last):
        session.say(f"No such plist path: {inner}")
        return UNKNOWN_MATCH_TYPE
    values[integer(index)] = plistlib.dumps(whole).decode()
    try:
        with item.node.change() as change:
            record = change.find(item.parent.type, item.name)
            if record is not None:
                change.set(record, stored(qualified(key)), values)
    except DSError as error:
        return error.code
    return 0
