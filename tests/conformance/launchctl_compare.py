"""Comparing launchctl's output with a transcript: bytes, lines, or the fields that count."""

from __future__ import annotations

import re

#: Fields of ``print`` of a service that count (spec/launchd.md 8.5), and those that come with
#: them when the property list asks for them.
SERVICE_FIELDS = frozenset((
    "active count", "path", "type", "state", "program", "arguments", "working directory",
    "stdin path", "stdout path", "stderr path", "inherited environment", "default environment",
    "environment", "domain", "username", "group", "umask", "minimum runtime", "exit timeout",
    "runs", "pid", "immediate reason", "last exit code", "last terminating signal", "semaphores",
    "event triggers", "spawn type", "run interval", "properties",
))
#: Fields of ``print`` of a domain.
DOMAIN_FIELDS = frozenset((
    "type", "handle", "active count", "service count", "active service count", "creator",
    "creator euid", "session", "security context", "bringup time", "environment", "services",
    "disabled services", "properties",
))
#: Fields of a domain whose values are another machine's: only their place counts.
_FOREIGN = frozenset(("handle", "active count", "service count", "active service count",
                      "creator", "properties"))

#: What no two machines agree on, and what macOS 26 added.
_UNSTABLE = (
    (re.compile(r"\[\d+\]"), "[ASID]"), (re.compile(r"asid = [1-9]\d*"), "asid = ASID"),
    (re.compile(r"\.\d{6,} =>"), ".N =>"), (re.compile(r"\t+OSLogRateLimit => 64\n"), ""),
    (re.compile(r" \| (?:needs LWCR update|managed LWCR|has LWCR)"), ""),
    (re.compile(r" +$", re.MULTILINE), ""),
)

_FIELD = re.compile(r"^\t([^\t\n=]+?) = (\{\n(?:.*\n)*?\t\}|.*)$", re.MULTILINE)


def fields(text: str, kept: frozenset[str]) -> list[tuple[str, str]]:
    """The fields that count, in their order, with values that compare."""
    for pattern, replacement in _UNSTABLE:
        text = pattern.sub(replacement, text)
    return [(name, value) for name, value in _FIELD.findall(text) if name in kept]


def same_fields(wanted: str, given: str, partial: bool) -> bool:
    """The same fields of a service in the same order; of a partial transcript, ours has more."""
    expected, ours = fields(wanted, SERVICE_FIELDS), fields(given, SERVICE_FIELDS)
    return in_order(expected, ours) if partial else expected == ours


def same_domain(wanted: str, given: str) -> bool:
    """The fields of a domain in the same order."""
    expected, ours = ([(name, "" if name in _FOREIGN else value)
                       for name, value in fields(text, DOMAIN_FIELDS)] for text in (wanted, given))
    return bool(expected) and in_order(expected, ours)


def in_order(wanted: list, given: list) -> bool:
    """Whether all of ``wanted`` comes in ``given``, in that order."""
    rest = iter(given)
    return all(item in rest for item in wanted)


def lines_in_order(wanted: str, given: str) -> bool:
    """Every line of a partial transcript in the same order; ours may have more."""
    return in_order(wanted.splitlines(), given.splitlines())


def beginnings(wanted: str, given: str) -> bool:
    """Every line of the transcript begins a line of ours: the source cut the lines."""
    rest = iter(given.splitlines())
    return all(any(ours.startswith(line) for ours in rest) for line in wanted.splitlines())


def lines(wanted: str, given: str) -> bool:
    """Every line of the transcript is among ours: the source has its own order."""
    return set(wanted.splitlines()) <= set(given.splitlines())


def same_bytes(wanted: str, given: str) -> bool:
    """Equality; ``[pid]`` stands for a number."""
    pattern = re.escape(wanted).replace(re.escape("[pid]"), r"\d+")
    return re.fullmatch(pattern, given) is not None


def same_but_blanks(wanted: str, given: str) -> bool:
    """Equality without the blanks at the ends of lines, which the source does not show."""
    strip = re.compile(" +$", re.MULTILINE)
    return strip.sub("", wanted) == strip.sub("", given)


def agrees(mode: str, wanted: str, given: str, partial: bool) -> bool:
    """Whether a stream is as the transcript wants it."""
    if mode == "fields":
        return same_fields(wanted, given, partial)
    if partial and not wanted:
        return True  # the source does not show this stream
    return MODES[mode](wanted, given)


MODES = {
    "bytes": same_bytes, "lines in order": lines_in_order, "beginnings": beginnings,
    "lines in any order": lines, "no trailing blanks": same_but_blanks, "domain": same_domain,
}
