"""Target specifiers: ``system/LABEL``, ``gui/501`` and their like (spec/launchd.md 2.2)."""

from __future__ import annotations

from launchd_shim.launchctl.failures import NO_DOMAIN, NO_SERVICE, BadTarget, Failure

#: A login session has an audit session id; ours is this much above the uid (§2.5 ``asid``).
FIRST_ASID = 100000

#: First component -> how error texts call the domain.
_TEXTS = {"user": "uid", "gui": "user gui", "login": "login", "session": "asid", "pid": "pid"}


class Target:
    """A domain, or a service in it when ``label`` is not None."""

    def __init__(self, kind: str, number: int, label: str | None) -> None:
        self.kind = kind
        self.number = number
        self.label = label

    @property
    def text(self) -> str:
        """The domain as error texts call it: ``system``, ``user gui: 501``."""
        return "system" if self.kind == "system" else f"{_TEXTS[self.kind]}: {self.number}"

    @property
    def domain(self) -> str:
        """The domain's name for the supervisor. Raises Failure (112) for one we never have."""
        if self.kind == "system":
            return "system"
        if self.kind in ("user", "gui"):
            return f"{self.kind}/{self.number}"
        if self.kind in ("login", "session") and self.number >= FIRST_ASID:
            return f"gui/{self.number - FIRST_ASID}"
        raise no_domain(self.text)

    def missing(self, error: int) -> Failure | None:
        """The failure for a reply that means that the domain or the service does not exist."""
        if error == NO_DOMAIN:
            return no_domain(self.text)
        if error == NO_SERVICE and self.label is not None:
            return no_service(self.label, self.text)
        return None


def natural(word: str) -> int | None:
    """The number that a word of decimal digits stands for; None if it is no such word."""
    return int(word) if word.isascii() and word.isdigit() and len(word) < 20 else None


def no_domain(text: str) -> Failure:
    """The failure for a domain that does not exist."""
    return Failure(NO_DOMAIN, f"Could not find domain for {text}")


def no_service(label: str, text: str) -> Failure:
    """The failure for a service that does not exist in the domain that ``text`` names."""
    return Failure(NO_SERVICE, f'Could not find service "{label}" in domain for {text}')


def parse(word: str) -> Target:
    """The target that a word specifies; components that are too many are ignored.

    Raises BadTarget.
    """
    kind, _, rest = word.partition("/")
    if kind == "system":
        return Target(kind, 0, rest.partition("/")[0] or None)
    digits, _, label = rest.partition("/")
    number = natural(digits)
    if kind not in _TEXTS or number is None:
        raise BadTarget
    return Target(kind, number, label.partition("/")[0] or None)


def service(word: str) -> Target:
    """The service that a word specifies. Raises BadTarget, also for a bare domain."""
    target = parse(word)
    if target.label is None:
        raise BadTarget
    return target


def domain(word: str) -> Target:
    """The domain that a word specifies. Raises BadTarget, also for a service."""
    target = parse(word)
    if target.label is not None:
        raise BadTarget
    return target
