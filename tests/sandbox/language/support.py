"""What the tests of the language share."""

from __future__ import annotations

from typing import Any

from sandbox_stub.compiler import compile_profile
from sandbox_stub.decision import decide
from sandbox_stub.errors import ProfileError
from sandbox_stub.evaluator import Machine
from sandbox_stub.filters import Target
from sandbox_stub.library import Library, constant
from sandbox_stub.profile import Profile
from sandbox_stub.reader import Reader
from sandbox_stub.values import Source, printed

#: A rule set for which anything is allowed that its rules do not forbid.
ALLOWING = "(version 1)(allow default)"


def value(text: str, **parameters: str) -> str:
    """The value of the last form of a text, as the language prints it; or its error's sentence."""
    machine = Machine(Library(parameters, lambda name: None).variables(), constant)
    result: Any = None
    try:
        for form in Reader(Source(text, "test"), machine).forms():
            result = machine.evaluate(form, machine.globals)
    except ProfileError as error:
        return f"error: {error.message}"
    return printed(result)


def compiled(text: str, strict: bool = True, **parameters: str) -> Profile:
    """The profile of a text with these parameters."""
    return compile_profile(text, parameters=parameters, strict=strict)


def fault(text: str, strict: bool = True, **parameters: str) -> str | None:
    """The sentence with which a text does not compile; None if it does."""
    try:
        compiled(text, strict, **parameters)
    except ProfileError as error:
        return error.message
    return None


def answer(profile: Profile, operation: str, target: Target | str | None = None) -> str:
    """What is decided; a target that is a string is a path."""
    target = Target(target) if isinstance(target, str) else target
    return decide(profile, operation, target).action


def tcp(host: str, port: int, side: str | None = None) -> Target:
    """One end of a TCP connection."""
    return Target(network=("tcp", host, port), side=side)
