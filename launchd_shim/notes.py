"""What is odd in a property list that loads all the same (spec/launchd.md 1.6).

The supervisor logs these, ``launchd-shim check`` prints them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Kinds of notes: a key or value is ignored; it has no effect here; it has part of its effect;
#: it counts, but perhaps not as meant.
IGNORED, NO_EFFECT, PARTLY, REMARK = "ignored", "no effect", "partly", "remark"


class Note:
    """One oddity: its kind, the key as the file spells it (``Sockets.Listeners.SockType``), and
    the sentence for the log."""

    __slots__ = ("key", "kind", "text")

    def __init__(self, kind: str, key: str, text: str) -> None:
        self.kind = kind
        self.key = key
        self.text = text


class Notes:
    """The notes of one property list, in the order of its keys."""

    __slots__ = ("_prefix", "items")

    def __init__(self, prefix: str = "", onto: list[Note] | None = None) -> None:
        self.items: list[Note] = [] if onto is None else onto
        self._prefix = prefix

    def within(self, key: str) -> Notes:
        """The same notes for what lies inside of a key."""
        return Notes(f"{self._prefix}{key}.", self.items)

    def ignored(self, key: str, text: str) -> None:
        """Something is read past."""
        self._add(IGNORED, key, text)

    def unknown(self, key: str, value: Any) -> None:
        """A key that launchd does not know either; the text is launchd's own."""
        self._add(IGNORED, key, f"Unknown key for {kind_of(value)}: {key}")

    def wrong_kind(self, key: str, value: Any, wanted: list[str]) -> None:
        """A known key with a value of the wrong kind, which launchd ignores."""
        self._add(IGNORED, key, f"{key} is {article(kind_of(value))}, "
                                f"not {' or '.join(article(kind) for kind in wanted)}; ignored")

    def no_effect(self, key: str, why: str) -> None:
        """A key that changes nothing here."""
        self._add(NO_EFFECT, key, f"{key} has no effect: {why}")

    def partly(self, key: str, what: str) -> None:
        """A key that does less here than on macOS."""
        self._add(PARTLY, key, f"{key}: {what}")

    def remark(self, key: str, text: str) -> None:
        """Something that counts but may not mean what its author meant."""
        self._add(REMARK, key, text)

    def _add(self, kind: str, key: str, text: str) -> None:
        self.items.append(Note(kind, self._prefix + key, text))


#: Python's type of a property list value -> the name that launchd's log gives it.
_KINDS = {"bool": "boolean", "int": "integer", "float": "real", "str": "string", "list": "array",
          "dict": "dictionary", "bytes": "data", "datetime": "date"}


def kind_of(value: Any) -> str:
    """The kind of a property list value, ``opaque`` for one that launchd has no name for."""
    return _KINDS.get(type(value).__name__, "opaque")


def article(noun: str) -> str:
    """``a string``, ``an array``."""
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"
