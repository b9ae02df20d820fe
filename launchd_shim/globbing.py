"""EnableGlobbing: the arguments as glob(3) of macOS expands them, braces and tilde included.

Source: spec/launchd.md 1.2, glob(3). A word that matches nothing stays as it is. Paths mean the
root's, so they are looked up below it and come back without it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Words that braces may make of one; with more the word stays as it is.
MOST_WORDS = 4096

#: As long as a path can be; a longer word, a script for instance, is no pattern.
LONGEST = 1024


def expand(words: list[str], root: str, directory: str, homes: Mapping[str, str]) -> list[str]:
    """The words that the job is started with.

    ``root`` is the host path of the root ("" for /), ``directory`` the job's working directory
    in it, ``homes`` user name -> home for ``~user``, "" being the job's own user.
    """
    found = []
    for word in words:
        made = _braces(word) if len(word) <= LONGEST else None
        for pattern in made if made is not None else [word]:
            path = _tilde(pattern, homes)
            found += _matches(path, root, directory) or [path]
    return found


def _tilde(word: str, homes: Mapping[str, str]) -> str:
    if not word.startswith("~"):
        return word
    user, slash, rest = word[1:].partition("/")
    return homes[user] + slash + rest if user in homes else word


def _matches(pattern: str, root: str, directory: str) -> list[str]:
    """The paths that match, sorted; none for a pattern without wildcards."""
    import glob

    pattern = _escapes(pattern)
    if len(pattern) > LONGEST or not glob.has_magic(pattern):
        return []
    if not pattern.startswith("/"):
        return sorted(glob.glob(pattern, root_dir=root + directory))
    found = glob.glob(glob.escape(root) + pattern)
    return sorted(path[len(root):] for path in found)


def _escapes(pattern: str) -> str:
    """A backslash makes the next character an ordinary one; for Python that is a set of one."""
    out, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\" and at + 1 < len(pattern):
            at += 1
            char = f"[{pattern[at]}]" if pattern[at] in "*?[" else pattern[at]
        out += char
        at += 1
    return out


def _braces(word: str) -> list[str] | None:
    """csh's braces: ``a{b,c}d`` is ``abd acd``; ``{}`` and unmatched ones are text.

    None when there would be more than MOST_WORDS.
    """
    done: list[str] = []
    pending = [word]
    while pending:
        text = pending.pop()
        opening = _opening(text)
        if opening is None:
            done.append(text)
        else:
            start, choices, end = opening
            pending += [text[:start] + choice + text[end:] for choice in reversed(choices)]
        if len(done) + len(pending) > MOST_WORDS:
            return None
    return done


def _opening(text: str) -> tuple[int, list[str], int] | None:
    """Where the first pair of braces starts, what it offers, where it ends."""
    start = -1
    while (start := text.find("{", start + 1)) >= 0:
        if text.startswith("{}", start):
            continue
        choices, depth, begin = [], 0, start + 1
        for at in range(start, len(text)):
            char = text[at]
            depth += (char == "{") - (char == "}")
            if depth == 0 or (depth == 1 and char == ","):
                choices.append(text[begin:at])
                begin = at + 1
            if depth == 0:
                return start, choices, at + 1
    return None
