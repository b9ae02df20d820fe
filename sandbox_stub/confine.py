"""What each mode makes of a profile before the command is executed (spec/sandbox.md 5.5, 5.6).

| mode | a profile that does not compile | the command |
|---|---|---|
| check | 65 if strict, else only logged | runs free |
| enforce | 65 | is confined as far as this kernel can; the log says what is not upheld exactly |
| enforce-strict | 65 | is confined; 71 unless every denial is upheld exactly or more than that |
"""

from __future__ import annotations

import os
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
    entry = _entry(settings, source, line)
    try:
        profile = compile_profile(
            source.text, file=source.file, parameters=line.parameters,
            strict=settings.enforces or settings.strict, profiles=places(root))
    except ProfileError as error:
        log.write(root, {**entry, "error": str(error)})
        if settings.enforces or settings.strict:
            raise failed(EX_DATAERR, str(error)) from None
        return None
    made = plan(profile, probe(commit=settings.enforces), root=Root(view.prefix),
                cwd=_working_directory(), needed=_needed(view), guest=bool(view.prefix))
    entry |= described(made)
    if settings.mode == "enforce-strict" and (gaps := stops(made)):
        entry["refused"] = f"{gaps[0].rule} is {gaps[0].grade}: {gaps[0].effect}"
    log.write(root, entry)
    if not settings.enforces:
        return None
    forbidden = [path for path in (*paths, SHELL) if not _may_execute(profile, view, path)]
    try:
        if "refused" in entry:
            raise Refused(entry["refused"])
        enforce(made)
    except Refused as error:
        raise failed(EX_OSERR, f"sandbox_apply: {error}") from None
    return forbidden


def described(made: Plan) -> dict[str, Any]:
    """What a plan does and does not uphold, for the log and for ``darling-dirserv sandbox``.

    Findings about one rule that differ only in the effect (a path, mostly) are one, with the
    first effect and the number of ``others``.
    """
    counts: dict[str, int] = {}
    findings: dict[tuple[int, str, str], dict[str, Any]] = {}
    for grade in made.grades:
        rule, kind = grade.rule, grade.grade
        counts[kind] = counts.get(kind, 0) + 1
        if (id(rule), kind, grade.code) in findings:
            findings[id(rule), kind, grade.code]["others"] += 1
        elif kind != EXACT:
            findings[id(rule), kind, grade.code] = {
                "position": list(rule.position), "rule": rule.text, "grade": kind,
                "reason": grade.code, "effect": grade.effect, "others": 0}
    return {
        "landlock": made.kernel.abi, "mechanisms": made.mechanisms, "upheld": made.upheld,
        "warnings": made.profile.warnings, "grades": counts, "findings": list(findings.values()),
    }


def _entry(settings: Settings, source: Source, line: CommandLine) -> dict[str, Any]:
    """Who asked for what. Values of parameters and arguments of the command may be secret."""
    return {
        "time": int(time.time()), "pid": os.getpid(), "uid": os.getuid(), "mode": settings.mode,
        "command": line.command[0], "profile": source.file, "sha256": log.digest(source.text),
        "parameters": sorted(line.parameters),
    }


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:
        return "/"  # it is gone, and nothing lies in it


def _needed(view: View) -> list[tuple[str, int]]:
    """What Darling's own run time needs in a prefix, beside the platform's baseline."""
    if not view.prefix:
        return []
    return [(view.mldr, PROGRAM), (view.server, SERVER)]


def _may_execute(profile: Profile, view: View, path: str) -> bool:
    """Whether the profile lets a path be executed, under any name that its rules may use."""
    resolved = os.path.realpath(view.host(path)).removeprefix(view.prefix)
    return any(decide(profile, "process-exec*", Target(name)).allowed
               for name in (path, resolved))
