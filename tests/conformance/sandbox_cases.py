"""The transcripts of sandbox-exec: sandbox.toml, and the files that each of them needs."""

from __future__ import annotations

import contextlib
import socket
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Transcript:
    """One transcript; sandbox.md says what the fields mean."""

    id: str
    name: str
    macos: str
    command: list[str]
    source: str
    stderr: str
    stdout: str | None = None
    exit: int | None = None
    mode: str = "check"
    compare: str = "bytes"
    note: str = ""
    before_profile: int = 0
    patterns: int = 0
    unprivileged: bool = False
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    here: dict[str, Any] = field(default_factory=dict)

    def words(self, values: dict[str, str]) -> list[str]:
        """The command line behind the command's own name, placeholders filled in."""
        values = {**values, "patterns": " ".join(
            f'(subpath "/nix/store/{number:032}-input")' for number in range(self.patterns))}
        words = [filled(word, values) for word in self.command[1:]]
        if self.before_profile:
            at = words.index("-p") + 1
            # The first line is the version, the others are empty.
            words[at] = "(version 1)" + "\n" * self.before_profile + words[at]
        return words

    def expected(self, key: str) -> Any:
        """What must come out here."""
        return self.here.get(key, getattr(self, key))


def filled(text: str, values: dict[str, str]) -> str:
    """The text with every ``{name}`` of the values replaced; other braces stay."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


@contextlib.contextmanager
def laid_out(transcript: Transcript, directory: Path) -> Iterator[None]:
    """The transcript's files lie in the directory, and its sockets listen."""
    with contextlib.ExitStack() as stack:
        for name, about in transcript.files.items():
            path = directory / name
            if "link" in about:
                path.symlink_to(about["link"])
            elif "socket" in about:
                server = stack.enter_context(socket.socket(socket.AF_UNIX))
                server.bind(str(path))
                server.listen()
            elif about:
                path.write_text(about.get("text", "").lstrip("\n"))
                path.chmod(about.get("mode", 0o644))
            else:
                path.mkdir()
        yield


def load() -> list[Transcript]:
    """All transcripts. Raises TypeError for a key that none may have."""
    content = tomllib.loads((HERE / "sandbox.toml").read_text(encoding="utf-8"))
    return [Transcript(**table) for table in content["transcript"]]


def exceptions() -> dict[str, str]:
    """Id -> reason of every transcript that deliberately differs or is not sandbox-exec's."""
    content = tomllib.loads((HERE / "sandbox_exceptions.toml").read_text(encoding="utf-8"))
    return {id: reason for section in content.values() for id, reason in section.items()}
