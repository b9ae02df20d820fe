"""The keys that are structures: KeepAlive, StartCalendarInterval, inetdCompatibility.

Source: spec/launchd.md 1.3, 1.4, 3.8.
"""

from __future__ import annotations

from launchd_shim import keys, rules
from launchd_shim.filling import fill
from launchd_shim.job import KeepAlive
from launchd_shim.notes import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launchd_shim.filling import Rule
    from launchd_shim.notes import Notes

_RULES: dict[str, Rule] = {"path_state": rules.path_state, "flags": rules.flags}


def keep_alive(key: str, value: bool | dict[str, Any], notes: Notes) -> bool | KeepAlive:
    """Always, never, or under conditions. A dictionary without conditions is "never"."""
    if isinstance(value, bool):
        return value
    conditions = KeepAlive()
    fill(conditions, value, keys.KEEP_ALIVE, _RULES, notes.within(key))
    if _empty(conditions):
        notes.remark(key, f"{key} holds no condition, so it keeps nothing alive")
        return False
    return conditions


def _empty(conditions: KeepAlive) -> bool:
    return not (conditions.on_exit or conditions.path_state or conditions.other_job_enabled
                or conditions.other_job_active or conditions.after_initial_demand)


def calendar(key: str, value: Any, notes: Notes) -> list[dict[str, int]]:
    """The dictionaries of StartCalendarInterval that can be used, without their wildcards."""
    found = []
    for at, item in enumerate(value if isinstance(value, list) else [value]):
        inner = notes.within(f"{key}[{at}]") if isinstance(value, list) else notes.within(key)
        if not isinstance(item, dict):
            notes.wrong_kind(f"{key}[{at}]", item, [keys.DICT])
        elif (fields := _calendar_fields(item, inner)) is not None:
            found.append(fields)
    return found


def _calendar_fields(item: dict[str, Any], notes: Notes) -> dict[str, int] | None:
    """One dictionary; None when a value spoils all of it: no integer, or too large."""
    known = {name.lower(): name for name in keys.CALENDAR}
    fields: dict[str, int] = {}
    for key, value in item.items():
        name = known.get(key.lower())
        if name is None:
            notes.unknown(key, value)
        elif kind_of(value) != keys.INT or value > keys.CALENDAR[name]:
            notes.ignored(key, f"{key} must be an integer up to {keys.CALENDAR[name]}; "
                               "its whole dictionary is ignored")
            return None
        elif value < 0 or (value == 0 and name in ("Day", "Month")):
            notes.ignored(key, f"{key} {value} means any {name.lower()}")
        else:
            fields[name] = value
    return fields


class _Inetd:
    __slots__ = ("wait",)

    def __init__(self) -> None:
        self.wait = False


def inetd(key: str, value: dict[str, Any], notes: Notes) -> bool:
    """inetdCompatibility's Wait."""
    service = _Inetd()
    fill(service, value, keys.INETD, {}, notes.within(key))
    return service.wait
