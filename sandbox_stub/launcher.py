"""The file that is installed as sandbox-exec: bin/sandbox-exec with its head filled in."""

from __future__ import annotations

_HEAD = ("sx_root=", "sx_host=", "sx_mldr=", "sx_library=", "sx_python=")


def installed(text: str, *, root: str, host: str, mldr: str, library: str, python: str) -> str:
    """The text of bin/sandbox-exec for an installation.

    ``root`` is the root as programs in it see it ("" for their /), ``host`` the same directory as
    a Python process sees it, ``mldr`` the host path of Darling's loader if the root is a Darling
    prefix (else ""), ``library`` the directory of our packages as Python sees it, ``python`` the
    interpreter as a shell in the root starts it. Raises ValueError for a text without the lines.
    """
    values = dict(zip(_HEAD, (root, host, mldr, library, python)))
    lines = []
    for line in text.splitlines(keepends=True):
        name = next((name for name in values if line.startswith(name)), "")
        lines.append(f"{name}{_quoted(values.pop(name))}\n" if name else line)
    if values:
        raise ValueError(f"no line begins with {', '.join(values)}")
    return "".join(lines)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
