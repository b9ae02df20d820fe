"""docs/differences.md: below its mark everything is generated from the project's own tables.

`python -m dirserv.manual.differences` (make differences) writes it anew.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator

from dirserv.manual.pages import PAGES, ROOT
from launchd_shim import keys
from launchd_shim.launchctl.subcommands import GONE, SUBCOMMANDS
from sandbox_stub.linux import gaps

DOCUMENT = ROOT / "docs/differences.md"
MARK = "<!-- From here on generated: make differences -->\n"

_HEADING = "[differences from macos]"
_ROFF = ((r"\\f[BIR]", ""), (r"\\-", "-"), (r"\\&", ""))
#: Transcripts of Macs that the tests do not assert: file -> what it is about.
_EXCEPTIONS = {
    "exceptions.toml": "account commands", "launchctl_exceptions.toml": "launchctl",
    "sandbox_exceptions.toml": "sandbox-exec",
}


def document() -> str:
    """The whole text: what is written by hand above the mark, then the rest."""
    head = DOCUMENT.read_text(encoding="utf-8").partition(MARK)[0]
    return "\n".join([head + MARK, *_commands(), *_subcommands(), *_plist(), *_sandbox(),
                      *_transcripts()])


def _commands() -> Iterator[str]:
    for page in PAGES:
        items = list(_items((ROOT / f"man/{page.name}.inc").read_text(encoding="utf-8")))
        if items:
            yield from (f"## {page.name}", "", *(f"* {item}" for item in items), "")


def _items(include: str) -> Iterator[str]:
    """The items of a page's section on differences, as plain text."""
    section = include.partition(_HEADING + "\n")[2].partition("\n[")[0]
    for item in section.split(r".IP \(bu 2")[1:]:
        for roff, text in _ROFF:
            item = re.sub(roff, text, item)
        yield _escaped(" ".join(item.split()))


def _subcommands() -> Iterator[str]:
    yield from ("## Subcommands of launchctl that are not available", "")
    yield from (f"* `{name}`" for name, where, _, _ in SUBCOMMANDS if not where)
    gone = ", ".join(f"`{name}`" for name in sorted(GONE))
    yield from ("", f"Gone since macOS 10.10 and refused as there: {gone}.", "")


def _plist() -> Iterator[str]:
    yield from ("## Keys of launchd.plist", "")
    rows = [(f"`{where}{key.name}`", key.effect, key.note)
            for where, table in (("", keys.TOP), ("KeepAlive.", keys.KEEP_ALIVE),
                                 ("Sockets.", keys.SOCKET))
            for key in table.values() if key.effect != keys.DONE]
    yield from _table(("key", "here", "why"), rows)


def _sandbox() -> Iterator[str]:
    yield from ("## What a sandbox cannot uphold on Linux", "",
                "Denials of these operations are not enforced. Codes marked with a star do not "
                "keep enforce-strict from running the command.", "")
    accepted = gaps.ACCEPTED
    rows = [(f"`{operation}`", f"`{code}`{'*' * (code in accepted)}", effect)
            for operation, (code, effect) in gaps.GAPS.items()]
    yield from _table(("operation", "code", "what that means"), rows)
    yield from ("Where a rule names one of these itself (denied as a part of more, it is upheld by "
                "what that is upheld by):", "")
    rows = [(f"`{operation}`", f"`{code}`{'*' * (code in accepted)}", effect)
            for operation, (code, effect) in gaps.ALONE.items()]
    yield from _table(("operation", "code", "what that means"), rows)
    yield from ("What no mechanism looks at is `no-mechanism` (an operation) or `filter-not-seen` "
                "(a filter), and enforce-strict refuses it.", "")
    yield from ("Always, whatever the profile says:", "")
    yield from (f"* `{code}`: {effect}" for code, effect in gaps.ALWAYS)
    yield from ("", "How far a rule about files, the network or signals is upheld depends on the "
                "kernel: `darling-dirserv sandbox plan FILE` says it rule by rule.", "")


def _transcripts() -> Iterator[str]:
    yield from ("## Transcripts of Macs that the tests do not assert", "")
    for file, what in _EXCEPTIONS.items():
        tables = tomllib.loads((ROOT / "tests/conformance" / file).read_text(encoding="utf-8"))
        yield from (f"### {what}", "")
        for kind, cases in tables.items():
            for case, why in cases.items():
                yield f"* `{case}` ({kind.replace('_', ' ')}): {_escaped(why)}"
        yield ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(tuple(head)) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _escaped(text: str) -> str:
    """Text in which no character means something to Markdown."""
    return re.sub(r"([*_<#`])", r"\\\1", text)


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
