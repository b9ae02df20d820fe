"""The verbs that change attributes and records: create, append, merge, change, delete."""

from __future__ import annotations

from dirserv.dscl.items import RecordItem, TypeItem, components, step
from dirserv.errors import DSError, InvalidPath, status_name
from dirserv.names import qualified, stored

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dirserv.change import Change
    from dirserv.dscl.session import Session
    from dirserv.record import Record

    Edit = Callable[[Change, Record, str, list[str]], None]


def create(session: Session, arguments: list[str]) -> int:
    """``create PATH [KEY [VALUE…]]``: the record is made if it is not there, then the attribute
    becomes the values."""
    path = arguments[0] if arguments else "."
    return _reported(session, "attribute", lambda: _create(session, path, arguments[1:]))


def _create(session: Session, path: str, words: list[str]) -> None:
    with session.node.change() as change:
        stack = session.stack[:1] if path.startswith("/") else session.stack
        for part in components(path):
            parent = stack[-1]
            if isinstance(parent, TypeItem) and part not in ("..", "."):
                record = change.find(parent.type, part) or change.new(parent.type, part)
                if record is None:
                    return
                stack = [*stack, RecordItem(parent, record)]
            else:
                stack = step(stack, part)
        item = stack[-1]
        if words and isinstance(item, RecordItem):
            record = _current(change, item)
            change.set(record, stored(qualified(words[0])), words[1:])
        elif words and isinstance(item, TypeItem):
            # A type takes the key for the name of a record to make (Apple's PathRecordType).
            change.find(item.type, words[0]) or change.new(item.type, words[0])


def _current(change: Change, item: RecordItem) -> Record:
    """The record of an item as it is under the lock; it may have gone since the path was walked."""
    record = change.find(item.parent.type, item.name)
    if record is None:
        raise InvalidPath()
    return record


def _editing(session: Session, arguments: list[str], edit: Edit) -> int:
    """Walk to a record and edit one of its attributes; elsewhere nothing happens."""

    def work() -> None:
        item = session.at(arguments[0])
        if isinstance(item, RecordItem):
            with session.node.change() as change:
                record = _current(change, item)
                edit(change, record, stored(qualified(arguments[1])), arguments[2:])

    return _reported(session, "attribute", work)


def append(session: Session, arguments: list[str]) -> int:
    """``append PATH KEY VALUE…``: add at the end."""
    return _editing(session, arguments, lambda c, r, name, values: c.append(r, name, values))


def merge(session: Session, arguments: list[str]) -> int:
    """``merge PATH KEY VALUE…``: add what is not there."""
    return _editing(session, arguments, lambda c, r, name, values: c.merge(r, name, values))


def change(session: Session, arguments: list[str]) -> int:
    """``change PATH KEY OLD NEW``: replace one value in its place; RecordName renames."""
    return _editing(
        session, arguments, lambda c, r, name, values: c.replace(r, name, values[0], values[1])
    )


def changei(session: Session, arguments: list[str]) -> int:
    """``changei PATH KEY INDEX NEW``: the same by a 1-based index."""
    return _editing(
        session, arguments,
        lambda c, r, name, values: c.replace_at(r, name, integer(values[0]), values[1]),
    )


def integer(text: str) -> int:
    """A number as NSString's intValue reads it: leading digits, 0 for none."""
    text = text.strip()
    sign = -1 if text[:1] == "-" else 1
    digits = text.lstrip("+-") if text[:1] in "+-" else text
    end = 0
    while end < len(digits) and digits[end] in "0123456789":
        end += 1
    return sign * int(digits[:end][:18] or "0")


def delete(session: Session, arguments: list[str]) -> int:
    """``delete PATH [KEY [VALUE…]]``: a record, an attribute, or some of its values."""
    if len(arguments) > 1:
        return _editing(session, arguments, _delete_attribute)
    return _reported(session, "delete", lambda: _delete_item(session, arguments))


def _delete_attribute(change: Change, record: Record, name: str, values: list[str]) -> None:
    if values:
        change.remove_values(record, name, values)
    else:
        change.set(record, name, [])


def _delete_item(session: Session, arguments: list[str]) -> None:
    item = session.at(arguments[0] if arguments else None)
    if isinstance(item, RecordItem):
        with session.node.change() as change:
            change.delete(_current(change, item))
        if item is session.here:
            session.stack.pop()
    elif isinstance(item, TypeItem):
        with session.node.change() as change:
            for record in change.records(item.type):
                change.delete(record)


def _reported(session: Session, what: str, work: Callable[[], None]) -> int:
    """Run a change; a status it ends with is printed the way dscl reports attribute errors."""
    try:
        work()
    except InvalidPath:
        raise
    except DSError as error:
        if error.note:
            session.outcome.complain(error.note)
        session.outcome.complain(f"<main> {what} status: {status_name(error.code)}")
        return error.code
    return 0

