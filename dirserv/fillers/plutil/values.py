"""The values of plutil -insert and -replace: ``-TYPE TEXT`` on the command line."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any

from dirserv.fillers.plutil.fault import Fault, Unreadable
from dirserv.fillers.plutil.formats import measure, parse_plist


def _integer(text: str) -> int:
    """Its leading digits, as NSString's integerValue reads them; 64 bits hold no more."""
    # Twenty digits are beyond 64 bits; Python refuses to count in thousands of them.
    found = re.match(r"\s*([-+]?)0*(\d{1,20})", text)
    number = int(found[1] + found[2]) if found else 0
    return max(-(1 << 63), min(number, (1 << 63) - 1))


def _float(text: str) -> float:
    found = re.match(r"\s*([-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?)", text)
    return float(found[1]) if found else 0.0


def _data(text: str) -> bytes:
    try:
        return base64.b64decode(re.sub(r"[^A-Za-z0-9+/=]", "", text))
    except binascii.Error as error:
        raise Fault("Invalid base64 data in argument") from error


def _date(text: str) -> Any:
    try:
        return parse_plist(f"<plist><date>{text}</date></plist>".encode())[0]
    except Unreadable as error:
        raise Fault(f"-date needs a date such as 2026-01-31T12:00:00Z, not {text}") from error


def _xml(text: str) -> Any:
    try:
        return parse_plist(text.encode("utf-8", "surrogateescape"))[0]
    except Unreadable as error:
        raise Fault(f"Unable to parse xml property list: {error}") from error


def _json(text: str) -> Any:
    try:
        value = json.loads(text)
        measure(value)
        return value
    except (ValueError, RecursionError, Unreadable) as error:
        raise Fault(f"Unable to parse JSON: {error}") from error


_READERS: dict[str, Callable[[str], Any]] = {
    "-bool": lambda text: text.lower() in ("true", "yes"),
    "-integer": _integer,
    "-float": _float,
    "-string": str,
    "-date": _date,
    "-data": _data,
    "-xml": _xml,
    "-json": _json,
}

_EMPTY: dict[str, Callable[[], Any]] = {"-dictionary": dict, "-array": list}

_INCOMPLETE = "'Insert' and 'Replace' require a key path, a type, and a value."


def take(arguments: list[str]) -> tuple[str, Any]:
    """Take the key path and the value off the front of ``arguments``; raises Fault."""
    if len(arguments) < 2:
        raise Fault(_INCOMPLETE)
    path, kind = arguments.pop(0), arguments.pop(0)
    if kind in _EMPTY:
        return path, _EMPTY[kind]()
    if kind not in _READERS:
        raise Fault(f"Unknown insert or replace type {kind}")
    if not arguments:
        raise Fault(_INCOMPLETE)
    return path, _READERS[kind](arguments.pop(0))
