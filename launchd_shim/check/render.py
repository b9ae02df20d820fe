"""The report as text."""

from __future__ import annotations

from launchd_shim.check.describe import rows
from launchd_shim.loading import Loaded
from launchd_shim.notes import IGNORED, NO_EFFECT, PARTLY, REMARK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launchd_shim.check.command import Result
    from launchd_shim.notes import Note
    from launchd_shim.refusal import Refused

_WIDTH = 11

#: What a piece of text is -> its colour on a terminal (SGR).
_COLOURS = {"name": "1", "heading": "2", "refused": "1;31", IGNORED: "33", NO_EFFECT: "36",
            PARTLY: "36", REMARK: "33"}


def text(results: list[Result], colour: bool) -> str:
    """One paragraph for each file."""
    return "\n".join(_paragraph(path, result, colour) for path, result in results)


def _paragraph(path: str, result: Loaded | Refused, colour: bool) -> str:
    if not isinstance(result, Loaded):
        title = _paint(f"refused: {result.code}: {result.text}", "refused", colour)
        return (f"{_paint(printable(path), 'name', colour)}: {title}\n"
                + _line("why", printable(result.detail), "heading", colour))
    title = _paint(printable(path), "name", colour)
    lines = [f"{title}: {printable(result.job.label)}\n"]
    for heading, values in rows(result.job):
        for at, value in enumerate(values):
            lines.append(_line("" if at else heading, printable(value), "heading", colour))
    lines += [_line(note.kind, printable(_sentence(note)), note.kind, colour)
              for note in result.notes]
    return "".join(lines)


def _sentence(note: Note) -> str:
    """The text, and the place where that tells more than the key in it."""
    from launchd_shim.check.spelling import hint

    key = note.key.rpartition(".")[2]
    place = f" (in {note.key.removesuffix(key).removesuffix('.')})" if "." in note.key else ""
    return note.text + place + (hint(key) if note.text.startswith("Unknown key") else "")


def _line(heading: str, value: str, style: str, colour: bool) -> str:
    return f"  {_paint(f'{heading:<{_WIDTH}}', style, colour)}{value}\n"


def _paint(word: str, style: str, colour: bool) -> str:
    return f"\033[{_COLOURS[style]}m{word}\033[0m" if colour else word


def printable(word: str) -> str:
    """The text without what a terminal would act on."""
    if word.isprintable():
        return word
    return "".join(char if char.isprintable() else _escape(char) for char in word)


def _escape(char: str) -> str:
    # A surrogate is a byte of a file's name that is not UTF-8.
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")
