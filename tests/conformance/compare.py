"""Comparing what a command gave with its transcript, byte for byte where that is possible."""

from __future__ import annotations

import re

from tests.conformance.cases import Case, Expected
from tests.conformance.shell import Result

#: Text in a transcript -> what real output may have in its place.
_PLACEHOLDERS = {
    "<TS> sysadminctl[<PID>:<TID>]":
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} sysadminctl\[\d+:\d+\]",
    "<UUID>": r"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}",
    "<TIME>": r"\d{9,10}(?:\.\d+)?",
}

#: Where Apple's build machine kept a source file says nothing about the command.
_BUILD_PATH = re.compile(r"File:\S*/(\w+\.m) ")


class Mismatch(AssertionError):
    """Output that differs from its transcript, or a transcript that asserts nothing."""


def check(case: Case, result: Result) -> None:
    """Raises Mismatch unless the result is what the case expects."""
    __tracebackhide__ = True
    if case.expected.silent:
        raise Mismatch("the transcript asserts nothing")
    check_expected(case.expected, result, case.compare)


def check_expected(expected: Expected, result: Result, mode: str = "bytes") -> None:
    """Raises Mismatch, with both texts, at the first stream or status that differs."""
    __tracebackhide__ = True
    found: list[str] = []
    for name in ("stdout", "stderr", "terminal"):
        wanted, given = getattr(expected, name), getattr(result, name)
        how = mode if name == "stdout" else "bytes"
        if wanted is not None and not MODES[how](wanted, given):
            found.append(f"{name} ({how})\n--- expected\n{wanted}\n--- given\n{given}")
    for name in ("stdout", "stderr"):
        start, given = getattr(expected, f"{name}_starts"), getattr(result, name)
        if start is not None and not given.startswith(start):
            found.append(f"{name} does not start with {start!r}: {given[:300]!r}")
    found += [f"stderr does not contain {part!r}: {result.stderr!r}"
              for part in expected.stderr_contains if part not in result.stderr]
    if expected.exit is not None and result.exit != expected.exit:
        found.append(f"exit {result.exit}, not {expected.exit}; {result}")
    if found:
        raise Mismatch("\n".join(found))


def matches(wanted: str, given: str) -> bool:
    """Equality, but for placeholders and for ``...`` lines, which stand for any lines."""
    return re.fullmatch(_pattern(wanted), _BUILD_PATH.sub(r"File:\1 ", given)) is not None


def _pattern(wanted: str) -> str:
    lines = _BUILD_PATH.sub(r"File:\1 ", wanted).splitlines(keepends=True)
    return "".join(r"(?:.*\n)*" if line == "...\n" else _line(line) for line in lines)


def _line(line: str) -> str:
    pattern = re.escape(line)
    for placeholder, meaning in _PLACEHOLDERS.items():
        pattern = pattern.replace(re.escape(placeholder), meaning)
    return pattern


def same_lines(wanted: str, given: str) -> bool:
    """The same lines in any order."""
    return sorted(wanted.splitlines()) == sorted(given.splitlines())


def same_columns(wanted: str, given: str) -> bool:
    """The same rows in any order, and in ours every value starts in the same column."""
    rows, ours = (sorted(line.split(maxsplit=1) for line in text.splitlines())
                  for text in (wanted, given))
    starts = {line.index(value, len(name))
              for line in given.splitlines() for name, value in [line.split(maxsplit=1)]}
    return rows == ours and len(starts) == 1


def same_blocks(wanted: str, given: str) -> bool:
    """The same blocks (a line and the indented ones after it) in any order; with a ``...`` line
    ours may have more."""
    block = re.compile(r"^\S.*\n(?:\s.*\n)*", re.MULTILINE)
    blocks, ours = set(block.findall(wanted)), set(block.findall(given))
    return blocks - {"...\n"} <= ours if "...\n" in blocks else blocks == ours


def same_but_trailing_blanks(wanted: str, given: str) -> bool:
    """Equality without the blanks at the ends of lines."""
    strip = re.compile(" +$", re.MULTILINE)
    return matches(strip.sub("", wanted), strip.sub("", given))


MODES = {
    "bytes": matches,
    "lines in any order": same_lines,
    "columns": same_columns,
    "blocks": same_blocks,
    "no trailing blanks": same_but_trailing_blanks,
}
