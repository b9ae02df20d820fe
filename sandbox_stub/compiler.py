"""From the text of a profile to its rules: what sandbox_compile_string(3) is to macOS.

Sources: spec/sandbox.md 2.2, 2.3, 3.3.
"""

from __future__ import annotations

from sandbox_stub import limits
from sandbox_stub.errors import ProfileError
from sandbox_stub.evaluator import Machine
from sandbox_stub.filters import Filter
from sandbox_stub.library import Library, constant
from sandbox_stub.profile import Profile, Rule
from sandbox_stub.reader import Reader
from sandbox_stub.values import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Our own bsd.sb, system.sb and named profiles.
OWN_PROFILES = __file__.rpartition("/")[0] + "/profiles"
NAMED_PROFILES = (
    "no-internet", "no-network", "no-write", "no-write-except-temporary", "pure-computation",
)


def read_file(path: str) -> bytes:
    """The bytes of a file, no more of it than a profile may have; raises OSError."""
    with open(path, "rb") as file:
        return file.read(limits.TEXT + 1)


def compile_profile(
    text: str | bytes,
    *,
    file: str = "<input string>",
    parameters: dict[str, str] | None = None,
    strict: bool = True,
    profiles: Sequence[str] = (),
    read: Callable[[str], bytes] = read_file,
) -> Profile:
    """The rules that a text states; raises ProfileError with the real compiler's message.

    ``file`` is the name for messages; ``parameters`` are what ``-D`` gave. ``profiles`` are the
    directories that ``(import …)`` looks in before our own (the parameter IMPORT_DIR replaces
    them all); ``read`` gives the bytes of an imported file or raises OSError. A reading that is
    not ``strict`` makes warnings of unknown names, missing imports, ``#`` comments and filters
    or modifiers that do not fit.
    """
    compilation = _Compilation(parameters or {}, strict, profiles, read)
    try:
        compilation.evaluate(text, file)
    except RecursionError:
        # Lists can be nested by a loop, which no limit on texts or evaluations sees.
        raise ProfileError("the profile is nested too deep") from None
    return compilation.profile(file)


def profile_for_name(name: str, profiles: Sequence[str] = ()) -> str:
    """The text of a named profile (``-n``): one of our five, or NAME.sb in a directory.

    Raises ProfileError for a name that is not found.
    """
    directories = [OWN_PROFILES] if name in NAMED_PROFILES else profiles
    for directory in directories if "/" not in name else ():
        try:
            return _text(read_file(f"{directory}/{name}.sb"))
        except OSError:
            continue
    raise ProfileError(f"{name}: profile not found")


class _Compilation:
    """One run of the machine over a profile and its imports."""

    def __init__(
        self,
        parameters: dict[str, str],
        strict: bool,
        profiles: Sequence[str],
        read: Callable[[str], bytes],
    ) -> None:
        self._parameters = parameters
        self._directories = ([parameters["IMPORT_DIR"]] if "IMPORT_DIR" in parameters
                             else [*profiles, OWN_PROFILES])
        self._read = read
        self._importing = 0
        self._library = Library(parameters, self._import)
        self._machine = Machine(self._library.variables(), constant, strict)

    def evaluate(self, text: str | bytes, file: str) -> None:
        """Evaluate the forms of a text one by one, each before the next is read."""
        source = Source(_text(text), file)
        for form in Reader(source, self._machine).forms():
            self._machine.evaluate(form, self._machine.globals)

    def _import(self, name: str) -> None:
        paths = [name] if name.startswith("/") else [
            directory.rstrip("/") + "/" + name for directory in self._directories]
        if self._importing >= limits.IMPORTS:
            raise self._machine.fail(f"more than {limits.IMPORTS} files import one another")
        for path in paths:
            try:
                text = self._read(path)
            except (OSError, ValueError):
                continue
            self._importing += 1
            self.evaluate(text, path)
            self._importing -= 1
            return
        self._machine.tolerate(self._machine.fail(f'unable to open "{name}": not found'))

    def profile(self, file: str) -> Profile:
        """What was collected, with the rule that nobody has to write."""
        if self._library.version is None:
            raise ProfileError("no version specified")
        rules = self._library.scope.rules
        if "NO_IMPLICIT_RULES" not in self._parameters:
            rules.append(Rule("allow", ("signal",), Filter("target", ("self",))))
        profile = Profile(file, self._parameters, rules)
        profile.warnings = self._machine.warnings
        return profile


def _text(text: str | bytes) -> str:
    """A text as characters; bytes that are no UTF-8 are kept (surrogateescape)."""
    if len(text) > limits.TEXT:
        raise ProfileError(f"the profile is larger than {limits.TEXT} bytes")
    try:
        if isinstance(text, str):
            text = text.encode("utf-8", "surrogateescape")
        return text.decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ProfileError("the profile is not text: it has surrogate characters") from None
