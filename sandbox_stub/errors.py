"""What stops a profile from being compiled, in the words and the layout of macOS 14 and later."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sandbox_stub.profile import Position


class ProfileError(Exception):
    """A profile that does not compile (exit 65).

    ``str()`` is the whole text behind "sandbox-exec: ", without the last newline: the sentence,
    where ``located`` says so the place, and a backtrace of ``frames`` (place and printed form).
    Source: conformance/sandbox.yaml, its header and the entries 6, 9, 12, 15 and 16.
    """

    def __init__(
        self,
        message: str,
        frames: tuple[tuple[Position, str], ...] = (),
        located: Position | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.frames = frames
        self.located = located

    def __str__(self) -> str:
        text = self.message
        if self.located is not None:
            file, line, column = self.located
            text += f" at {file}, line {line}, column {column}"
        if self.frames:
            text += "\n\nBacktrace: \n"
        for (file, line, column), form in self.frames:
            text += f"{file}:{line}:{column}:\n\t{form}\n"
        return text
