"""The verbs that only look: read, readall, list, search, diff."""

from __future__ import annotations

from dirserv.dscl.items import Item, NodeItem, PlugInItem, RecordItem, ServiceItem, TypeItem, walk
from dirserv.dscl.rendering import (
    attribute_lines,
    label,
    list_lines,
    record_lines,
    record_plist,
    records_plist,
    search_lines,
)
from dirserv.errors import RECORD_NOT_FOUND
from dirserv.names import (
    NATIVE,
    REAL_NAME,
    RECORD_NAME,
    SECRETS,
    STANDARD,
    qualified,
    stored,
)
from dirserv.snapshot import INDEXED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dirserv.dscl.session import Node, Session
    from dirserv.record import Attributes, Record

#: Asking for every attribute of a kind.
_ALL = {"dsAttributesStandardAll": STANDARD, "dsAttributesNativeAll": NATIVE}


def read(session: Session, arguments: list[str]) -> int:
    """``read PATH [KEY…]``: the last component is looked up literally, not walked to."""
    if not arguments:
        return _read_item(session, session.here, [])
    path, keys = arguments[0], arguments[1:]
    parent, last = _split(path)
    item = session.at(parent)
    if last in (".", "/"):
        return _read_item(session, item, keys)
    if isinstance(item, TypeItem):
        record = item.find(last)
        if record is None:
            return RECORD_NOT_FOUND
        return _read_item(session, RecordItem(item, record), keys)
    below = item.enter(last)
    return 0 if below is None else _read_item(session, below, keys)


def _split(path: str) -> tuple[str | None, str]:
    """Where to go and what to read there. A colon belongs to a mount record, whose name has
    slashes: then the split is at the last slash before it."""
    colon = path.find(":")
    if colon >= 0:
        cut = path.rfind("/", 0, colon)
        return (None, path) if cut < 0 else (path[:cut] or "/", path[cut + 1:])
    trimmed = path.rstrip("/")
    if not trimmed:
        return "/", "/"
    parent, slash, last = trimmed.rpartition("/")
    return (parent or "/") if slash else None, last


def _read_item(session: Session, item: Item, keys: list[str]) -> int:
    if isinstance(item, RecordItem):
        _read_record(session, item, keys)
    elif isinstance(item, TypeItem):
        session.say(f"name: {item.type}")
    elif isinstance(item, NodeItem):
        _show(session, select(_node_attributes(item), keys), keys)
    elif isinstance(item, ServiceItem):
        session.say("hostname: localhost")
    return 0


def _node_attributes(item: NodeItem) -> Attributes:
    return {
        STANDARD + "NodePath": [*item.node_name.strip("/").split("/")],
        STANDARD + "ReadOnlyNode": ["ReadWrite"],
        STANDARD + "RecordType": [*item.types()],
    }


def _read_record(session: Session, item: RecordItem, keys: list[str]) -> None:
    _show(session, attributes_of(item.node, item.record, keys), keys)


def _show(session: Session, found: Attributes, keys: list[str]) -> None:
    if session.options.plist:
        session.outcome.out += record_plist(found)
        return
    session.outcome.out += record_lines(found, session.options)
    for key in dict.fromkeys(keys):
        if key not in _ALL and qualified(key) not in found:
            session.outcome.complain(f"No such key: {key}")


def attributes_of(node: Node, record: Record, keys: list[str]) -> Attributes:
    """The wanted attributes of a record (all if no key is named), secrets where one may see them,
    each under the name it was asked by."""
    known = record.described(node.name)
    if record.secret and (not keys or any(_may_be_secret(key) for key in keys)):
        known.update(node.secrets(record))
    return select(known, keys)


def _may_be_secret(key: str) -> bool:
    return key in _ALL or stored(qualified(key)) in SECRETS


def select(known: Attributes, keys: list[str]) -> Attributes:
    """The attributes that the typed keys mean."""
    if not keys:
        return known
    found: Attributes = {}
    for key in keys:
        if key in _ALL:
            found.update((name, known[name]) for name in known if name.startswith(_ALL[key]))
        elif stored(qualified(key)) in known:
            found[qualified(key)] = known[stored(qualified(key))]
    return found


def readall(session: Session, arguments: list[str]) -> int:
    """``readall TYPE [KEY…]``: every record, by name, with a dash between; elsewhere nothing."""
    item = session.at(arguments[0] if arguments else None)
    if not isinstance(item, TypeItem):
        return 0
    keys = arguments[1:]
    found = [attributes_of(item.node, record, keys) for record in _by_name(item)]
    if session.options.plist:
        session.outcome.out += records_plist(found)
    else:
        session.outcome.out += "-\n".join(
            record_lines(attributes, session.options) for attributes in found
        )
    return 0


def _by_name(item: TypeItem) -> list[Record]:
    return sorted(item.node.records(item.type), key=lambda record: record.name.lower())


def list_(session: Session, arguments: list[str]) -> int:
    """``list PATH [KEY]``: what lies below; for a type with a key, names and values."""
    item = session.at(arguments[0] if arguments else None)
    if isinstance(item, TypeItem):
        _list_type(session, item, arguments[1] if len(arguments) > 1 else None)
    elif isinstance(item, NodeItem):
        for type in item.types():
            session.say(label(type, session.options))
    elif isinstance(item, PlugInItem):
        session.say(item.node.name.rpartition("/")[2])
    elif isinstance(item, ServiceItem):
        for line in ("Local", "", "Contact", "Search"):
            session.say(line)
    return 0


def _list_type(session: Session, item: TypeItem, key: str | None) -> None:
    visible = [record for record in _by_name(item) if not record.name.startswith(".")]
    if key is None:
        for record in visible:
            session.say(record.name)
        return
    rows = [(record.name, attributes_of(item.node, record, [key])) for record in visible]
    wanted = qualified(key)
    session.outcome.out += list_lines(
        [(name, found[wanted]) for name, found in rows if found.get(wanted)], session.options
    )


def search(session: Session, arguments: list[str]) -> int:
    """``search PATH KEY VALUE``: records one of whose values is exactly VALUE."""
    path, key, value = arguments[:3]
    item = session.at(None if path == "." else path)
    if isinstance(item, TypeItem):
        types = [item]
    elif isinstance(item, NodeItem):
        types = [TypeItem(item, type) for type in item.types()]
    else:
        session.say("You can only search a node or record type path.")
        return 0
    for type in types:
        prefix = label(type.type, session.options) + "/" if item is not type else ""
        _search_type(session, type, prefix, qualified(key), value)
    return 0


def _search_type(
    session: Session, item: TypeItem, prefix: str, wanted: str, value: str
) -> None:
    attribute, node = stored(wanted), item.node
    any_case = attribute in (RECORD_NAME, REAL_NAME)
    for record in (node.holders(item.type, attribute, value) if attribute in INDEXED
                   else node.records(item.type)):
        values = attributes_of(item.node, record, [wanted]).get(wanted, [])
        if value in values or any_case and value.lower() in [str(v).lower() for v in values]:
            session.outcome.out += search_lines(
                prefix + record.name, label(wanted, session.options), values
            )


def diff(session: Session, arguments: list[str]) -> int:
    """``diff PATH PATH [KEY…]``: each attribute that differs, as the one and the other has it."""
    one, other = (_dictionary(session, path, arguments[2:]) for path in arguments[:2])
    for name in sorted({**one, **other}, key=str.lower):
        if one.get(name) != other.get(name):
            for mark, attributes in (("- ", one), ("+ ", other)):
                if name in attributes:
                    lines = attribute_lines(name, attributes[name], session.options)
                    session.outcome.out += mark + lines
    return 0


def _dictionary(session: Session, path: str, keys: list[str]) -> Attributes:
    item = walk(session.stack, path)[-1]
    if isinstance(item, RecordItem):
        return attributes_of(item.node, item.record, keys)
    return select(_node_attributes(item), keys) if isinstance(item, NodeItem) else {}

