"""How well a rule is upheld, why not better, and what that means (spec/sandbox.md 5.4, 5.6)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sandbox_stub.linux.pathrules import Numbers
    from sandbox_stub.profile import Rule

EXACT, NARROWED, WIDENED, NOT_ENFORCED = "exact", "narrowed", "widened", "not enforced"
#: More is possible than the profile says.
LOOSE = (WIDENED, NOT_ENFORCED)


class Grade:
    """One finding about one rule; a rule may have several. ``code`` is "" for an exact one."""

    __slots__ = ("code", "effect", "grade", "rule")

    def __init__(self, rule: Rule, grade: str, code: str = "", effect: str = "") -> None:
        self.rule, self.grade, self.code, self.effect = rule, grade, code, effect

    def __repr__(self) -> str:
        return f"{self.grade} {self.code}: {self.rule} - {self.effect}"


class Note:
    """A finding about some rights (of ``linux.rights``) at a path, where these rules hold; or, with
    no rights, about an operation: rules are held against it later."""

    __slots__ = ("bits", "code", "effect", "grade", "path", "rules")

    def __init__(self, path: str, bits: int, grade: str, code: str, effect: str,
                 rules: tuple[Numbers, ...] = ()) -> None:
        self.path, self.bits, self.rules = path, bits, rules
        self.grade, self.code, self.effect = grade, code, effect
