"""The sandbox part of the language: what it adds to Scheme (spec/sandbox.md 3.2, 3.3, 3.7)."""

from __future__ import annotations

from sandbox_stub import operations
from sandbox_stub.constructors import CONSTRUCTORS
from sandbox_stub.filters import RECEIVERS, VNODE_TYPES, Filter
from sandbox_stub.forms import FORMS, operands
from sandbox_stub.network import PROTOCOLS, UNIX
from sandbox_stub.primitives import PRIMITIVES
from sandbox_stub.rules import Scope, add_rule, modifier
from sandbox_stub.values import Constant, Modifier, Operation, Pair, Procedure, Special, Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sandbox_stub.evaluator import Machine
    from sandbox_stub.values import Environment

    Next = tuple[Any, Environment | None]

_CONSTANTS = (*PROTOCOLS, *UNIX, *RECEIVERS, *VNODE_TYPES)
#: Beginnings of the names that system headers define.
_HEADERS = ("SYS_", "MSC_", "AF_", "PF_", "SOCK_", "IPPROTO_", "SO_", "SOL_", "SIG", "F_",
            "FSIOC_", "FSCTL_", "APFSIOC_", "HFSIOC_", "PRIV_", "KERN_")
_SPECIAL_CHARACTERS = frozenset("\\^$.|?*+()[]{}")
#: What older profiles still say, and what nothing here depends on.
_IGNORED = ("disable-callouts", "disable-full-symbolication", "record",
            "eliminate-duplicate-rules")


def constant(name: str) -> Any:
    """The value of a name that is neither a variable nor a procedure; None if it has none."""
    operation = operations.canonical(name)
    if operation is not None:
        return Operation(operation)
    if name in _CONSTANTS or name.startswith(_HEADERS):
        return Constant(name)
    return None


class Library:
    """The language's own procedures for one profile, and the rules that they collect.

    ``load`` evaluates the file that ``(import …)`` names.
    """

    def __init__(self, parameters: dict[str, str], load: Callable[[str], None]) -> None:
        self.scope = Scope()
        self.version: int | None = None
        self._parameters = parameters
        self._load = load
        self._traced = False

    def variables(self) -> dict[str, Any]:
        """The global variables that a profile begins with."""
        own: tuple[Procedure | Special, ...] = (
            Procedure("version", self._version, 1, 1),
            Procedure("allow", self._allow, takes_unknown=True),
            Procedure("deny", self._deny, takes_unknown=True),
            Procedure("import", self._import, 1, 1, ("string",)),
            Procedure("param", self._param, 1, 1, ("string",)),
            Procedure("getenv", self._param, 1, 1, ("string",)),
            Procedure("regex-quote", _regex_quote, 1, 1, ("string",)),
            Procedure("trace", self._trace, 1, 1),
            Procedure("_IO", _ioctl, 2, 2),
            *(Procedure(name, lambda machine, *values: True) for name in _IGNORED),
            Special("with", _with),
            Special("with-filter", self._with_filter),
            Special("with-modifier", self._with_modifier),
            Special("with-operations", self._with_operations),
            Special("debug", lambda machine, form, environment: (True, None)),
        )
        return {**FORMS, **PRIMITIVES, **CONSTRUCTORS, **{value.name: value for value in own}}

    def _version(self, machine: Machine, version: Any) -> bool:
        if version not in (1, 2, 3) or type(version) is not int:
            raise machine.fail("unsupported version")
        if self.version is not None:
            raise machine.fail("only one version may be specified")
        self.version = version
        if version > 1:
            machine.globals.variables.pop("debug", None)
        return True

    def _allow(self, machine: Machine, *arguments: Any) -> bool:
        add_rule(machine, self.scope, "allow", arguments)
        return True

    def _deny(self, machine: Machine, *arguments: Any) -> bool:
        add_rule(machine, self.scope, "deny", arguments)
        return True

    def _import(self, machine: Machine, name: str) -> bool:
        # An imported file states its own version, and that is not the profile's.
        version, self.version = self.version, None
        self._load(name)
        self.version = version
        return True

    def _param(self, machine: Machine, name: str) -> str | bool:
        return self._parameters.get(name, False)

    def _trace(self, machine: Machine, path: Any) -> bool:
        if type(path) is not str:
            raise machine.fail("argument to trace must be a string")
        if self._traced:
            raise machine.fail("only one trace path may be specified")
        self._traced = True
        machine.warn(f"nothing is traced to {path}")
        return True

    def _with_filter(self, machine: Machine, form: Any, environment: Environment) -> Next:
        filter = machine.evaluate(operands(machine, form, 1)[0], environment)
        if type(filter) is not Filter:
            raise machine.fail("arguments to with-filter must be filters")
        return self._inside(machine, form, environment, self.scope.filters, [filter])

    def _with_modifier(self, machine: Machine, form: Any, environment: Environment) -> Next:
        given = operands(machine, form, 1)[0]
        if type(given) is Symbol:
            given = Pair(given, None)
        found = _modifier(machine, given, environment)
        added = [found] if type(found) is Modifier else []
        return self._inside(machine, form, environment, self.scope.modifiers, added)

    def _with_operations(self, machine: Machine, form: Any, environment: Environment) -> Next:
        given = operands(machine, form, 1)[0]
        names = [machine.evaluate(one, environment)
                 for one in (given if type(given) is Pair else [given])]
        added = [name for name in names if type(name) is Operation]
        return self._inside(machine, form, environment, self.scope.operations, added)

    def _inside(
        self, machine: Machine, form: Any, environment: Environment,
        scope: list[Any], added: list[Any],
    ) -> Next:
        """Evaluate what follows the first operand while ``added`` applies to its rules."""
        scope += added
        value = None
        for inner in operands(machine, form, 1)[1:]:
            value = machine.evaluate(inner, environment)
        del scope[len(scope) - len(added):]
        return value, None


def _with(machine: Machine, form: Any, environment: Environment) -> Next:
    return _modifier(machine, form.cdr, environment), None


def _modifier(machine: Machine, given: Any, environment: Environment) -> Any:
    """The modifier of ``NAME VALUE …``; the name is not evaluated."""
    if type(given) is not Pair or type(given.car) is not Symbol:
        raise machine.fail("malformed modifier:")
    name, *values = given
    return modifier(machine, name.name,
                    [machine.evaluate(value, environment) for value in values])


def _ioctl(machine: Machine, group: Any, number: Any) -> int:
    """``_IO`` of <sys/ioccom.h>: the number of a command without data."""
    if not isinstance(group, str) or len(group) != 1 or type(number) is not int:
        raise machine.fail("_IO: arguments must be: character and number")
    return 0x20000000 | (ord(group) & 0xff) << 8 | number & 0xff


def _regex_quote(machine: Machine, text: str) -> str:
    return machine.text("".join(
        "\\" + letter if letter in _SPECIAL_CHARACTERS else letter for letter in text))
