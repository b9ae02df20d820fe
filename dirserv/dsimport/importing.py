"""Putting the records of a file into the directory, by one of the five modes.

Sources: dsimport(1) for the modes; what is new in a user without id or group, and that a record
which cannot be imported does not stop the others, is known from mkuser (spec/dirserv.md 5.7).
"""

from __future__ import annotations

from dirserv.dsimport.undo import Undo
from dirserv.errors import (
    INVALID_RECORD_NAME,
    OPERATION_FAILED,
    PARAMETER,
    RECORD_EXISTS,
    RECORD_NOT_FOUND,
    DSError,
)
from dirserv.identities import IDS
from dirserv.names import (
    AUTHENTICATION_AUTHORITY,
    GENERATED_UID,
    MASTER_PASSWORD,
    NATIVE,
    PASSWORD,
    PRIMARY_GROUP_ID,
    REAL_NAME,
    RECORD_NAME,
    SHADOW_HASH,
    STANDARD,
    USERS,
)
from dirserv.record import signed_id
from dirserv.snapshot import INDEXED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from dirserv.change import Change
    from dirserv.dsimport.entries import Entry
    from dirserv.dsimport.options import Options
    from dirserv.dsimport.report import Report
    from dirserv.record import Attributes, Record, Value

#: The method by which an old password server authenticates: nothing that a record keeps.
_METHOD = NATIVE + "AuthMethod", STANDARD + "AuthMethod"
_CRYPT = "{CRYPT}"
#: Password values that are no passwords.
_MARKS = ("*", "********")
#: Apple's rule for short names.
_NAME_CHARS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")


class Import:
    """One import into an open change; results go to the report."""

    def __init__(
        self, change: Change, options: Options, report: Report, entries: list[Entry]
    ) -> None:
        self._change = change
        self._options = options
        self._report = report
        self._undo = Undo(change)
        #: Record type -> ids in use, also those that later records of the file ask for.
        self._ids: dict[str, set[int | None]] = {}
        for type, attribute in IDS.items():
            self._ids[type] = {record.number(attribute) for record in change.records(type)} | {
                _id(entry.attributes, attribute) for entry in entries if entry.type == type
            }

    def add(self, entry: Entry) -> None:
        """Import one record, wholly or not at all.

        Raises DSError only if the database itself fails.
        """
        name = (entry.names or [""])[0]
        if entry.fault:
            self._report.failed(name, entry.fault)
            return
        self._undo = Undo(self._change)
        try:
            done = _MODES[self._options.mode](self, entry)
        except DSError as error:
            if error.code == OPERATION_FAILED:
                raise
            self._undo()
            self._report.failed(name, str(error), error.code == INVALID_RECORD_NAME)
            return
        if done:
            self._report.succeeded(entry.type, name)

    # -- the modes: whether the record is there now --------------------------------------------

    def overwrite(self, entry: Entry) -> bool:
        """O: whatever has one of the names or the id of the record makes room for it."""
        _check_name(entry)
        rivals = self._rivals(entry)
        for record in rivals:
            self._undo.gone(record)
            self._change.delete(record)
        done = self._create(entry)
        self._report.deleted([record.name for record in rivals])
        return done

    def merge(self, entry: Entry) -> bool:
        """M: the values of the file win; names are added. A record that is not there is made."""
        record = self._change.find(entry.type, entry.names[0])
        if record is None:
            return self._create(entry)
        return self._edit(record, entry, self._change.set)

    def ignore(self, entry: Entry) -> bool:
        """I: only a record that nothing there resembles is imported."""
        if self._rivals(entry, (REAL_NAME,)):
            raise DSError(RECORD_EXISTS)
        return self._create(entry)

    def append(self, entry: Entry) -> bool:
        """A: values that are not there yet are added; nothing is made."""
        record = self._change.find(entry.type, entry.names[0])
        if record is None:
            raise DSError(RECORD_NOT_FOUND)
        return self._edit(record, entry, self._change.merge)

    def no_check(self, entry: Entry) -> bool:
        """N: as if nothing were there, so what is there makes it fail."""
        return self._create(entry)

    def _rivals(self, entry: Entry, more: tuple[str, ...] = ()) -> list[Record]:
        """The records that have a name, the id or the UUID of an entry."""
        found = [self._change.find(entry.type, name) for name in entry.names]
        unique = [GENERATED_UID, *more, *(IDS[type] for type in IDS if type == entry.type)]
        for name in unique:
            for value in entry.attributes.get(name, ())[:1]:
                found += self._holders(entry.type, name, value)
        return list({record.id: record for record in found if record is not None}.values())

    def _holders(self, type: str, name: str, value: Value) -> list[Record]:
        """The records whose first value of an attribute compares equal."""
        among = (self._change.holders(type, name, value) if name in INDEXED
                 else self._change.records(type))
        return [record for record in among if record.attributes.get(name)
                and _comparable(record.attributes[name][0]) == _comparable(value)]

    # -- filling records -----------------------------------------------------------------------

    def _create(self, entry: Entry) -> bool:
        _check_name(entry)
        record = self._change.new(entry.type, entry.names[0])
        if record is None:
            return False  # an over-long name: no error and no record, as on macOS
        self._undo.made(record)
        self._fill(record, {**self._defaults(entry), **entry.attributes}, self._change.set)
        return True

    def _edit(self, record: Record, entry: Entry, put: Callable[..., None]) -> bool:
        self._undo.keep(record)
        self._fill(record, entry.attributes, put)
        return True

    def _defaults(self, entry: Entry) -> Attributes:
        """The id and the primary group of a record whose file has none."""
        attributes: Attributes = {}
        id = IDS.get(entry.type)
        if id is not None and id not in entry.attributes:
            attributes[id] = [str(self._next_id(entry.type))]
        if entry.type == USERS:
            attributes[PRIMARY_GROUP_ID] = [self._options.group]
        return attributes

    def _next_id(self, type: str) -> int:
        used, id = self._ids[type], self._options.first_id
        while id in used:
            id += 1
        used.add(id)
        return id

    def _fill(self, record: Record, attributes: Attributes, put: Callable[..., None]) -> None:
        wanted = {**attributes}
        wanted.update((name, [value]) for name, value in self._options.forced.items())
        password = wanted.pop(PASSWORD, []) if record.type == USERS else []
        self._change.merge(record, RECORD_NAME, wanted.pop(RECORD_NAME, []))
        for attribute, values in wanted.items():
            if attribute not in _METHOD:
                put(record, attribute, values)
        if SHADOW_HASH in wanted:
            self._let_authenticate(record)
        if password:
            self._set_password(record, str(password[0]))

    def _let_authenticate(self, record: Record) -> None:
        """A hash is of use only with an authority that says so."""
        from dirserv.passwords import SHADOW_AUTHORITY

        authority = record.values(AUTHENTICATION_AUTHORITY)
        if not any(";ShadowHash;" in value for value in authority):
            self._change.set(record, AUTHENTICATION_AUTHORITY, [SHADOW_AUTHORITY, *authority])

    def _set_password(self, record: Record, password: str) -> None:
        """A password in clear becomes a shadow hash; a crypt(3) hash goes where those are kept:
        into master.passwd, out of everybody's sight."""
        from dirserv.passwords import set_password

        if password in _MARKS:
            self._change.set(record, PASSWORD, [password])
        elif self._options.crypt or password.startswith(_CRYPT):
            hashed = password.removeprefix(_CRYPT)
            if any(char in hashed for char in ":\n\r\0"):
                raise DSError(PARAMETER, "its crypt(3) hash is none")
            self._change.set(record, MASTER_PASSWORD, [f"{hashed}::0:0"])
        else:
            set_password(self._change, record, password)


_MODES = {"O": Import.overwrite, "M": Import.merge, "I": Import.ignore, "A": Import.append,
          "N": Import.no_check}


def _check_name(entry: Entry) -> None:
    if entry.type == USERS and not _NAME_CHARS.issuperset(entry.names[0]):
        raise DSError(INVALID_RECORD_NAME)


def _id(attributes: Attributes, attribute: str) -> int | None:
    values = attributes.get(attribute)
    return signed_id(str(values[0])) if values else None


def _comparable(value: object) -> object:
    """A value as it is compared: numbers by what they are, text in any case."""
    number = signed_id(str(value))
    return str(value).lower() if number is None else number
