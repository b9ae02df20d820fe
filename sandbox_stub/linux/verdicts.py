"""Every rule of a profile held against what is not exactly as it says."""

from __future__ import annotations

from sandbox_stub import operations
from sandbox_stub.decision import decide
from sandbox_stub.filters import Target
from sandbox_stub.linux import landlock, patterns
from sandbox_stub.linux.gaps import GAPS
from sandbox_stub.linux.grades import EXACT, NARROWED, NOT_ENFORCED, WIDENED, Grade, Note
from sandbox_stub.linux.pathrules import PathRules
from sandbox_stub.linux.unseen import Unseen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox_stub.linux.plan import Plan
    from sandbox_stub.profile import Profile, Rule

#: Modifier -> (grade, reason code, effect)
_MODIFIERS = {
    "no-sandbox": (NARROWED, "no-sandbox-modifier", "the program stays in the sandbox"),
    "no-profile": (NARROWED, "no-sandbox-modifier", "the program stays in the sandbox"),
    "send-signal": (WIDENED, "send-signal-modifier", "it is denied, but no signal is sent"),
    "termination": (WIDENED, "send-signal-modifier", "it is denied, but no signal is sent"),
}


def verdicts(plan: Plan, rules: PathRules, notes: list[Note], guest: bool) -> list[Grade]:
    """The grades of all rules, in the order of the profile; ``notes`` are those about paths."""
    by_rule: dict[Rule, list[Note]] = {}
    for note in notes:
        # Whoever allowed it is narrowed, whoever denied it is widened.
        action = "allow" if note.grade == NARROWED else "deny"
        for rule in rules.deciders(note.rules, note.bits, action):
            by_rule.setdefault(rule, []).append(note)
    unseen = Unseen(plan.kernel.abi)
    general = [*plan.network.notes, *_processes(plan, guest)]
    return [grade for rule in plan.profile.rules
            for grade in _verdict(plan.profile, rule, [
                *by_rule.get(rule, ()), *_about_pattern(rule, rules),
                *unseen.notes(rule),
                *(note for note in general if _concerns(rule, note.path))])]


def _verdict(profile: Profile, rule: Rule, notes: list[Note]) -> Iterator[Grade]:
    seen: set[tuple[str, str]] = set()
    for note in (*notes, *_about_gaps(profile, rule)):
        if rule.action == "allow" and note.grade == NOT_ENFORCED:
            continue
        if (note.grade, note.code) not in seen:
            seen.add((note.grade, note.code))
            where = f"{note.path}: " if note.bits else ""
            yield Grade(rule, note.grade, note.code, where + note.effect)
    for name in rule.modifiers:
        if name in _MODIFIERS:
            yield Grade(rule, *_MODIFIERS[name])
            seen.add((name, ""))
    if not seen:
        yield Grade(rule, EXACT)


def _about_pattern(rule: Rule, rules: PathRules) -> Iterator[Note]:
    filters = rules.patterns(rule)
    inside = any(map(patterns.unsure, filters))
    outside = any(patterns.unsure(filter, False) for filter in filters)
    if rule.action == "deny" and inside:
        yield Note("", 0, WIDENED, "regex-snapshot",
                   "it holds for the files that exist when the command starts")
    elif inside or outside:
        yield Note("", 0, NARROWED, "regex-snapshot",
                   "it holds for the files that exist when the command starts")


def _concerns(rule: Rule, operation: str) -> bool:
    """Is a finding about an operation one about this rule?"""
    above = operations.lineage(operation)
    if rule.action == "allow":
        # An "allow" of everything is not what somebody has narrowed further on.
        above = [name for name in above if name != "default"]
    return any(name in above or operation in operations.lineage(name)
               for name in rule.operations)


def _about_gaps(profile: Profile, rule: Rule) -> Iterator[Note]:
    if rule.action == "allow":
        return
    for operation, (code, effect) in GAPS.items():
        above = operations.lineage(operation)
        below = any(operation in operations.lineage(name) for name in rule.operations)
        if below or (any(name in above for name in rule.operations)
                     and not decide(profile, operation).allowed):
            yield Note(operation, 0, NOT_ENFORCED, code, effect)


def _processes(plan: Plan, guest: bool) -> Iterator[Note]:
    """Findings about signals, execution and system calls."""
    def denied(operation: str, target: Target | None = None) -> bool:
        return not decide(plan.profile, operation, target).allowed

    if denied("signal", Target(signal_target="others")) and not (
            plan.scopes & landlock.SCOPE_SIGNAL):
        yield Note("signal", 0, NOT_ENFORCED, "abi-too-low",
                   "processes outside can be sent signals")
    elif denied("signal", Target(signal_target="children")):
        yield Note("signal", 0, WIDENED, "signal-same-sandbox",
                   "processes of the same sandbox can send each other signals")
    if denied("process-exec*", Target("/\\x01")):
        code = "exec-via-mldr" if guest else "exec-via-loader"
        yield Note("process-exec*", 0, WIDENED, code,
                   "what can be read can be run through the loader or from memory")
    if not plan.filter:
        for operation in ("process-fork", "file-write-setugid", "file-chroot"):
            if denied(operation):
                yield Note(operation, 0, NOT_ENFORCED, "no-seccomp", "this needs a filter")
