"""The command xmllint: its options, and what it does with each file."""

from __future__ import annotations

import sys

from dirserv.fillers.command import read, text
from dirserv.fillers.xmllint import printing
from dirserv.fillers.xmllint.document import Document, NotXML, parse
from dirserv.fillers.xmllint.searching import Nothing, search
from dirserv.outcome import Outcome
from dirserv.paths import Root

#: xmllint.c: what its exit status means.
_UNPARSED, _NO_XPATH_RESULT, _UNWRITTEN = 1, 10, 6

#: As deep as libxml2 follows (xmlParserMaxDepth), times the calls for one level.
_FRAMES = 4 * 256 + 500

_USAGE = """\
Usage : {name} [options] XMLfiles ...
\tParse the XML files and output the result of the parsing
\t--version : display what reads the XML
\t--noout : don't output the result tree
\t--format : reformat/reindent the output
\t--noblanks : drop (ignorable?) blanks spaces
\t--dropdtd : remove the DOCTYPE of the input docs
\t--encode encoding : output in the given encoding
\t--output file or -o file: save to a given file
\t--xpath expr: evaluate the XPath expression, imply --noout
"""

#: Options that ask for what happens here anyway, or for nothing that this reader has.
_IGNORED = ("nonet", "noent", "nowarning", "quiet", "huge", "nocompact", "nocdata", "nocatalogs",
            "nofixup-base-uris", "nodefdtd", "noenc")

#: Option -> the setting it switches on; option with a value -> the setting it gives.
_SWITCHES = {"noout": "noout", "format": "format", "noblanks": "noblanks", "dropdtd": "dropdtd"}
_VALUED = {"xpath": "xpath", "encode": "encode", "output": "output", "o": "output"}


class _Misuse(Exception):
    """What to say before the usage."""


class _Settings:
    """The command line."""

    def __init__(self, arguments: list[str]) -> None:
        self.noout = self.format = self.noblanks = self.dropdtd = self.version = False
        self.xpath: str | None = None
        self.encode: str | None = None
        self.output: str | None = None
        self.files: list[str] = []
        pending = iter(arguments)
        for word in pending:
            option = word[2:] if word.startswith("--") else word[1:]
            if not word.startswith("-") or word == "-":
                self.files.append(word)
            elif option in _SWITCHES:
                setattr(self, _SWITCHES[option], True)
            elif option in _VALUED:
                value = next(pending, None)
                if value is None:
                    raise _Misuse
                setattr(self, _VALUED[option], value)
            elif option in ("version", "V"):
                self.version = True
            elif option not in _IGNORED:
                raise _Misuse(f"Unknown option {word}\n")


def run(argv: list[str], root: Root) -> Outcome:
    """The command xmllint; its status is that of the last file that failed."""
    try:
        settings = _Settings(argv[1:])
    except _Misuse as misuse:
        return Outcome(err=f"{misuse}{_USAGE.format(name=argv[0])}", status=_UNPARSED)
    outcome = Outcome(err=_version(argv[0]) if settings.version else "")
    if not settings.files and not settings.version:
        return Outcome(err=_USAGE.format(name=argv[0]), status=_UNPARSED)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))
    for file in settings.files:
        _one(settings, root, file, outcome)
    return outcome


def _version(name: str) -> str:
    from importlib import metadata
    from xml.parsers import expat

    try:
        xpath = f"elementpath version {metadata.version('elementpath')}"
    except metadata.PackageNotFoundError:
        xpath = "no elementpath: --xpath cannot work"
    return f"{name}: using {expat.EXPAT_VERSION.replace('_', ' version ')}, {xpath}\n"


def _one(settings: _Settings, root: Root, file: str, outcome: Outcome) -> None:
    try:
        data = read(root, file)
    except OSError:
        outcome.complain(f'warning: failed to load external entity "{file}"')
        outcome.status = _UNPARSED
        return
    try:
        document = parse(data)
        _answer(settings, root, document, outcome)
    except NotXML as fault:
        outcome.err += f"{file}:{fault}"
        outcome.status = _UNPARSED
    except Nothing as nothing:
        outcome.err += str(nothing)
        outcome.status = _NO_XPATH_RESULT
    except RecursionError:
        outcome.err += f"{file}: it is nested too deep to be printed\n"
        outcome.status = _UNPARSED


def _answer(settings: _Settings, root: Root, document: Document, outcome: Outcome) -> None:
    if settings.format or settings.noblanks:
        printing.drop_blanks(document.root)
    if settings.dropdtd:
        document.doctype = ""
    if settings.xpath is not None:
        outcome.out += search(document, settings.xpath)
    elif not settings.noout:
        _print(settings, root, document, outcome)


def _print(settings: _Settings, root: Root, document: Document, outcome: Outcome) -> None:
    encoding = settings.encode or document.encoding
    try:
        data = printing.encode(printing.whole(document, encoding, settings.format), encoding)
    except LookupError:
        outcome.complain(f"output error : unknown encoding {encoding}")
        outcome.status = _UNWRITTEN
        return
    if settings.output in (None, "-"):
        outcome.out += text(data)
        return
    try:
        with open(root.host(settings.output), "wb") as stream:
            stream.write(data)
    except OSError as error:
        outcome.complain(f"{settings.output}: cannot be written: {error.strerror}")
        outcome.status = _UNWRITTEN
