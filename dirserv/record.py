"""A record: its type and its ordered, multi-valued attributes."""

from __future__ import annotations

from dirserv.names import META_NODE, RECORD_NAME, RECORD_TYPE

TYPE_CHECKING = False
if TYPE_CHECKING:
    #: Text, or bytes that are not UTF-8 text (photos, password hashes).
    Value = str | bytes
    Attributes = dict[str, list[Value]]

LOCAL_NODE = "/Local/Default"


class Record:
    """One record of the local node.

    ``attributes`` maps stored attribute names to value lists, without the secret ones: those are
    only named, in ``secret``. ``plist`` is the signature of the record's file in the dslocal
    node as we last wrote or read it, None where the type has no files.
    """

    __slots__ = ("id", "type", "attributes", "secret", "plist")

    def __init__(
        self,
        id: int,
        type: str,
        attributes: Attributes,
        secret: tuple[str, ...] = (),
        plist: tuple[int, ...] | None = None,
    ) -> None:
        self.id = id
        self.type = type
        self.attributes = attributes
        self.secret = secret
        self.plist = plist

    @property
    def name(self) -> str:
        """The first RecordName."""
        return text(self.attributes[RECORD_NAME][0])

    @property
    def names(self) -> list[str]:
        """Every RecordName: the name and its aliases."""
        return [text(value) for value in self.attributes[RECORD_NAME]]

    def values(self, attribute: str) -> list[str]:
        """The values of a stored attribute as text; empty if it is absent."""
        return [text(value) for value in self.attributes.get(attribute, ())]

    def first(self, attribute: str, default: str = "") -> str:
        """The first value of a stored attribute."""
        values = self.attributes.get(attribute)
        return text(values[0]) if values else default

    def number(self, attribute: str) -> int | None:
        """The first value as a signed id, None if it is absent or not a number."""
        return signed_id(self.first(attribute))

    def described(self, node: str = LOCAL_NODE) -> Attributes:
        """All attributes including the two that the node computes."""
        return {**self.attributes, META_NODE: [node], RECORD_TYPE: [self.type]}

    def copy(self) -> Record:
        """A copy whose attributes may be changed without touching this one's."""
        return Record(self.id, self.type, dict(self.attributes), self.secret, self.plist)


def text(value: Value) -> str:
    """A value as text; bytes that are no text as the hex groups in which they are printed."""
    if isinstance(value, str):
        return value
    digits = value.hex()
    return " ".join(digits[i:i + 8] for i in range(0, len(digits), 8))


def signed_id(value: str) -> int | None:
    """A uid or gid as Apple prints it: 32 bits, signed (4294967294 is -2); None if it is none."""
    digits = value[1:] if value[:1] == "-" else value
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 10:
        return None
    number = int(value)
    if not -(1 << 31) <= number < 1 << 32:
        return None
    return number - (1 << 32) if number >= 1 << 31 else number
