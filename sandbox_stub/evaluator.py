"""The machine that evaluates forms: a small Scheme without continuations (spec/sandbox.md 3.1).

Calls in tail position do not nest.
"""

from __future__ import annotations

from sandbox_stub import limits
from sandbox_stub.account import Account
from sandbox_stub.errors import ProfileError
from sandbox_stub.values import Closure, Environment, Pair, Procedure, Special, Symbol, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: What a procedure of ours may ask of an argument, by the names that TinyScheme has for it.
TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: type(value) is str,
    "symbol": lambda value: type(value) is Symbol,
    "number": lambda value: type(value) in (int, float),
    "integer": lambda value: type(value) is int,
    "pair": lambda value: type(value) is Pair,
    "pair or '()": lambda value: value is None or type(value) is Pair,
    "procedure": lambda value: type(value) in (Closure, Procedure),
}


class Machine(Account):
    """An evaluation with its global variables.

    ``fallback`` gives the value of a name that nobody has defined, or None. With ``strict`` a
    name without any value is an error, else a warning and an ``Unknown``.
    """

    def __init__(
        self,
        variables: dict[str, Any],
        fallback: Callable[[str], Any] = lambda name: None,
        strict: bool = True,
    ) -> None:
        super().__init__(strict)
        self.globals = Environment(variables)
        self._fallback = fallback
        self._depth = 0

    def evaluate(self, form: Any, environment: Environment) -> Any:
        """The value of a form."""
        self._depth += 1
        if self._depth > limits.DEPTH:
            raise self.fail(f"evaluation is nested more than {limits.DEPTH} deep")
        while True:
            self._steps -= 1
            if self._steps < 0:
                self.charge(0)
            if type(form) is Symbol:
                form = self.value(form, environment)
                break
            if type(form) is not Pair:
                break
            if form.source is not None:
                self.current = form
            head = form.car
            function = (self.value(head, environment) if type(head) is Symbol
                        else self.evaluate(head, environment))
            if type(function) is Special:
                self.calling = form
                form, scope = function.run(self, form, environment)
                if scope is None:
                    break
                environment = scope
                continue
            if type(function) is Closure and function.is_macro:
                use, form = form, self.apply(function, [form])
                if type(form) is Pair and form.source is None:
                    form.source, form.offset = use.source, use.offset
                continue
            arguments = []
            cell = form.cdr
            while type(cell) is Pair:
                operand = cell.car
                kind = type(operand)
                if kind is Pair:
                    operand = self.evaluate(operand, environment)
                elif kind is Symbol:
                    operand = self.value(operand, environment)
                arguments.append(operand)
                cell = cell.cdr
            if type(function) is not Closure:
                self.calling = form
                form = self.apply(function, arguments)
                break
            form, environment = self.enter(function, arguments)
        self._depth -= 1
        return form

    def value(self, symbol: Symbol, environment: Environment | None) -> Any:
        """The value of a variable, of an operation or of a constant."""
        name = symbol.name
        while environment is not None:
            if name in environment.variables:
                return environment.variables[name]
            environment = environment.outer
        value = self._fallback(name)
        if value is None:
            return self._unbound(symbol)
        return value

    def is_bound(self, name: str) -> bool:
        """Has the name a value at top level?"""
        return name in self.globals.variables or self._fallback(name) is not None

    def _unbound(self, symbol: Symbol) -> Unknown:
        message = f"unbound variable: {symbol.name}"
        if symbol.source is None:
            self.tolerate(self.fail(message))
        else:
            position = symbol.source.position(symbol.offset)
            self.tolerate(ProfileError(message, ((position, symbol.name),), position), position)
        return Unknown(symbol.name)

    def apply(self, function: Any, arguments: list[Any]) -> Any:
        """The value of a procedure for these arguments."""
        if type(function) is Closure:
            form, environment = self.enter(function, arguments)
            return self.evaluate(form, environment)
        if not self.strict and type(function) in (Procedure, Unknown):
            unknown = _unknown((function, *arguments))
            if unknown is not None and not getattr(function, "takes_unknown", False):
                return Unknown(unknown.name, is_built=True)
        if type(function) is not Procedure:
            raise self.fail("illegal function")
        self._check(function, arguments)
        return function.function(self, *arguments)

    def _check(self, function: Procedure, arguments: list[Any]) -> None:
        count = len(arguments)
        if count < function.least or (function.most is not None and count > function.most):
            bound, limit = (("at least ", function.least) if count < function.least
                             else ("at most ", function.most))
            bound = "" if function.least == function.most else bound
            raise self.fail(f"{function.name}: needs {bound}{limit} argument(s)")
        types = function.types
        if not types:
            return
        for index, argument in enumerate(arguments):
            wanted = types[min(index, len(types) - 1)]
            if not TYPES[wanted](argument):
                raise self.fail(f"{function.name}: argument {index + 1} must be: {wanted}")

    def enter(self, closure: Closure, arguments: list[Any]) -> tuple[Any, Environment]:
        """The last form of a closure's body and where to evaluate it; what precedes it is done.

        Arguments beyond the parameters are ignored, as TinyScheme does.
        """
        variables: dict[str, Any] = {}
        names, index = closure.parameters, 0
        while type(names) is Pair:
            if index == len(arguments):
                raise self.fail("not enough arguments")
            variables[self.name(names.car)] = arguments[index]
            names, index = names.cdr, index + 1
        if names is not None:
            variables[self.name(names)] = self.listed(arguments[index:])
        environment = Environment(variables, closure.environment)
        return self.body(closure.body, environment), environment

    def body(self, forms: Any, environment: Environment) -> Any:
        """Evaluate all forms but the last; that one is given back."""
        if type(forms) is not Pair:
            return None
        while type(forms.cdr) is Pair:
            self.evaluate(forms.car, environment)
            forms = forms.cdr
        return forms.car

    def name(self, symbol: Any) -> str:
        """The name of what has to be a variable."""
        if type(symbol) is not Symbol:
            raise self.fail("variable is not a symbol")
        return symbol.name

    def listed(self, items: list[Any], tail: Any = None) -> Any:
        """A list of these items (with this tail)."""
        self.charge(len(items))
        for item in reversed(items):
            tail = Pair(item, tail)
        return tail

    def text(self, text: str) -> str:
        """A string that was computed; raises ProfileError if it is too long."""
        if len(text) > limits.STRING:
            raise self.fail(f"a string grows to more than {limits.STRING} characters")
        self.charge(len(text) // 16)
        return text


def _unknown(values: tuple[Any, ...]) -> Unknown | None:
    return next((value for value in values if type(value) is Unknown), None)
