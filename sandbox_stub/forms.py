"""The special forms of the Scheme part: binding, conditions, quotation, macros."""

from __future__ import annotations

from sandbox_stub.values import Closure, Environment, Pair, Special, Symbol, Unknown, printed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sandbox_stub.evaluator import Machine

    Next = tuple[Any, Environment | None]


def operands(machine: Machine, form: Any, least: int) -> list[Any]:
    """What stands behind the head of a form; raises ProfileError if it is too little."""
    found = list(form.cdr) if type(form.cdr) is Pair else []
    if len(found) < least:
        raise machine.fail(f"syntax error in {printed(form.car)}")
    return found


def _tail(form: Any, count: int) -> Any:
    """The rest of a form behind that many cells."""
    for _ in range(count):
        form = form.cdr
    return form


def _quote(machine: Machine, form: Any, environment: Environment) -> Next:
    return operands(machine, form, 1)[0], None


def _define(machine: Machine, form: Any, environment: Environment) -> Next:
    target, *values = operands(machine, form, 1)
    if type(target) is Pair:
        name = machine.name(target.car)
        value: Any = Closure(target.cdr, _tail(form, 2), environment)
    else:
        name = machine.name(target)
        value = machine.evaluate(values[0], environment) if values else None
    environment.variables[name] = value
    return Symbol(name), None


def _set(machine: Machine, form: Any, environment: Environment) -> Next:
    target, value = operands(machine, form, 2)[:2]
    name = machine.name(target)
    value = machine.evaluate(value, environment)
    scope: Environment | None = environment
    while scope is not None and name not in scope.variables:
        scope = scope.outer
    if scope is None:
        raise machine.fail(f"set!: unbound variable: {name}")
    scope.variables[name] = value
    return value, None


def _lambda(machine: Machine, form: Any, environment: Environment) -> Next:
    parameters = operands(machine, form, 1)[0]
    return Closure(parameters, _tail(form, 2), environment), None


def _macro(machine: Machine, form: Any, environment: Environment) -> Next:
    """``(macro (name form) body …)`` and ``(macro name (lambda (form) body …))``."""
    target, *values = operands(machine, form, 2)
    if type(target) is Pair:
        name = machine.name(target.car)
        closure: Any = Closure(target.cdr, _tail(form, 2), environment)
    else:
        name = machine.name(target)
        closure = machine.evaluate(values[0], environment)
    if type(closure) is not Closure:
        raise machine.fail("syntax error in macro")
    environment.variables[name] = Closure(
        closure.parameters, closure.body, closure.environment, is_macro=True)
    return Symbol(name), None


def _if(machine: Machine, form: Any, environment: Environment) -> Next:
    condition, then, *otherwise = operands(machine, form, 2)
    if machine.evaluate(condition, environment) is not False:
        return then, environment
    return (otherwise[0], environment) if otherwise else (None, None)


def _when(machine: Machine, form: Any, environment: Environment, wanted: bool = True) -> Next:
    condition = machine.evaluate(operands(machine, form, 1)[0], environment) is not False
    if condition is not wanted:
        return None, None
    return machine.body(_tail(form, 2), environment), environment


def _unless(machine: Machine, form: Any, environment: Environment) -> Next:
    return _when(machine, form, environment, False)


def _begin(machine: Machine, form: Any, environment: Environment) -> Next:
    return machine.body(form.cdr, environment), environment


def _cond(machine: Machine, form: Any, environment: Environment) -> Next:
    for clause in operands(machine, form, 0):
        if type(clause) is not Pair:
            raise machine.fail("syntax error in cond")
        if _is(clause.car, "else"):
            return machine.body(clause.cdr, environment), environment
        value = machine.evaluate(clause.car, environment)
        if value is False:
            continue
        if type(clause.cdr) is not Pair:
            return value, None
        if _is(clause.cdr.car, "=>"):
            receiver = machine.evaluate(machine.body(clause.cdr.cdr, environment), environment)
            return machine.apply(receiver, [value]), None
        return machine.body(clause.cdr, environment), environment
    return None, None


def _case(machine: Machine, form: Any, environment: Environment) -> Next:
    key, *clauses = operands(machine, form, 1)
    value = machine.evaluate(key, environment)
    for clause in clauses:
        if type(clause) is not Pair:
            raise machine.fail("syntax error in case")
        choices = list(clause.car) if type(clause.car) is Pair else []
        if _is(clause.car, "else") or any(is_same(value, choice) for choice in choices):
            return machine.body(clause.cdr, environment), environment
    return None, None


def _and(machine: Machine, form: Any, environment: Environment) -> Next:
    return _until(machine, form, environment, False)


def _or(machine: Machine, form: Any, environment: Environment) -> Next:
    return _until(machine, form, environment, True)


def _until(machine: Machine, form: Any, environment: Environment, truth: bool) -> Next:
    """Evaluate operands up to one with this truth; the last is evaluated by the caller."""
    terms = operands(machine, form, 0)
    for term in terms[:-1]:
        value = machine.evaluate(term, environment)
        if (value is not False) is truth:
            return value, None
    return (terms[-1], environment) if terms else (not truth, None)


def _let(machine: Machine, form: Any, environment: Environment) -> Next:
    first = operands(machine, form, 1)[0]
    if type(first) is Symbol:
        return _named_let(machine, form, environment, first.name)
    scope = Environment({}, environment)
    for name, value in _bindings(machine, form, first):
        scope.variables[name] = machine.evaluate(value, environment)
    return machine.body(_tail(form, 2), scope), scope


def _named_let(machine: Machine, form: Any, environment: Environment, name: str) -> Next:
    bindings = _bindings(machine, form, operands(machine, form, 2)[1])
    scope = Environment({}, environment)
    names = machine.listed([Symbol(each) for each, _ in bindings])
    loop = Closure(names, _tail(form, 3), scope)
    scope.variables[name] = loop
    return machine.enter(loop, [machine.evaluate(value, environment) for _, value in bindings])


def _let_in_turn(machine: Machine, form: Any, environment: Environment) -> Next:
    """``let*`` and ``letrec``: every value may use the variables before it."""
    scope = Environment({}, environment)
    for name, value in _bindings(machine, form, operands(machine, form, 1)[0]):
        scope.variables[name] = machine.evaluate(value, scope)
    return machine.body(_tail(form, 2), scope), scope


def _bindings(machine: Machine, form: Any, bindings: Any) -> list[tuple[str, Any]]:
    found = []
    for binding in bindings if type(bindings) is Pair else [bindings] if bindings else []:
        if type(binding) is not Pair or type(binding.cdr) is not Pair:
            raise machine.fail(f"Bad syntax of binding spec in {printed(form.car)}")
        found.append((machine.name(binding.car), binding.cdr.car))
    return found


def _quasiquote(machine: Machine, form: Any, environment: Environment) -> Next:
    return _filled(machine, operands(machine, form, 1)[0], environment), None


def _filled(machine: Machine, template: Any, environment: Environment) -> Any:
    """A quasi-quotation with its unquoted parts evaluated; they do not nest."""
    if type(template) is not Pair:
        return template
    if _is(template.car, "unquote"):
        return machine.evaluate(operands(machine, template, 1)[0], environment)
    items: list[Any] = []
    while type(template) is Pair and not _is(template.car, "unquote"):
        item = template.car
        if type(item) is Pair and _is(item.car, "unquote-splicing"):
            spliced = machine.evaluate(operands(machine, item, 1)[0], environment)
            items += spliced if type(spliced) is Pair else ()
        else:
            items.append(_filled(machine, item, environment))
        template = template.cdr
    return machine.listed(items, _filled(machine, template, environment))


def _is(form: Any, name: str) -> bool:
    return type(form) is Symbol and form.name == name


def is_same(one: Any, other: Any) -> bool:
    """``eqv?``: the same thing, or an equal atom."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (Symbol, Unknown)):
        return bool(one.name == other.name)
    return one is other if type(one) is Pair else one == other


FORMS = {name: Special(name, run) for name, run in {
    "quote": _quote, "quasiquote": _quasiquote, "define": _define, "set!": _set,
    "lambda": _lambda, "macro": _macro, "if": _if, "when": _when, "unless": _unless,
    "begin": _begin, "cond": _cond, "case": _case, "and": _and, "or": _or, "let": _let,
    "let*": _let_in_turn, "letrec": _let_in_turn,
}.items()}
