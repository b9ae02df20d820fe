"""The byte code of all modules in one file: an import reads it with one call instead of ten.

Layout: the interpreter's magic number (4 bytes, as in a ``.pyc``), the length of the index (4,
big-endian), the index, the code objects. The index, in marshal's format as they are, maps the name
of a module to (offset, length, its file below the library). Another interpreter than the one that
made the bundle does not look at it and compiles the sources beside it, as does one without it.
"""

from __future__ import annotations

import marshal
import posix
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

#: The file's name in the library, the directory where the packages lie.
NAME = "bytecode"


class Bundle:
    """An importer (PEP 451) of the modules in an open bundle."""

    def __init__(self, fd: int, library: str) -> None:
        self._fd = fd
        self._library = library
        size = int.from_bytes(posix.pread(fd, 4, 4), "big")
        self._start = 8 + size
        self._index: dict[str, tuple[int, int, str]] = marshal.loads(posix.pread(fd, size, 8))

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Where a module comes from; None if it is none of ours."""
        entry = self._index.get(name)
        if entry is None:
            return None
        file = f"{self._library}/{entry[2]}"
        # It has all that a loader has; typeshed wants one by name.
        spec = ModuleSpec(name, self, origin=file,  # type: ignore[arg-type]
                          is_package=file.endswith("/__init__.py"))
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(file[:-len("/__init__.py")])
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """Have the import system make the module as it makes any."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code."""
        offset, length, file = self._index[module.__name__]
        module.__file__ = f"{self._library}/{file}"
        exec(marshal.loads(posix.pread(self._fd, length, self._start + offset)), module.__dict__)


def use(library: str) -> None:
    """Import from the bundle of a library, if it has one of this interpreter's."""
    try:
        fd = posix.open(f"{library}/{NAME}", posix.O_RDONLY | posix.O_CLOEXEC)
    except FileNotFoundError:
        return
    if posix.pread(fd, 4, 0) == MAGIC_NUMBER:
        sys.meta_path.insert(0, Bundle(fd, library))


def made(library: str, files: Iterable[str], shown: str) -> bytes:
    """The bundle of the source files at these paths below ``library``, the same bytes whenever it
    is made. Tracebacks name the files below ``shown``. Raises SyntaxError."""
    index: dict[str, tuple[int, int, str]] = {}
    codes: list[bytes] = []
    end = 0
    for file in sorted(files):
        with open(f"{library}/{file}", "rb") as source:
            code = compile(source.read(), f"{shown}/{file}", "exec", dont_inherit=True)
        codes.append(marshal.dumps(code))
        name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        index[name] = (end, len(codes[-1]), file)
        end += len(codes[-1])
    head = marshal.dumps(index)
    return b"".join([MAGIC_NUMBER, len(head).to_bytes(4, "big"), head, *codes])
