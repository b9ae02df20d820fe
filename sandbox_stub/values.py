"""What the language computes with, and how it is printed.

Strings, integers, reals and booleans are Python's own; ``()`` and "nothing" are None.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from sandbox_stub.profile import Position

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_LONGEST_PRINT = 2000


class Source:
    """A text with the name of its file; knows the line and column of an offset."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        # The last answer: questions come in rising order, so only what lies between is counted.
        self._offset = 0
        self._line = 1

    def position(self, offset: int) -> Position:
        """(file, line, column) as Apple counts: from 1, and in bytes."""
        if offset < self._offset:
            self._offset, self._line = 0, 1
        self._line += self.text.count("\n", self._offset, offset)
        self._offset = offset
        start = self.text.rfind("\n", 0, offset) + 1
        column = len(self.text[start:offset].encode("utf-8", "surrogateescape")) + 1
        return self.file, self._line, column


class Symbol:
    """A name, at the place in a text where it was read; without a source if it was computed."""

    __slots__ = ("name", "offset", "source")

    def __init__(self, name: str, source: Source | None = None, offset: int = 0) -> None:
        self.name = name
        self.source = source
        self.offset = offset


class Pair:
    """A cell of a list; the first cell of a form that was read knows where that form begins."""

    __slots__ = ("car", "cdr", "offset", "source")

    def __init__(
        self, car: Any, cdr: Any, source: Source | None = None, offset: int = 0
    ) -> None:
        self.car = car
        self.cdr = cdr
        self.source = source
        self.offset = offset

    def __iter__(self) -> Iterator[Any]:
        cell = self
        while type(cell) is Pair:
            yield cell.car
            cell = cell.cdr


class Char(str):
    """A character (``#\\a``), which is no string."""

    __slots__ = ()


class Constant:
    """A word with a meaning to some filter: ``tcp``, ``self``, ``REGULAR-FILE``, ``SYS_open``."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Operation(Constant):
    """The name of an operation, in its canonical form."""

    __slots__ = ()


class Modifier:
    """``(with NAME VALUE …)``."""

    __slots__ = ("name", "values")

    def __init__(self, name: str, values: tuple[str, ...]) -> None:
        self.name = name
        self.values = values


class Unknown:
    """What a lenient reading makes of a name that it does not know, and of all built from it."""

    __slots__ = ("is_built", "name")

    def __init__(self, name: str, is_built: bool = False) -> None:
        self.name = name
        self.is_built = is_built


class Environment:
    """Variables of a scope, and the scope around it."""

    __slots__ = ("outer", "variables")

    def __init__(self, variables: dict[str, Any], outer: Environment | None = None) -> None:
        self.variables = variables
        self.outer = outer


class Special:
    """A form that gets its operands unevaluated.

    ``run(machine, form, environment)`` gives a value and None, or what to evaluate instead and
    where (so that loops do not nest).
    """

    __slots__ = ("name", "run")

    def __init__(self, name: str, run: Callable[..., tuple[Any, Environment | None]]) -> None:
        self.name = name
        self.run = run


class Procedure:
    """A procedure of ours: ``least`` to ``most`` (None: any number of) arguments.

    ``types`` are the names of what the arguments must be, the last one for all that follow.
    Only one that ``takes_unknown`` is called with an ``Unknown``.
    """

    __slots__ = ("function", "least", "most", "name", "takes_unknown", "types")

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        least: int = 0,
        most: int | None = None,
        types: tuple[str, ...] = (),
        takes_unknown: bool = False,
    ) -> None:
        self.name = name
        self.takes_unknown = takes_unknown
        self.function = function
        self.least = least
        self.most = most
        self.types = types


class Closure:
    """A procedure of the profile's; as a macro it gets the form and gives what to evaluate."""

    __slots__ = ("body", "environment", "is_macro", "parameters")

    def __init__(
        self, parameters: Any, body: Any, environment: Environment, is_macro: bool = False
    ) -> None:
        self.parameters = parameters
        self.body = body
        self.environment = environment
        self.is_macro = is_macro


def printed(value: Any) -> str:
    """A value as the language writes it, cut where it becomes unreasonably long."""
    parts: list[str] = []
    _print(value, parts)
    text = "".join(parts)
    return text if len(text) <= _LONGEST_PRINT else text[:_LONGEST_PRINT] + "..."


def shown(value: Any) -> str:
    """A value as ``error`` shows it: a string without its quotes."""
    return value if type(value) is str else printed(value)


def _print(value: Any, parts: list[str]) -> None:
    if type(value) is not Pair:
        parts.append(_atom(value))
        return
    for cell in _cells(value):
        parts.append("(" if cell is value else " ")
        _print(cell.car, parts)
        if len(parts) > _LONGEST_PRINT:
            return
    if cell.cdr is not None:
        parts.append(" . " + _atom(cell.cdr))
    parts.append(")")


def _cells(cell: Any) -> Iterator[Pair]:
    while type(cell) is Pair:
        yield cell
        cell = cell.cdr


def _atom(value: Any) -> str:
    if value is None:
        return "()"
    if value is True or value is False:
        return "#t" if value else "#f"
    if type(value) is str:
        return '"' + "".join(_ESCAPES.get(letter, letter) for letter in value) + '"'
    if type(value) is Char:
        return "#\\" + value
    if isinstance(value, (Symbol, Constant, Unknown)):
        return value.name
    if isinstance(value, (Procedure, Special)):
        return f"#<PROCEDURE {value.name}>"
    return "#<MACRO>" if getattr(value, "is_macro", False) else _compound(value)


def _compound(value: Any) -> str:
    return "#<CLOSURE>" if type(value) is Closure else str(value)
