"""What an evaluation has used up, where it is, and what is to be said about it.

Every evaluation, and everything that is built, is counted: a profile that loops or grows ends
with an error.
"""

from __future__ import annotations

from sandbox_stub import limits
from sandbox_stub.errors import ProfileError
from sandbox_stub.values import Pair, printed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sandbox_stub.profile import Position


class Account:
    """The budget, the place and the warnings of an evaluation; ``strict``: what could be warned
    of is an error."""

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.warnings: list[str] = []
        self._warned: set[str] = set()
        self._steps = limits.STEPS
        #: The form that was entered last: the one that the real compiler shows with an error.
        self.current: Pair | None = None
        #: The form whose procedure was called last.
        self.calling: Pair | None = None

    def charge(self, amount: int) -> None:
        """Take ``amount`` from the budget; raises ProfileError when it is used up."""
        self._steps -= amount
        if self._steps < 0:
            raise ProfileError(f"the profile takes more than {limits.STEPS} steps to evaluate")

    def frames(self) -> tuple[tuple[Position, str], ...]:
        """The backtrace of an error that happens now."""
        form = self.current
        if form is None or form.source is None:
            return ()
        return ((form.source.position(form.offset), printed(form)),)

    def fail(self, message: str) -> ProfileError:
        """An error of the form that is being evaluated."""
        return ProfileError(message, self.frames())

    def place(self) -> Position | None:
        """Where the form stands that is called, or else the one that was entered last."""
        form = self.calling
        if form is None or form.source is None:
            form = self.current
        if form is None or form.source is None:
            return None
        return form.source.position(form.offset)

    def tolerate(self, error: ProfileError, position: Position | None = None) -> None:
        """Raise the error if this is a strict reading, else make a warning of it."""
        if self.strict:
            raise error
        self.warn(error.message, position)

    def warn(self, message: str, position: Position | None = None) -> None:
        """Note something that does not stop the reading, with its place; once."""
        position = position or self.place()
        if position is not None:
            file, line, column = position
            message = f"{file}:{line}:{column}: {message}"
        if message not in self._warned:
            self._warned.add(message)
            self.warnings.append(message)
