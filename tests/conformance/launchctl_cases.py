"""The transcripts of launchctl: launchctl.toml, and the job table that each of them needs."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Transcript:
    """One transcript: a command line, what launchd would know, and what must come out."""

    id: str
    command: str
    uid: int
    stdout: str
    stderr: str
    partial: bool
    macos: str
    evidence: str
    source: str
    exit: int | None = None
    compare: str = ""
    tty: bool = False
    setup: str = ""
    note: str = ""
    env: dict[str, str] = field(default_factory=dict)
    services: list[dict[str, Any]] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    disabled: dict[str, bool] = field(default_factory=dict)
    domain: dict[str, Any] = field(default_factory=dict)
    limits: dict[str, list[int]] = field(default_factory=dict)
    pid: int = 4242

    @property
    def mode(self) -> str:
        """How the streams are compared."""
        return self.compare or ("lines in order" if self.partial else "bytes")


def load() -> list[Transcript]:
    """All transcripts. Raises TypeError for a key that none may have."""
    content = tomllib.loads((HERE / "launchctl.toml").read_text(encoding="utf-8"))
    return [Transcript(**table) for table in content["transcript"]]


def exceptions() -> dict[str, str]:
    """Id -> reason of every transcript that deliberately differs or is not launchctl's."""
    content = tomllib.loads((HERE / "launchctl_exceptions.toml").read_text(encoding="utf-8"))
    return {id: reason for section in content.values() for id, reason in section.items()}
