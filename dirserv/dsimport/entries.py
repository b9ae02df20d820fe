"""The records of an import file: text in, attribute values out.

Empty values are no values. Lines that begin with ``#`` are comments. A description may stand
between records too, so that files may be put one behind the other.
"""

from __future__ import annotations

from dirserv.dsimport import description as descriptions
from dirserv.dsimport.description import BASE64, EXTERNAL, Description
from dirserv.dsimport.fault import EX_DATAERR, Fault
from dirserv.names import META_NODE, RECORD_NAME, RECORD_TYPE, SHADOW_HASH
from dirserv.record import text as shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dirserv.dsimport.description import Column
    from dirserv.record import Attributes, Value

#: Attributes that the node computes; files that come from an export name them.
_COMPUTED = (META_NODE, RECORD_TYPE)
#: ShadowHashData is a property list even if it happens to be one in text form.
_BINARY = (SHADOW_HASH,)


class Entry:
    """One record of the file. ``fault`` says what is wrong with it, "" if nothing is."""

    __slots__ = ("type", "attributes", "fault")

    def __init__(self, type: str) -> None:
        self.type = type
        self.attributes: Attributes = {}
        self.fault = ""

    @property
    def names(self) -> list[str]:
        """Its RecordName and aliases."""
        return [shown(value) for value in self.attributes.get(RECORD_NAME, ())]


def entries(
    data: bytes, format: str | None, load: Callable[[str], bytes]
) -> Iterator[Entry]:
    """The records of a file's content.

    ``format`` is the description that the file lacks, if it does; ``load`` gives the content of a
    file that a record names, or raises OSError. Raises Fault if the file as a whole is none.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault(f"dsimport: the file is not UTF-8 text (byte {error.start})",
                    EX_DATAERR) from None
    head, newline, _ = text.partition("\n")
    if newline and head.endswith("\r"):
        text = text.replace("\r\n", "\n")  # somebody wrote the file on Windows
    for form, body in _sections(text, format):
        for record in split(body, form.end, form.escape):
            if record.strip() and not record.startswith("#"):
                yield _entry(form, record, load)


def _sections(text: str, format: str | None) -> Iterator[tuple[Description, str]]:
    """Every description with the text that it describes."""
    form = Description(format) if format is not None else None
    body: list[str] = []
    for line in text.split("\n"):
        if form is None and (not line.strip() or line.startswith("#")):
            continue
        if form is None or descriptions.starts(line):
            if form is not None:
                yield form, "\n".join(body)
            form, body = Description(line), []
        else:
            body.append(line)
    if form is None:
        raise Fault("dsimport: the file holds no record description", EX_DATAERR)
    yield form, "\n".join(body)


def split(text: str, separator: str, escape: str) -> list[str]:
    """The parts of a text between separators that no escape precedes; escapes stay."""
    if escape not in text:
        return text.split(separator)
    pieces: list[list[str]] = []
    escaped = False
    for part in text.split(separator):
        if escaped:
            pieces[-1] += separator, part
        else:
            pieces.append([part])
        # An escape may itself be escaped.
        escaped = (len(part) - len(part.rstrip(escape))) % 2 == 1
    return ["".join(piece) for piece in pieces]


def _unescape(text: str, escape: str) -> str:
    """The text without its escapes; one at the very end escapes nothing and stays."""
    if escape not in text:
        return text
    import re

    return re.sub(re.escape(escape) + "(.)", r"\1", text, flags=re.DOTALL)


def _entry(form: Description, record: str, load: Callable[[str], bytes]) -> Entry:
    entry = Entry(form.type)
    fields = split(record, form.field, form.escape)
    if len(fields) > len(form.columns):
        entry.fault = f"{len(fields)} fields, but the description names {len(form.columns)}"
    for column, field in zip(form.columns, fields, strict=False):
        if column.attribute is None or column.attribute in _COMPUTED or not field:
            continue
        try:
            values = [
                _value(column, _unescape(value, form.escape), load)
                for value in split(field, form.value, form.escape) if value
            ]
        except (OSError, ValueError) as error:
            entry.fault = f"{column.attribute}: {error}"
            continue
        entry.attributes.setdefault(column.attribute, []).extend(values)
    if not entry.fault and (not entry.names or "\0" in "".join(entry.names)):
        entry.fault = "it has no RecordName, or one with a NUL in it"
    return entry


def _value(column: Column, text: str, load: Callable[[str], bytes]) -> Value:
    """What a written value stands for. Raises ValueError or OSError."""
    if column.encoding == EXTERNAL:
        return load(text)
    if column.encoding != BASE64:
        return text.encode() if column.attribute in _BINARY else text
    from base64 import b64decode

    try:
        data = b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise ValueError("a value is not base64") from None
    if column.attribute in _BINARY:
        return data
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data
