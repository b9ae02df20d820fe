"""One call of plutil: its options and files, and how every file is taken through one step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dirserv.fillers.command import read, text
from dirserv.fillers.plutil import formats
from dirserv.fillers.plutil.fault import Fault, Unreadable, unreadable
from dirserv.outcome import Outcome
from dirserv.paths import Root


class Options:
    """The options and files behind a verb and its own arguments."""

    def __init__(self, arguments: list[str]) -> None:
        self.files: list[str] = []
        self.output: str | None = None
        self.extension: str | None = None
        self.silent = self.readable = False
        self.newline = "\n"
        pending = iter(arguments)
        for word in pending:
            if word == "--":
                self.files += pending
            elif word == "-o":
                self.output = self._value(word, pending)
            elif word == "-e":
                self.extension = self._value(word, pending)
            elif word in ("-s", "-r", "-n"):
                self.silent |= word == "-s"
                self.readable |= word == "-r"
                self.newline = "" if word == "-n" else self.newline
            elif word.startswith("-") and len(word) > 1:
                raise Fault(f"unrecognized option: {word}")
            else:
                self.files.append(word)
        if not self.files:
            raise Fault("No files specified.")

    @staticmethod
    def _value(option: str, pending: Iterator[str]) -> str:
        for value in pending:
            return value
        raise Fault(f"Missing argument for {option}.")

    def refuse_output(self, verb: str) -> None:
        """Raise Fault if there is an option that only a verb that writes files has."""
        for option, value in (("-o", self.output), ("-e", self.extension)):
            if value is not None:
                raise Fault(f"{option} is not used with {verb}.")


#: What a verb does with one file: (what the call prints, the file).
Step = Callable[["Call", str], None]


class Call:
    """One call of plutil: where it runs, its options, its outcome so far."""

    def __init__(self, root: Root, arguments: list[str]) -> None:
        self.root = root
        self.options = Options(arguments)
        self.outcome = Outcome()

    def each(self, step: Step) -> Outcome:
        """Take the step for every file; what fails is said and fails the call in the end."""
        for file in self.options.files:
            shown = "<stdin>" if file == "-" else file
            try:
                step(self, file)
            except Unreadable as fault:
                self.outcome.complain(f"{shown}: ({fault})")
                self.outcome.status = 1
            except Fault as fault:
                self.outcome.complain(f"{shown}: {fault}")
                self.outcome.status = 1
        return self.outcome

    def data(self, file: str) -> bytes:
        """The bytes of a file; raises Fault."""
        if not file:
            raise Fault("Empty path specified")
        try:
            return read(self.root, file)
        except OSError as error:
            raise unreadable(file, error) from error

    def write(self, value: Any, form: str, file: str) -> None:
        """Write a value where the options say: standard output, -o, or ``file`` itself."""
        options, bare = self.options, form in ("raw", "type")
        data = formats.render(value, form, options.readable)
        target = options.output or _with_extension(file, options.extension)
        if options.output == "-" or (options.output is None and bare):
            self.outcome.out += text(data) + (options.newline if bare else "")
        else:
            self.store(target, data)

    def store(self, file: str, data: bytes) -> None:
        """Write a file, whose mode and links stay; raises Fault."""
        try:
            with open(self.root.host(file), "wb") as stream:
                stream.write(data)
        except OSError as error:
            raise Fault(f"cannot be written: {error.strerror}") from error


def _with_extension(file: str, extension: str | None) -> str:
    head, slash, name = file.rpartition("/")
    if extension is None or "." not in name[1:]:
        return file
    return f"{head}{slash}{name.rpartition('.')[0]}.{extension}"
