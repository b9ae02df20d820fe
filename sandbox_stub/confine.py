"""What each mode makes of a profile before the command is executed (spec/sandbox.md 5.5, 5.6).

| mode | a profile that does not compile | the command |
|---|---|---|
| check | 65 if strict, else only logged | runs free |
| enforce | 65 | is confined as far as this kernel can; the log says what is not upheld exactly |
| enforce-strict | 65 | is confined; 71 unless every denial is upheld exactly or more than that |
"""

from __future__ import annotations

import posix
import time

from dirserv.paths import Root
from sandbox_stub import log
from sandbox_stub.commandline import EX_DATAERR, EX_OSERR, failed
from sandbox_stub.compiler import compile_profile
from sandbox_stub.decision import decide
from sandbox_stub.errors import ProfileError
from sandbox_stub.execute import SHELL
from sandbox_stub.filters import Target
from sandbox_stub.linux.apply import enforce
from sandbox_stub.linux.baseline import PROGRAM, SERVER
from sandbox_stub.linux.calls import Refused
from sandbox_stub.linux.grades import EXACT
from sandbox_stub.linux.plan import plan, stops
from sandbox_stub.linux.probe import probe
from sandbox_stub.paths import realpath
from sandbox_stub.source import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sandbox_stub.commandline import CommandLine
    from sandbox_stub.linux.plan import Plan
    from sandbox_stub.profile import Profile
    from sandbox_stub.settings import Settings
    from sandbox_stub.source import Source
    from sandbox_stub.view import View


def confine(
    settings: Settings, source: Source, line: CommandLine, root: str, view: View,
    paths: list[str],
) -> list[str] | None:
    """Do what the mode says. Raises Failed.

    If this process has been confined, returns which of the paths may not be executed then: the
    exec of the command is the first thing that the profile rules on, and where Darling executes
    its loader the kernel cannot tell.
    """
    try:
        profile = compile_profile(
            source.text, file=source.file, parameters=line.parameters,
            strict=settings.enforces or settings.strict, profiles=places(root))
    except ProfileError as error:
        text = str(error)
        log.write(root, lambda: {**_entry(settings, source, line), "error": text})
        if settings.enforces or settings.strict:
            raise failed(EX_DATAERR, text) from None
        return None
    made = plan(profile, probe(commit=settings.enforces), root=Root(view.prefix),
                cwd=_working_directory(), needed=_needed(view), guest=bool(view.prefix))
    refused = {}
    if settings.mode == "enforce-strict" and (gaps := stops(made)):
        refused = {"refused": f"{gaps[0].rule} is {gaps[0].grade}: {gaps[0].effect}"}
    log.write(root, lambda: {**_entry(settings, source, line), **described(made), **refused})
    if not settings.enforces:
        return None
    forbidden = [path for path in (*paths, SHELL) if not _may_execute(profile, view, path)]
    try:
        if refused:
            raise Refused(refused["refused"])
        enforce(made)
    except Refused as error:
        raise failed(EX_OSERR, f"sandbox_apply: {error}") from None
    return forbidden


def described(made: Plan) -> dict[str, Any]:
    """What a plan does and does not uphold, for the log and for ``darling-dirserv sandbox``.

    Of findings about one rule that differ only in the effect (a path, mostly) there is the first.
    """
    counts: dict[str, int] = {}
    for grade in made.grades:
        counts[grade.grade] = counts.get(grade.grade, 0) + 1
    findings = [{
        "position": list(grade.rule.position), "rule": grade.rule.text, "grade": grade.grade,
        "reason": grade.code, "effect": grade.effect,
    } for grade in made.grades if grade.grade != EXACT]
    return {
        "landlock": made.kernel.abi, "mechanisms": made.mechanisms, "upheld": made.upheld,
        "warnings": made.profile.warnings, "grades": counts, "findings": findings,
    }


def _entry(settings: Settings, source: Source, line: CommandLine) -> dict[str, Any]:
    """Who asked for what. Values of parameters and arguments of the command may be secret."""
    return {
        "time": int(time.time()), "pid": posix.getpid(), "uid": posix.getuid(),
        "mode": settings.mode, "command": line.command[0], "parameters": sorted(line.parameters),
        "profile": source.file, "sha256": log.digest(source.text),
    }


def _working_directory() -> str:
    try:
        return posix.getcwd()
    except OSError:
        return "/"  # it is gone, and nothing lies in it


def _needed(view: View) -> list[tuple[str, int]]:
    """What Darling's own run time needs in a prefix, beside the platform's baseline."""
    if not view.prefix:
        return []
    return [(view.mldr, PROGRAM), (view.server, SERVER)]


def _may_execute(profile: Profile, view: View, path: str) -> bool:
    """Whether the profile lets a path be executed, under any name that its rules may use."""
    resolved = realpath(view.host(path)).removeprefix(view.prefix)
    return any(decide(profile, "process-exec*", Target(name)).allowed
               for name in (path, resolved))
