"""launchd.plist(5): the keys of a property list, written down as if they were arguments."""

from __future__ import annotations

import argparse

from dirserv.manual import plistkeys
from dirserv.manual.describe import Row, describe
from launchd_shim import keys
from launchd_shim.keys import ACCEPTED, DONE, PARTLY, REFUSED, Key

_EFFECTS = {DONE: "", PARTLY: "Here: ", ACCEPTED: "Without effect: ", REFUSED: "Refused: "}


def launchd_plist() -> argparse.ArgumentParser:
    """The "parser" of launchd.plist(5)."""
    return describe(
        "launchd.plist", "",
        "A property list, in XML or binary form, that describes one job for launchd: what to run, "
        "as whom, and when. The case of a key does not matter. An unknown key, or a value of "
        "another type, is ignored and logged. Only Label and one of Program and ProgramArguments "
        "are required. The file must belong to root or to whoever loads it, and nobody else may "
        "write it. Every path means one inside the root. launchd-shim check says what a property "
        "list means here.",
        ("keys", _rows(keys.TOP, plistkeys.TOP)),
        ("conditions of KeepAlive", _rows(keys.KEEP_ALIVE, plistkeys.KEEP_ALIVE)),
        ("sockets", _rows(keys.SOCKET, plistkeys.SOCKET)))


def _rows(table: dict[str, Key], meanings: dict[str, str]) -> tuple[Row, ...]:
    return tuple(_row(key, meanings.get(key.name, "")) for key in table.values())


def _row(key: Key, meaning: str) -> Row:
    kinds = " or ".join(key.kinds)
    default = f" Default: {key.default}." if key.default else ""
    if key.default == "required":
        default = " Required."
    note = f"{_EFFECTS[key.effect]}{key.note}." if key.note else ""
    return f"{key.name} ({kinds})" if kinds else key.name, "", f"{meaning}{default} {note}".strip()
