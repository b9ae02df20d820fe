"""The first line of an import file: which characters separate, which attributes follow.

``0x0A 0x5C 0x3A 0x2C dsRecTypeStandard:Users 2 RecordName base64:JPEGPhoto``: end of record,
escape, field and value separators, record type, number of attributes, their names. Source:
spec/dirserv.md 5.7 and Apple's guide for macOS Server (the shorthands).
"""

from __future__ import annotations

from dirserv.dsimport.fault import EX_DATAERR, Fault
from dirserv.names import STANDARD_TYPE, qualified, record_type, stored

_USER = ("0x0A 0x5C 0x3A 0x2C dsRecTypeStandard:Users 7 RecordName Password UniqueID "
         "PrimaryGroupID RealName NFSHomeDirectory UserShell")
_GROUP = ("0x0A 0x5C 0x3A 0x2C dsRecTypeStandard:Groups 4 RecordName Password PrimaryGroupID "
          "GroupMembership")

#: Word in a file -> the description it stands for.
SHORTHANDS = {"StandardUserRecord": _USER, "StandardGroupRecord": _GROUP}
#: --template NAME -> the same; the names of 10.5 too.
TEMPLATES = {"StandardUser": _USER, "StandardGroup": _GROUP, "xDSStandardUser": _USER,
             "xDSStandardGroup": _GROUP, **SHORTHANDS}

#: How a value is written: base64, or as the path of a file that holds it.
BASE64, EXTERNAL = "base64", "externalbinary"
#: The name of a field that is passed over.
IGNORED = "IGNORE"


class Column:
    """One attribute of the description: its stored name, and how values are written."""

    __slots__ = ("attribute", "encoding")

    def __init__(self, text: str) -> None:
        prefix, colon, bare = text.partition(":")
        coded = bool(colon) and prefix.lower() in (BASE64, EXTERNAL)
        self.encoding = prefix.lower() if coded else ""
        name = bare if coded else text
        #: None for a field that is passed over.
        self.attribute = None if name == IGNORED else stored(qualified(name))


class Description:
    """A record description. Raises Fault for a text that is none."""

    __slots__ = ("end", "escape", "field", "value", "type", "columns")

    def __init__(self, text: str) -> None:
        words = SHORTHANDS.get(text.strip(), text).split()
        if len(words) < 7:
            raise Fault("dsimport: the first line is no record description: four separators like "
                        "0x0A, a record type, a number and attribute names", EX_DATAERR)
        self.end, self.escape, self.field, self.value = map(_separator, words[:4])
        if len({self.end, self.escape, self.field, self.value}) < 4:
            raise Fault("dsimport: two of the separators are the same character", EX_DATAERR)
        self.type = typed(words[4])
        count, names = words[5], words[6:]
        if count != str(len(names)):
            raise Fault(f"dsimport: the description says {count} attributes and names "
                        f"{len(names)}", EX_DATAERR)
        self.columns = [Column(name) for name in names]


def starts(line: str) -> bool:
    """Whether a line is a record description."""
    words = line.split(None, 5)
    if words[:1] and words[0] in SHORTHANDS:
        return len(words) == 1
    return len(words) >= 5 and all(word[:2].lower() == "0x" for word in words[:4])


def typed(text: str) -> str:
    """The record type for a name; Apple's guides also write DSRecTypeStandard."""
    standard = text[:len(STANDARD_TYPE)].lower() == STANDARD_TYPE.lower()
    type = record_type(text[len(STANDARD_TYPE):] if standard else text)
    if type is None:
        raise Fault(f"dsimport: the local node has no record type {text}", EX_DATAERR)
    return type


def _separator(text: str) -> str:
    """The character for a word like 0x0A; only ASCII ones separate."""
    digits = text[2:]
    if text[:2].lower() != "0x" or not digits or digits.strip("0123456789abcdefABCDEF"):
        raise Fault(f"dsimport: {text} is no separator; write one like 0x0A", EX_DATAERR)
    number = int(digits[-8:], 16) if len(digits) <= 8 else 128
    if number > 127:
        raise Fault(f"dsimport: the separator {text} is no ASCII character", EX_DATAERR)
    return chr(number)
