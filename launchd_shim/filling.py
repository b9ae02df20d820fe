"""Puts the values of a property list's dictionary where a table of keys says.

One walk serves the top level, KeepAlive and the sockets: keys in any case, unknown ones and
wrong kinds noted and read past (spec/launchd.md 1.1).
"""

from __future__ import annotations

from launchd_shim import keys
from launchd_shim.notes import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from launchd_shim.keys import Key
    from launchd_shim.notes import Notes

    #: (key as the file spells it, value, notes) -> the value for the field; None leaves the
    #: default, and the rule has noted why.
    Rule = Callable[[str, Any, Notes], Any]


def fill(target: object, values: dict[str, Any], table: Mapping[str, Key],
         rules: Mapping[str, Rule], notes: Notes) -> None:
    """Set the fields of ``target`` from ``values``; what does not fit goes to ``notes``."""
    for name, value in chosen(values, table, notes).items():
        key = table.get(name.lower())
        if key is None:
            _note_unknown(name, value, notes)
        elif key.kinds and kind_of(value) not in key.kinds:
            notes.wrong_kind(name, value, key.kinds)
        else:
            if value is not False:
                _note_effect(name, key, notes)
            converted = rules[key.rule](name, value, notes) if key.rule else value
            if key.field and converted is not None:
                _set(target, key.field, converted)


def chosen(values: dict[str, Any], table: Mapping[str, Key], notes: Notes) -> dict[str, Any]:
    """The values without keys that differ from another one only in case.

    The documented spelling wins, else the first.
    """
    by_name: dict[str, str] = {}
    for name in values:
        known = table.get(name.lower())
        exact = known is not None and known.name == name
        first = by_name.get(name.lower())
        if first is None or exact:
            by_name[name.lower()] = name
        if first is not None:
            lost = first if exact else name
            notes.ignored(lost, f"{lost} is there as {by_name[name.lower()]} as well; ignored")
    return {name: values[name] for name in values if by_name[name.lower()] == name}


def lookup(values: dict[str, Any], name: str) -> Any:
    """The value of a key in any case, None when there is none."""
    if name in values:
        return values[name]
    wanted = name.lower()
    return next((value for key, value in values.items() if key.lower() == wanted), None)


def _note_effect(name: str, key: Key, notes: Notes) -> None:
    if key.effect in (keys.ACCEPTED, keys.REFUSED):
        notes.no_effect(name, key.note)
    elif key.effect == keys.PARTLY:
        notes.partly(name, key.note)


def _note_unknown(name: str, value: Any, notes: Notes) -> None:
    if name.startswith(keys.PRIVATE_PREFIX):
        notes.no_effect(name, "internal to Apple's system")
    else:
        notes.unknown(name, value)


def _set(target: object, field: str, value: Any) -> None:
    """Set ``a`` or ``part.a``."""
    part, _, name = field.rpartition(".")
    setattr(getattr(target, part) if part else target, name, value)
