"""The procedures of the Scheme part: lists, strings, numbers, equality (spec/sandbox.md 3.2)."""

from __future__ import annotations

from sandbox_stub.forms import is_same
from sandbox_stub.values import Char, Closure, Pair, Procedure, Symbol, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sandbox_stub.evaluator import Machine

_LIST = "pair or '()"
#: Integers are C longs.
_MODULUS = 1 << 64


def _wrapped(number: Any) -> Any:
    if type(number) is int and not -(1 << 63) <= number < 1 << 63:
        return (number + (1 << 63)) % _MODULUS - (1 << 63)
    return number


def items(machine: Machine, value: Any) -> list[Any]:
    """The elements of a list, paid for; raises ProfileError for an endless or dotted one."""
    found = []
    while type(value) is Pair:
        machine.charge(1)
        found.append(value.car)
        value = value.cdr
    if value is not None:
        raise machine.fail("not a proper list")
    return found


def _append(machine: Machine, *lists: Any) -> Any:
    if not lists:
        return None
    tail = lists[-1]
    for each in reversed(lists[:-1]):
        tail = machine.listed(items(machine, each), tail)
    return tail


def _member(machine: Machine, key: Any, list: Any) -> Any:
    while type(list) is Pair:
        if is_equal(machine, key, list.car):
            return list
        list = list.cdr
    return False


def _assoc(machine: Machine, key: Any, list: Any) -> Any:
    for entry in items(machine, list):
        if type(entry) is Pair and is_equal(machine, key, entry.car):
            return entry
    return False


def is_equal(machine: Machine, one: Any, other: Any) -> bool:
    """``equal?``: the same structure of equal atoms."""
    while type(one) is Pair and type(other) is Pair:
        machine.charge(1)
        if not is_equal(machine, one.car, other.car):
            return False
        one, other = one.cdr, other.cdr
    return is_same(one, other)


def _map(machine: Machine, function: Any, *lists: Any) -> Any:
    columns = zip(*[items(machine, each) for each in lists])
    return machine.listed([machine.apply(function, list(column)) for column in columns])


def _for_each(machine: Machine, function: Any, *lists: Any) -> bool:
    _map(machine, function, *lists)
    return True


def _apply(machine: Machine, function: Any, *arguments: Any) -> Any:
    last = arguments[-1] if arguments else None
    return machine.apply(function, [*arguments[:-1], *items(machine, last)])


def _list_ref(machine: Machine, list: Any, index: int) -> Any:
    found = items(machine, list)
    if not 0 <= index < len(found):
        raise machine.fail("list-ref: index out of bounds")
    return found[index]


def _substring(machine: Machine, text: str, start: int, end: int | None = None) -> str:
    end = len(text) if end is None else end
    if not 0 <= start <= end <= len(text):
        raise machine.fail("substring: end out of bounds: " + str(end))
    return machine.text(text[start:end])


def _string_ref(machine: Machine, text: str, index: int) -> Char:
    if not 0 <= index < len(text):
        raise machine.fail(f"string-ref: out of bounds: {index}")
    return Char(text[index])


def _string_to_number(machine: Machine, text: str) -> int | float | bool:
    try:
        return _wrapped(int(text)) if len(text) < 20 else False
    except ValueError:
        return False


def _error(machine: Machine, *values: Any) -> None:
    raise machine.fail(" ".join(shown(value) for value in values))


def _is_defined(machine: Machine, symbol: Symbol) -> bool:
    return machine.is_bound(symbol.name)


def _divided(machine: Machine, name: str, one: int, other: int) -> tuple[int, int]:
    if other == 0:
        raise machine.fail(f"{name}: division by zero")
    quotient = abs(one) // abs(other) * (1 if (one < 0) == (other < 0) else -1)
    return _wrapped(quotient), one - quotient * other


def _sum(machine: Machine, *numbers: Any) -> Any:
    return _wrapped(sum(numbers))


def _difference(machine: Machine, first: Any, *rest: Any) -> Any:
    return _wrapped(first - sum(rest)) if rest else _wrapped(-first)


def _product(machine: Machine, *numbers: Any) -> Any:
    product = 1
    for number in numbers:
        product = _wrapped(product * number)
    return product


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    def holds(machine: Machine, *values: Any) -> bool:
        return all(compare(one, other) for one, other in zip(values, values[1:]))
    return holds


def _pure(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of its arguments alone as a primitive."""
    return lambda machine, *arguments: function(*arguments)


#: name -> function, least and most arguments (None: any number), what they have to be
_TABLE: dict[str, tuple[Callable[..., Any], int, int | None, tuple[str, ...]]] = {
    "cons": (_pure(Pair), 2, 2, ()),
    "car": (_pure(lambda pair: pair.car), 1, 1, ("pair",)),
    "cdr": (_pure(lambda pair: pair.cdr), 1, 1, ("pair",)),
    "list": (lambda machine, *values: machine.listed(list(values)), 0, None, ()),
    "null?": (_pure(lambda value: value is None), 1, 1, ()),
    "pair?": (_pure(lambda value: type(value) is Pair), 1, 1, ()),
    "list?": (_pure(lambda value: value is None or type(value) is Pair), 1, 1, ()),
    "append": (_append, 0, None, ()),
    "reverse": (lambda machine, list: machine.listed(items(machine, list)[::-1]), 1, 1, (_LIST,)),
    "length": (lambda machine, list: len(items(machine, list)), 1, 1, (_LIST,)),
    "list-ref": (_list_ref, 2, 2, ()),
    "member": (_member, 2, 2, ()),
    "memq": (_member, 2, 2, ()),
    "memv": (_member, 2, 2, ()),
    "assoc": (_assoc, 2, 2, ()),
    "assq": (_assoc, 2, 2, ()),
    "assv": (_assoc, 2, 2, ()),
    "map": (_map, 2, None, ("procedure", _LIST)),
    "for-each": (_for_each, 2, None, ("procedure", _LIST)),
    "apply": (_apply, 1, None, ()),
    "eq?": (_pure(is_same), 2, 2, ()),
    "eqv?": (_pure(is_same), 2, 2, ()),
    "equal?": (is_equal, 2, 2, ()),
    "not": (_pure(lambda value: value is False), 1, 1, ()),
    "string?": (_pure(lambda value: type(value) is str), 1, 1, ()),
    "symbol?": (_pure(lambda value: type(value) is Symbol), 1, 1, ()),
    "number?": (_pure(lambda value: type(value) in (int, float)), 1, 1, ()),
    "boolean?": (_pure(lambda value: value is True or value is False), 1, 1, ()),
    "procedure?": (_pure(lambda value: type(value) in (Closure, Procedure)), 1, 1, ()),
    "string-append": (lambda machine, *texts: machine.text("".join(texts)), 0, None, ("string",)),
    "string-length": (_pure(len), 1, 1, ("string",)),
    "string-ref": (_string_ref, 2, 2, ("string", "integer")),
    "substring": (_substring, 2, 3, ("string", "integer")),
    "string=?": (_ordered(lambda one, other: one == other), 2, None, ("string",)),
    "string<?": (_ordered(lambda one, other: one < other), 2, None, ("string",)),
    "string->number": (_string_to_number, 1, 1, ("string",)),
    "number->string": (_pure(str), 1, 1, ("number",)),
    "string->symbol": (_pure(Symbol), 1, 1, ("string",)),
    "symbol->string": (_pure(lambda symbol: symbol.name), 1, 1, ("symbol",)),
    "=": (_ordered(lambda one, other: one == other), 1, None, ("number",)),
    "<": (_ordered(lambda one, other: one < other), 1, None, ("number",)),
    ">": (_ordered(lambda one, other: one > other), 1, None, ("number",)),
    "<=": (_ordered(lambda one, other: one <= other), 1, None, ("number",)),
    ">=": (_ordered(lambda one, other: one >= other), 1, None, ("number",)),
    "+": (_sum, 0, None, ("number",)),
    "-": (_difference, 1, None, ("number",)),
    "*": (_product, 0, None, ("number",)),
    "quotient": (lambda machine, *pair: _divided(machine, "quotient", *pair)[0], 2, 2,
                 ("integer",)),
    "remainder": (lambda machine, *pair: _divided(machine, "remainder", *pair)[1], 2, 2,
                  ("integer",)),
    "defined?": (_is_defined, 1, 1, ("symbol",)),
    "error": (_error, 0, None, ()),
}

PRIMITIVES = {name: Procedure(name, *entry) for name, entry in _TABLE.items()}
