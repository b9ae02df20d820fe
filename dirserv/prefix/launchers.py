"""The file that starts an installed command.

In Darling it is an sh script: a ``#!`` with an ELF interpreter is refused there, and a process
that becomes an ELF file itself counts as ended, so the host's Python runs as a child
(spec/darling.md). In any other tree it is a Python script, for then nothing starts faster; it
finds its root from where it lies, so that the same file serves from outside and in a chroot.
"""

from __future__ import annotations

import shlex

from dirserv import __version__

#: Where the package lies in a tree, and the replaced programs that ours still call.
LIBRARY = "/usr/local/libexec/darling-dirserv"
ORIGINALS = f"{LIBRARY}/original"
#: The host's root as a Darling prefix shows it to its programs.
HOST = "/Volumes/SystemRoot"

#: Longest ``#!`` line that every Linux takes.
_LONGEST_INTERPRETER = 120

_START = (f"library = root + {LIBRARY!r}; sys.path.insert(0, library); "
          "from dirserv.bundle import use; use(library); from {module} import main; main({call})")

_SH = """\
#!/bin/sh
# darling-dirserv {version}: the host's Python as a child, since a process that turns into an ELF
# program counts as ended here.
{before}DIRSERV_EUID=${{EUID-$(id -u)}} {python} -ISXutf8 -c {code} "$@"
exit $?
"""

_PYTHON = """\
#!{python} -ISXutf8
import _stat, posix, sys
path = __file__
if not path.endswith({path!r}) or _stat.S_ISLNK(posix.lstat(path).st_mode):
    import os  # only now: it costs a quarter of a start
    path = os.path.realpath(path)
root = path[:-{length}]
{before}{start}
"""


def darling(
    python: str, root: str, module: str, call: str, passed_on: tuple[str, ...] = (),
    original: str = "",
) -> bytes:
    """The launcher in a Darling prefix at the host path ``root``.

    It calls the ``main`` of ``module`` with the arguments in ``call``, which may name ``root``.
    With one of ``passed_on`` as its first argument it runs the program at ``original`` instead.
    """
    start = _START.format(module=module, call=call)
    code = f"import sys; root = {root!r}; {start}"
    before = ""
    if passed_on and original:
        words = "|".join(shlex.quote(word) for word in passed_on)
        before = f'case ${{1-}} in {words}) {shlex.quote(original)} "$@"; exit $?;; esac\n'
    return _SH.format(version=__version__, before=before, python=shlex.quote(HOST + python),
                      code=shlex.quote(code)).encode()


def plain(
    python: str, path: str, module: str, call: str, passed_on: tuple[str, ...] = (),
    original: str = "",
) -> bytes:
    """The launcher at the resolved ``path`` of any other tree; see ``darling``."""
    if len(python) > _LONGEST_INTERPRETER or any(blank in python for blank in " \t\n"):
        # A #! line cannot name it: sh skips an empty word and starts it, Python sees a string.
        python = f"/bin/sh\n''''exec {shlex.quote(python)} -ISXutf8 \"$0\" \"$@\" #'''\n#"
    before = ""
    if passed_on and original:
        before = (f"if sys.argv[1:2] and sys.argv[1] in {passed_on!r}: "
                  f"posix.execv(root + {original!r}, sys.argv)\n")
    start = _START.format(module=module, call=call)
    return _PYTHON.format(python=python, path=f"/{path}", length=len(path) + 1, before=before,
                          start=start).encode()
